import { describe, expect, it } from 'vitest'
import { disjointQuorums, isQuorum } from './sim/quorums.ts'
import { entry, group, ready, three, voters } from './support/observed-group.ts'

describe('what looks after simulated groups', () => {
  it('finds nothing wrong with a leader that was elected and commits what is on the disks of two', () => {
    const { safety, members, save, elect } = group()
    elect(2)
    members[0].log.append([entry(2, 2)])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    safety.observe(members[0].is({ committed: 2, members: [{ id: 2, match: 2 }] }))
    expect(safety.committed).toBe(2)
  })

  it('knows two leaders of one term, be they two members or two lives of one', () => {
    const { safety, members, elect } = group()
    elect(2)
    members[0].life = 2
    expect(() => safety.observe(members[0])).toThrow('term 2 was led by member 1 in its life 1, and is led by member 1 in its life 2')
  })

  it('knows a leader for which no quorum has voted, and one whose own vote can be forgotten', () => {
    const { safety, members, vote } = group()
    expect(() => safety.observe(members[0].is({ role: 'leader', term: 2 }))).toThrow('no quorum of its configuration has voted for it')
    const other = group()
    other.vote(other.members[1], 1, 2)
    expect(() => other.safety.observe(other.members[0].is({ role: 'leader', term: 2 }))).toThrow('its own vote is not on its disk')
    vote(members[2], 1, 3)
    expect(() => vote(members[2], 2, 3)).toThrow('member 3 voted in term 3 for 1 and for 2')
  })

  it('knows a member that forgot the term of a promise', () => {
    const { safety, members, vote } = group()
    vote(members[1], 1, 5)
    expect(() => safety.begins(members[1].is({ term: 4 }))).toThrow('member 2 forgot term 5')
  })

  it('knows a commit index that goes back, and one of what is on no quorum of disks', () => {
    const { safety, members, elect } = group()
    safety.observe(members[1].is({ committed: 4 }))
    expect(() => safety.observe(members[1].is({ committed: 3 }))).toThrow('the commit index of member 2 went back from 4 to 3')
    elect(2)
    members[0].log.append([entry(2, 2)])
    expect(() => safety.observe(members[0].is({ committed: 2 }))).toThrow(
      'leader 1 committed entry 2 of term 2, which is not on the disks of a quorum',
    )
  })

  it('knows an entry that is said to be on the disks of all voters, and is not', () => {
    const { safety, members, save, elect } = group()
    elect(2)
    members[0].log.append([entry(2, 2)])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    members[0].durableOnAll = 2
    expect(() => safety.observe(members[0])).toThrow(
      'leader 1 says that all voters have entry 2, and the disk of member 3 does not hold it',
    )
    save(3, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    members[0].durableOnAll = 1
    safety.observe(members[0])
    members[0].durableOnAll = 2
    safety.observe(members[0])
  })

  it('knows a leader that sleeps while there is something to do', () => {
    const { safety, members, save, elect } = group()
    elect(2)
    members[0].log.append([entry(2, 2)])
    members[0].is({ members: [1, 2, 3].map(id => ({ id, match: 2 })) })
    safety.sleeps(members[1])
    expect(() => safety.sleeps(members[0])).toThrow('leader 1 sleeps, and has applied 1 of 2 entries')
    members[0].digest = { index: 2, digest: '2' }
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    expect(() => safety.sleeps(members[0])).toThrow('leader 1 sleeps, and the disk of member 3 does not hold entry 2')
    save(3, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    safety.sleeps(members[0])
  })

  it('knows an acknowledgement that is taken for one of an entry that is not there', () => {
    const { safety, members, elect } = group()
    elect(2)
    members[0].log.append([entry(2, 2)])
    members[0].is({ members: [{ id: 3, match: 2 }] })
    expect(() => safety.observe(members[0])).toThrow('leader 1 takes entry 2 for acknowledged by member 3, whose disk does not hold it')
  })

  it('knows logs that do not match, and a leader without what was committed', () => {
    const { safety, members, save, elect } = group()
    safety.handsOut(members[0], ready({ entries: [entry(2, 2, 'a')] }))
    expect(() => safety.handsOut(members[1], ready({ entries: [entry(2, 2, 'b')] }))).toThrow('entry 2/2 has two contents')
    safety.handsOut(members[0], ready({ entries: [entry(2, 2, 'a'), entry(3, 3)] }))
    members[2].log.append([entry(2, 1)])
    expect(() => safety.handsOut(members[2], ready({ entries: [entry(3, 3)] }))).toThrow(
      'entry 3/3 follows an entry of term 2 and one of term 1',
    )
    elect(2)
    members[0].log.append([entry(2, 2, 'a')])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    safety.observe(members[0].is({ committed: 2 }))
    const leads = ready({ softState: { role: 'leader', leader: 3 }, entries: [entry(3, 4)] })
    safety.handsOut(members[2].is({ term: 2 }), ready({ softState: { role: 'leader', leader: 3 } }))
    expect(() => safety.handsOut(members[2].is({ term: 4 }), leads)).toThrow(
      'leader 3 does not have entry 2 of term 2, which was committed',
    )
  })

  it('knows state machines that differ: in an entry, in their state, in their configuration', () => {
    const { safety, members } = group()
    safety.applied(members[0], 2, 2)
    expect(() => safety.applied(members[1], 2, 1)).toThrow('entry 2 was applied of term 2 and of term 1')
    members[1].digest = { index: 2, digest: '1' }
    expect(() => safety.applied(members[1], 2, 2)).toThrow('member 2 has another state at entry 2')
    members[2].confState = voters(1, 2)
    expect(() => safety.applied(members[2], 2, 2)).toThrow('member 3 has another configuration at entry 2')
    expect(() => safety.observe(members[2])).toThrow('member 3 works with another configuration than its state machine has')
  })

  it('knows a change of the configuration after which two quorums need not overlap', () => {
    const { safety, members } = group()
    safety.applied(members[0], 2, 1)
    members[0].confState = voters(3, 4, 5)
    expect(() => safety.applied(members[0], 3, 1)).toThrow(/at entry 3, .* are a quorum of the configuration before, and .* of the new one/)
  })

  it('knows a candidate that has not applied a committed change of the configuration', () => {
    const { safety, members } = group()
    members[1].log.append([entry(2, 1, '', 'conf-change')])
    // Nobody has committed this one: what took its place is still being written.
    safety.observe(members[1].is({ role: 'candidate', committed: 2 }))
    safety.applied(members[0], 2, 1)
    expect(() => safety.observe(members[1].is({ committed: 2 }))).toThrow(
      'has not applied entry 2, a committed change of the configuration',
    )
  })

  it('knows a candidate that has not applied two changes of the configuration in its log, committed or not; one may be', () => {
    const { safety, members } = group()
    const change = (index: number) => ({ ...entry(index, 1), type: 'conf-change' as const })
    members[1].log.append([change(2), entry(3, 1)])
    for (const role of ['candidate', 'pre-candidate'] as const) safety.observe(members[1].is({ role, committed: 1 }))
    members[1].log.append([change(4)])
    safety.observe(members[1].is({ role: 'follower', committed: 1 }))
    for (const role of ['candidate', 'pre-candidate'] as const)
      expect(() => safety.observe(members[1].is({ role, committed: 1 }))).toThrow(
        'member 2 wants to lead, and has not applied 2 changes of the configuration that are in its log',
      )
  })

  it('knows reads that are stale, by rounds and by leases, and those that nobody asked for', () => {
    const { safety, members, elect, save } = group()
    const early = safety.asksRead()
    elect(2)
    members[0].log.append([entry(2, 2)])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    safety.observe(members[0].is({ committed: 2 }))
    safety.answersRead(members[1], { context: early, index: 1 })
    const late = safety.asksRead()
    expect(() => safety.answersRead(members[1], { context: late, index: 1 })).toThrow(/answers a read at 1, and 2 was committed/)
    expect(() => safety.answersRead(members[1], { context: 99, index: 9 })).toThrow('nobody asked for')
    expect(safety.leaseRead(members[2], { index: 1, term: 1 })).toThrow('member 3 read by lease at 1, and 2 was committed before')
  })

  it('knows a pre-vote that changes a term', () => {
    const { safety, members } = group()
    expect(() => safety.heardPreVote(members[0].is({ term: 3 }), 2, 0)).toThrow('a pre-vote took member 1 from term 2 to 3')
  })

  it('counts quorums of both halves, and knows those that do not overlap', () => {
    const joint = { ...voters(4, 5), votersOutgoing: [1, 2, 3] }
    expect(
      [
        [1, 2, 4, 5],
        [4, 5],
        [1, 2, 3, 4],
      ].map(ids => isQuorum(joint, id => ids.includes(id))),
    ).toEqual([true, false, false])
    expect(disjointQuorums(three, voters(1, 2, 3, 4))).toBeUndefined()
    expect(disjointQuorums(three, joint)).toBeUndefined()
    expect(disjointQuorums(three, voters(3, 4, 5))).toBeDefined()
  })
})
