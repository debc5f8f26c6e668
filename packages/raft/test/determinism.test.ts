import { memberId, type PeerMessage, type Ready } from '@disruptorx/raft'
import { SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { Cluster } from './support/cluster.ts'
import { bytes } from './support/member.ts'

/** A group on a bad network, with proposals, changes, transfers and restarts: all that chance decides comes from one seed. */
function run(seed: number, isAsync: boolean): { readies: Ready[]; applied: string[][] } {
  const random = new SeededRandom(seed)
  const voters = [1, memberId(2, 3), 3]
  const cluster = new Cluster({ voters, config: { random: random.derive('time-outs'), asyncStorageWrites: isAsync } })
  const chance = random.derive('world')
  let proposed = 0
  for (let step = 0; step < 400; step++) {
    const id = chance.pick(voters)
    const { node } = cluster.member(id)
    const what = chance.below(20)
    if (what < 12) node.tick()
    else if (what < 16) node.propose([bytes(`p${proposed++}`)])
    else if (what === 16) node.readIndex(step)
    else if (what === 17) node.transferLeadership(chance.pick(voters))
    else if (what === 18) cluster.start(id)
    else
      node.proposeConfChange({
        transition: 'auto',
        changes: [{ type: chance.chance(0.5) ? 'add-learner-node' : 'remove-node', nodeId: 9 }],
        context: new Uint8Array(0),
      })
    cluster.work()
    const arriving = cluster.take(() => chance.chance(0.8))
    for (const message of arriving) if (chance.chance(0.9)) cluster.deliver(message)
  }
  return {
    readies: [...cluster.members.values()].flatMap(({ readies }) => readies),
    applied: [...cluster.members.values()].map(({ applied }) => applied),
  }
}

describe('the same calls', () => {
  it.each([false, true])('give deeply equal answers, with asynchronous storage %s', isAsync =>
    withSeed(
      'determinism',
      random => {
        const seed = random.u32()
        expect(run(seed, isAsync)).toEqual(run(seed, isAsync))
      },
      { count: 20 },
    ),
  )

  it('keep what members applied the same, as far as each got', () =>
    withSeed(
      'agreement',
      random => {
        const { applied } = run(random.u32(), random.chance(0.5))
        const longest = applied.reduce((a, b) => (b.length > a.length ? b : a))
        for (const one of applied) expect(longest.slice(0, one.length)).toEqual(one)
      },
      { count: 60 },
    ))

  it('address members in ascending order', () => {
    const cluster = new Cluster({ voters: [7, 3, 1, 5], learners: [4, 2] })
    cluster.elect(3)
    cluster.member(3).node.propose([bytes('a')])
    const targets = (messages: readonly PeerMessage[]) => messages.map(({ to }) => to)
    expect(targets(cluster.member(3).node.ready().messages)).toEqual([1, 2, 4, 5, 7])
  })
})
