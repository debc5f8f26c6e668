import { JointConfig, MajorityConfig, type VoteResult } from '@disruptorx/raft'
import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { majoritiesOf, subsetsOf } from './support/sets.ts'

/** The highest index for which some majority has all acknowledged it: by trying all of them. */
function bruteCommitted(ids: readonly number[], acked: ReadonlyMap<number, number>): number {
  if (ids.length === 0) return Number.POSITIVE_INFINITY
  return Math.max(...majoritiesOf(ids).map(majority => Math.min(...majority.map(id => acked.get(id) ?? 0))))
}

/** What an election comes to, by trying how everybody may still vote. */
function bruteVote(ids: readonly number[], votes: ReadonlyMap<number, boolean>): VoteResult {
  if (ids.length === 0) return 'won'
  const open = ids.filter(id => !votes.has(id))
  const wins = subsetsOf(open).map(more => {
    const granted = ids.filter(id => votes.get(id) === true || more.includes(id))
    return granted.length * 2 > ids.length
  })
  if (wins.every(won => won)) return 'won'
  return wins.some(won => won) ? 'pending' : 'lost'
}

function joined(incoming: VoteResult, outgoing: VoteResult): VoteResult {
  if (incoming === 'lost' || outgoing === 'lost') return 'lost'
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'pending'
}

function someIds(random: SeededRandom): number[] {
  return Array.from({ length: 9 }, (_, i) => i + 1).filter(() => random.chance(0.5))
}

describe('a majority', () => {
  it('commits what the best of all its majorities has acknowledged', () =>
    withSeed(
      'majority',
      random => {
        const ids = someIds(random)
        const acked = new Map(ids.filter(() => random.chance(0.8)).map(id => [id, random.below(5)]))
        const config = new MajorityConfig(ids)
        const index = config.committedIndex({ ackedIndex: id => acked.get(id) })
        expect(index).toBe(bruteCommitted(ids, acked))
      },
      { count: 500 },
    ))

  it('gives the same answer when it is asked again with other acknowledgements in between', () => {
    const config = new MajorityConfig([3, 1, 2])
    const low = { ackedIndex: (id: number) => id }
    expect(config.committedIndex(low)).toBe(2)
    expect(config.committedIndex({ ackedIndex: () => 100 })).toBe(100)
    expect(config.committedIndex(low)).toBe(2)
  })

  it('commits indexes beyond 32 bits, up to the last safe number', () => {
    const last = Number.MAX_SAFE_INTEGER
    const acked = new Map([
      [1, last],
      [2, last - 1],
      [3, 7],
    ])
    expect(new MajorityConfig(acked.keys()).committedIndex({ ackedIndex: id => acked.get(id) })).toBe(last - 1)
  })

  it('is won, open or lost as trying all votes that are still open says', () =>
    withSeed(
      'votes',
      random => {
        const ids = someIds(random)
        const votes = new Map(ids.filter(() => random.chance(0.7)).map(id => [id, random.chance(0.5)]))
        expect(new MajorityConfig(ids).voteResult(votes)).toBe(bruteVote(ids, votes))
      },
      { count: 500 },
    ))

  it('takes no notice of who is no voter', () => {
    const config = new MajorityConfig([1, 2, 3])
    const votes = new Map([4, 5, 6, 7].map(id => [id, true]))
    expect(config.voteResult(votes)).toBe('pending')
    expect(config.committedIndex({ ackedIndex: id => (id > 3 ? 10 : 0) })).toBe(0)
  })

  it('has its members once and in order, however they were given', () => {
    expect(new MajorityConfig([3, 1, 3, 2]).ids).toEqual([1, 2, 3])
  })
})

describe('a joint configuration', () => {
  it('commits what both majorities have, and elects whom both elect', () =>
    withSeed(
      'joint',
      random => {
        const [incoming, outgoing] = [someIds(random), someIds(random)]
        const all = [...new Set([...incoming, ...outgoing])]
        const acked = new Map(all.filter(() => random.chance(0.8)).map(id => [id, random.below(5)]))
        const votes = new Map(all.filter(() => random.chance(0.7)).map(id => [id, random.chance(0.6)]))
        const config = new JointConfig(incoming, outgoing)
        const acks = { ackedIndex: (id: number) => acked.get(id) }
        expect(config.committedIndex(acks)).toBe(Math.min(bruteCommitted(incoming, acked), bruteCommitted(outgoing, acked)))
        expect(config.voteResult(votes)).toBe(joined(bruteVote(incoming, votes), bruteVote(outgoing, votes)))
        expect(new JointConfig(outgoing, incoming).committedIndex(acks)).toBe(config.committedIndex(acks))
      },
      { count: 500 },
    ))

  it('with an empty half is the other half', () => {
    const config = new JointConfig([1, 2, 3])
    expect(config.isJoint).toBe(false)
    expect(config.committedIndex({ ackedIndex: id => id })).toBe(2)
    expect(
      config.voteResult(
        new Map([
          [1, true],
          [2, true],
        ]),
      ),
    ).toBe('won')
    expect(config.ids()).toEqual([1, 2, 3])
  })

  it('names the voters of both halves once', () => {
    const config = new JointConfig([1, 2, 3], [3, 4])
    expect(config.ids()).toEqual([1, 2, 3, 4])
    expect([1, 4, 5].map(id => config.has(id))).toEqual([true, true, false])
  })

  it('is a singleton only when one voter alone decides', () => {
    expect(new JointConfig([1]).isSingleton).toBe(true)
    expect(new JointConfig([1], [1]).isSingleton).toBe(false)
    expect(new JointConfig([1, 2]).isSingleton).toBe(false)
  })
})
