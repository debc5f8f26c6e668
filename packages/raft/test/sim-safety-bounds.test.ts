import { describe, expect, it } from 'vitest'
import type { LeaseRead, PeerMessage } from '../src/index.ts'
import { MemoryLog } from '../src/index.ts'
import { disjointQuorums } from './sim/quorums.ts'
import { entry, group, ready, three, voters } from './support/observed-group.ts'

const leads = { role: 'leader', leader: 1 } as const

/** A log that begins after a snapshot. */
function logAfter(index: number, term = 1): MemoryLog {
  return new MemoryLog({ index, term, confState: three, data: new Uint8Array(0) })
}

/** A group in which an entry is committed: that with the index 2, in the term 2, by the first member, on its disk and that of the second one. */
function committed() {
  const made = group()
  const { safety, members, save, elect } = made
  elect(2)
  members[0].log.append([entry(2, 2)])
  for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
  safety.observe(members[0].is({ committed: 2 }))
  return made
}

describe('who looks after simulated groups, of votes and promises', () => {
  it('takes a refusal for no vote and for no promise', () => {
    const { safety, members, vote } = group()
    safety.sends(members[2], { type: 'MsgAppResp', from: 3, to: 1, term: 5, reject: true } as PeerMessage)
    safety.begins(members[2].is({ term: 4 }))
    safety.sends(members[1], { type: 'MsgVoteResp', from: 2, to: 3, term: 5, reject: true } as PeerMessage)
    vote(members[1], 1, 5)
  })

  it('takes an acknowledgement for a promise, which no older one takes back', () => {
    const { safety, members } = group()
    for (const term of [5, 3]) safety.sends(members[1], { type: 'MsgAppResp', from: 2, to: 1, term, reject: false } as PeerMessage)
    safety.begins(members[1].is({ term: 5 }))
    expect(() => safety.begins(members[1].is({ term: 4 }))).toThrow('member 2 forgot term 5')
  })

  it('counts no vote for somebody else', () => {
    const { safety, members, save, vote } = group()
    save(1, { term: 2, vote: 1, commit: 1 })
    vote(members[1], 3, 2)
    expect(() => safety.observe(members[0].is({ role: 'leader', term: 2 }))).toThrow('no quorum of its configuration has voted for it')
  })

  it.each([
    [{ term: 2, vote: 3 }, false],
    [{ term: 2, vote: 0 }, false],
    [{ term: 1, vote: 1 }, false],
    [{ term: 2, vote: 1 }, true],
    [{ term: 3, vote: 0 }, true],
  ])("takes a leader's own vote in the term 2 for kept by a disk with %o: %s", (saved, isKept) => {
    const { safety, members, save, vote } = group()
    save(1, { ...saved, commit: 1 })
    vote(members[1], 1, 2)
    const observe = () => safety.observe(members[0].is({ role: 'leader', term: 2 }))
    if (isKept) observe()
    else expect(observe).toThrow('its own vote is not on its disk')
  })

  it('knows a pre-vote that changes a vote', () => {
    const { safety, members } = group()
    expect(() => safety.heardPreVote(members[0].is({ term: 2, vote: 3 }), 2, 0)).toThrow('a pre-vote took member 1')
    safety.heardPreVote(members[0], 2, 3)
  })
})

describe('who looks after simulated groups, of what is committed', () => {
  it('holds a life to the commit index with which it began', () => {
    const { safety, members } = group()
    safety.begins(members[1].is({ committed: 4 }))
    expect(() => safety.observe(members[1].is({ committed: 3 }))).toThrow('the commit index of member 2 went back from 4 to 3')
  })

  it('knows how far a group has come, though an old leader is not as far', () => {
    const { safety, members, save, vote } = committed()
    save(3, { term: 3, vote: 3, commit: 1 }, entry(2, 2))
    vote(members[1], 3, 3)
    members[2].log.append([entry(2, 2)])
    safety.observe(members[2].is({ role: 'leader', term: 3, committed: 1 }))
    expect(safety.committed).toBe(2)
  })

  it('takes what a snapshot covers for durable, and no other entry of the same index', () => {
    const commit = (log: MemoryLog) => {
      const { safety, members, disks, save, elect } = group()
      elect(2)
      members[0].log.append([entry(2, 2)])
      save(1, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
      disks.set(2, { durable: log })
      safety.observe(members[0].is({ committed: 2 }))
    }
    const other = logAfter(1)
    other.append([entry(2, 1)])
    commit(logAfter(5, 2))
    expect(() => commit(other)).toThrow('leader 1 committed entry 2 of term 2, which is not on the disks of a quorum')
  })

  it('asks of a leader what was committed in each earlier term, and only that of what its own log still has', () => {
    const leadsIn = (term: number, log: MemoryLog, ...entries: ReturnType<typeof entry>[]) => {
      const { safety, members } = committed()
      const leader = Object.assign(members[2], { log })
      return () => safety.handsOut(leader.is({ term }), ready({ softState: leads, entries }))
    }
    const lacks = 'leader 3 does not have entry 2 of term 2, which was committed'
    expect(leadsIn(3, logAfter(1))).toThrow(lacks)
    expect(leadsIn(2, logAfter(1))).not.toThrow()
    expect(leadsIn(3, logAfter(5, 2))).not.toThrow()
    // It is handed out with this very work.
    expect(leadsIn(3, logAfter(1), entry(2, 2), entry(3, 3))).not.toThrow()
    expect(leadsIn(3, logAfter(1), entry(3, 3))).toThrow(lacks)
  })

  it('asks for the earliest of what was committed too', () => {
    const { safety, members, save } = committed()
    members[0].log.append([entry(3, 2)])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 2 }, entry(3, 2))
    safety.observe(members[0].is({ committed: 3 }))
    members[2].log.append([entry(2, 1), entry(3, 2)])
    expect(() => safety.handsOut(members[2].is({ term: 3 }), ready({ softState: leads }))).toThrow('leader 3 does not have entry 2')
  })

  it('tells entries apart by their kind too, and learns nothing of what comes before one whose log begins there', () => {
    const { safety, members } = group()
    safety.handsOut(members[0], ready({ entries: [entry(2, 2, 'a')] }))
    expect(() => safety.handsOut(members[1], ready({ entries: [entry(2, 2, 'a', 'conf-change')] }))).toThrow('entry 2/2 has two contents')
    for (const [first, second] of [
      [logAfter(5), logAfter(1)],
      [logAfter(1), logAfter(5)],
    ] as const) {
      const other = group()
      Object.assign(other.members[0], { log: first })
      Object.assign(other.members[1], { log: second })
      other.safety.handsOut(other.members[0], ready({ entries: [entry(2, 2)] }))
      other.safety.handsOut(other.members[1], ready({ entries: [entry(2, 2)] }))
    }
  })
})

describe('who looks after simulated groups, of what leaders believe', () => {
  /** A leader of the term 2 that has an entry, and takes it for acknowledged by the third member, whose disk is this. */
  function believes(disk: MemoryLog, log = logAfter(1)) {
    const made = group()
    made.elect(2)
    if (log.firstIndex === 2) log.append([entry(2, 2)])
    made.disks.set(3, { durable: disk })
    const leader = Object.assign(made.members[0], { log }).is({ members: [{ id: 3, match: 2 }] })
    return { ...made, look: () => made.safety.observe(leader) }
  }

  /** A disk of this term with this entry. */
  function disk(term: number, ...entries: ReturnType<typeof entry>[]): MemoryLog {
    const log = logAfter(1)
    log.setHardState({ term, vote: 0, commit: 1 })
    log.append(entries)
    return log
  }

  it('finds no fault where the disk has it, a snapshot covers it, its owner follows somebody newer, or the leader itself has it no more', () => {
    believes(disk(2, entry(2, 2))).look()
    believes(logAfter(5, 2)).look()
    believes(disk(3)).look()
    believes(disk(2, entry(2, 1)), logAfter(5, 2)).look()
  })

  it('knows a disk without it, and one with another entry in its place', () => {
    const wrong = 'leader 1 takes entry 2 for acknowledged by member 3, whose disk does not hold it'
    expect(believes(disk(2)).look).toThrow(wrong)
    expect(believes(disk(1, entry(2, 1))).look).toThrow(wrong)
  })

  it('looks when a leader comes to believe it, not at what becomes of the disk later', () => {
    const { look, disks } = believes(disk(2, entry(2, 2)))
    look()
    disks.set(3, { durable: disk(2) })
    look()
  })
})

describe('who looks after simulated groups, of configurations', () => {
  it('asks candidates of both kinds, and nobody else, whether they have applied what they know to be committed', () => {
    const stands = (role: string, applied: number, known: number, type: 'normal' | 'conf-change' = 'conf-change') => {
      const { safety, members } = group()
      members[1].log.append([entry(2, 1, '', type)])
      safety.applied(members[0], 2, 1)
      members[1].digest = { index: applied, digest: '0' }
      return () => safety.observe(members[1].is({ role, committed: known }))
    }
    for (const role of ['candidate', 'pre-candidate']) {
      expect(stands(role, 1, 2)).toThrow('has not applied entry 2, a committed change of the configuration')
      expect(stands(role, 1, 9)).toThrow('has not applied entry 2')
      expect(stands(role, 2, 2)).not.toThrow()
      expect(stands(role, 2, 9)).not.toThrow()
      expect(stands(role, 1, 1)).not.toThrow()
      expect(stands(role, 1, 2, 'normal')).not.toThrow()
    }
    expect(stands('follower', 1, 2)).not.toThrow()
  })

  it('asks nothing of what a snapshot has taken out of the log', () => {
    const { safety, members } = group()
    const behind = Object.assign(members[1], { log: logAfter(5) })
    safety.observe(behind.is({ role: 'candidate', committed: 5 }))
    behind.log.append([entry(6, 1)])
    safety.observe(behind.is({ committed: 6 }))
  })

  it('names two quorums without a common member, in all halves of joint configurations', () => {
    expect(disjointQuorums(voters(1), voters(2))).toEqual([[1], [2]])
    expect(disjointQuorums(voters(1, 2, 3, 4, 5), voters(5, 6))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(disjointQuorums({ ...voters(1), votersOutgoing: [2] }, voters(3))).toEqual([[1, 2], [3]])
    expect(disjointQuorums(voters(1), { ...voters(2), votersOutgoing: [3] })).toEqual([[1], [2, 3]])
    expect(disjointQuorums(voters(1), { ...voters(2), votersOutgoing: [1] })).toBeUndefined()
  })
})

describe('who looks after simulated groups, of reads', () => {
  it('asks for what was committed when a read or a lease began, not when it ended', () => {
    const { safety, members, elect, save, sim } = group()
    const read = safety.asksRead()
    const confirm = safety.leaseRead(members[2], { index: 1, term: 1 } as LeaseRead)
    expect(() => safety.answersRead(members[2], { context: read, index: 0 })).toThrow('answers a read at 0, and 1 was committed')
    elect(2)
    members[0].log.append([entry(2, 2)])
    for (const id of [1, 2]) save(id, { term: 2, vote: 1, commit: 1 }, entry(2, 2))
    safety.observe(members[0].is({ committed: 2 }))
    safety.answersRead(members[2], { context: read, index: 1 })
    confirm()
    safety.leaseRead(members[0], { index: 2, term: 2 } as LeaseRead)()
    expect(sim.facts.counts()).toMatchObject({ leaders: 1, reads: 1, 'lease reads': 2 })
  })

  it('gives each read a number of its own, and tells who watches what is readable and who has applied something', () => {
    const { safety, members } = group()
    const seen: unknown[] = []
    safety.watch({ applied: member => seen.push(member), readable: (read, index) => seen.push([read, index]) })
    const [first, second] = [safety.asksRead(), safety.asksRead()]
    expect(second).not.toBe(first)
    safety.answersRead(members[1], { context: second, index: 7 })
    safety.applied(members[1], 2, 1)
    expect(seen).toEqual([[second, 7], members[1]])
  })
})
