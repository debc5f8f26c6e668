import { MemoryLog, RawNode } from '@disruptorx/raft'
import { expect, it } from 'vitest'

it('leads a group of one', () => {
  const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  const log = new MemoryLog({ index: 1, term: 1, confState, data: new Uint8Array(0) })
  const node = new RawNode({ id: 1, random: { u32: () => 0 } }, log)
  node.campaign()
  while (node.hasReady()) {
    const ready = node.ready()
    log.append(ready.entries)
    if (ready.hardState) log.setHardState(ready.hardState)
    node.advance()
  }
  expect(node.status()).toMatchObject({ role: 'leader', committed: 2, applied: 2 })
})
