import { type ConfState, decodeConfChange, MemoryLog, type PeerMessage, RawNode } from '@disruptorx/raft'

/** Runs a group through elections, entries, a change of its members and a snapshot, and says all that it did: the same wherever it runs. */
export function runGroup(): string[] {
  const confState: ConfState = { voters: [1, 2, 3], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
  const start = { index: 1, term: 1, confState, data: new Uint8Array(0) }
  const said: string[] = []
  const members = new Map(
    [1, 2, 3, 2 ** 32 + 4].map(id => {
      const log = id < 4 ? new MemoryLog(start) : new MemoryLog()
      return [id, { log, node: new RawNode({ id, random: { u32: () => (id * 7) % 100 } }, log) }] as const
    }),
  )
  const settle = () => {
    for (let network: PeerMessage[] = [], rounds = 0; rounds === 0 || network.length > 0; rounds++) {
      const arriving = network
      network = []
      for (const message of arriving) members.get(message.to)?.node.step(message)
      for (const { log, node } of members.values()) {
        while (node.hasReady()) {
          const ready = node.ready()
          if (ready.snapshot !== undefined) log.applySnapshot(ready.snapshot)
          log.append(ready.entries)
          for (const { index, type, data } of ready.committedEntries)
            if (type === 'conf-change') node.applyConfChange(decodeConfChange(data), index)
          network.push(...ready.messages, ...ready.messagesAfterAppend)
          node.advance()
          said.push(JSON.stringify({ ...ready, storageAppend: null, storageApply: null }))
        }
      }
    }
  }
  members.get(2)?.node.campaign()
  settle()
  members.get(1)?.node.propose([new TextEncoder().encode('hello')])
  settle()
  members.get(2)?.node.proposeConfChange({
    transition: 'auto',
    changes: [
      { type: 'add-node', nodeId: 2 ** 32 + 4 },
      { type: 'remove-node', nodeId: 1 },
    ],
    context: new Uint8Array(0),
  })
  settle()
  members.get(3)?.node.readIndex(7)
  settle()
  for (const { node } of members.values()) said.push(JSON.stringify(node.status()))
  return said
}
