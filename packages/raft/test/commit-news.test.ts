import type { MsgApp } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

/** A leader of three, and what it sends. */
function leading(config = {}) {
  const cluster = new Cluster({ config })
  const { node } = cluster.elect(1)
  const sent = () =>
    cluster
      .member(1)
      .work()
      .filter((message): message is MsgApp => message.type === 'MsgApp')
      .map(({ to, index, entries, commit }) => ({ to, index, count: entries.length, commit }))
  const acknowledge = (from: number, index: number) =>
    node.step({ type: 'MsgAppResp', from, to: 1, term: 1, index, reject: false, rejectHint: 0, logTerm: 0 })
  return { cluster, node, sent, acknowledge }
}

describe('a follower is told what is committed', () => {
  it('once: when it moves, and not again with its own acknowledgement', () => {
    const { node, sent, acknowledge } = leading()
    node.propose([bytes('a')])
    expect(sent()).toEqual([
      { to: 2, index: 2, count: 1, commit: 2 },
      { to: 3, index: 2, count: 1, commit: 2 },
    ])
    acknowledge(3, 3)
    expect(sent()).toEqual([
      { to: 2, index: 3, count: 0, commit: 3 },
      { to: 3, index: 3, count: 0, commit: 3 },
    ])
    acknowledge(2, 3)
    expect(sent()).toEqual([])
  })

  it('anew with its acknowledgement, when a heartbeat told it less meanwhile', () => {
    const { node, sent, acknowledge } = leading()
    node.propose([bytes('a')])
    acknowledge(3, 3)
    sent()
    node.tick()
    expect(sent()).toEqual([])
    acknowledge(2, 3)
    expect(sent()).toEqual([{ to: 2, index: 3, count: 0, commit: 3 }])
  })
})
