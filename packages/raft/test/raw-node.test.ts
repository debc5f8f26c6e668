import { type LogState, MemoryLog, type RaftConfig, RawNode } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'
import { bytes } from './support/member.ts'

const random = { u32: () => 0 }
const make = (config: Partial<RaftConfig> = {}, log: LogState = new MemoryLog(startOf(confState([1, 2, 3])))) =>
  new RawNode({ id: 1, random, ...config }, log)

const update = { transition: 'auto', changes: [{ type: 'update-node', nodeId: 2 }], context: new Uint8Array(0) } as const

describe('a member', () => {
  it('has nothing to say when nothing happened, and says nothing twice', () => {
    const node = make()
    expect(node.hasReady()).toBe(false)
    node.campaign()
    expect(node.hasReady()).toBe(true)
    node.ready()
    node.advance()
    node.ready()
    node.advance()
    expect(node.hasReady()).toBe(false)
    expect(node.ready()).toEqual({
      softState: undefined,
      hardState: undefined,
      snapshot: undefined,
      entries: [],
      mustSync: false,
      messages: [],
      messagesAfterAppend: [],
      committedEntries: [],
      readStates: [],
      storageAppend: undefined,
      storageApply: undefined,
    })
  })

  it('wants ready() and advance() in turns', () => {
    const node = make()
    expect(() => node.advance()).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    node.ready()
    expect(() => node.ready()).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    node.advance()
    expect(() => node.advance()).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
  })

  it('says what must be durable: the commit index need not be', () => {
    const cluster = new Cluster({ voters: [1] })
    cluster.elect(1)
    const { readies } = cluster.member(1)
    const onlyCommit = readies.find(({ hardState, entries }) => hardState !== undefined && hardState.commit > 1 && entries.length === 0)
    expect(onlyCommit).toMatchObject({ mustSync: false })
    expect(readies.find(({ entries }) => entries.length > 0)).toMatchObject({ mustSync: true })
  })

  it('gives a Ready that later calls do not change', () => {
    const cluster = new Cluster({ voters: [1] })
    const { node } = cluster.elect(1)
    node.propose([bytes('a')])
    const ready = node.ready()
    const copy = structuredClone(ready)
    node.propose([bytes('b')])
    cluster.member(1).log.append(ready.entries)
    node.advance()
    node.ready()
    expect(ready).toEqual(copy)
  })

  it('refuses everything after an error in the middle of something', () => {
    const log = new MemoryLog(startOf(confState([1, 2, 3])))
    const node = make({}, log)
    node.step({ type: 'MsgApp', from: 2, to: 1, term: 1, index: 1, logTerm: 1, entries: [], commit: 1 })
    expect(() => node.step({ type: 'MsgHeartbeat', from: 2, to: 1, term: 1, commit: 9, round: 1, quiesce: false })).toThrow(
      expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }),
    )
    for (const attempt of [() => node.tick(), () => node.ready(), () => node.propose([bytes('a')]), () => node.campaign()])
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'DX_RAFT_HALTED', cause: expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }) }),
      )
    expect(node.status().committed).toBe(1)
  })

  it('says that it must stop when its log lost what it had acknowledged', () => {
    const node = make()
    expect(() => node.step({ type: 'MsgHeartbeat', from: 2, to: 1, term: 1, commit: 9, round: 1, quiesce: false })).toThrow(
      'entry 9 is committed, and the log ends at 1; this member must stop',
    )
  })

  it('knows the state of each of its followers, as a copy', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    const status = cluster.member(1).node.status()
    expect(status.members.map(({ id, match, state }) => [id, match, state])).toEqual([
      [1, 2, 'replicate'],
      [2, 2, 'replicate'],
      [3, 2, 'replicate'],
    ])
    cluster.propose(1, 'a')
    expect(status.members[1]?.match).toBe(2)
    expect(cluster.member(2).node.status().members).toEqual([])
  })

  it('knows who learns only, and of whom it has not heard since it last looked', () => {
    const cluster = new Cluster({ voters: [1], learners: [2] })
    const { node } = cluster.elect(1)
    expect(node.status().members).toMatchObject([{ isLearner: false }, { isLearner: true, recentActive: true }])
    for (let i = 0; i < 10; i++) node.tick()
    expect(node.status().members).toMatchObject([{ recentActive: true }, { recentActive: false }])
  })

  it('says of nobody what is on the disks before it leads, not even of itself', () => {
    const cluster = new Cluster({ voters: [1] })
    expect(cluster.member(1).node.durableOnAll()).toBe(0)
    expect(cluster.elect(1).node.durableOnAll()).toBe(2)
  })

  it('takes any number for a read below 2^53 - 1', () => {
    const { node } = new Cluster().elect(1)
    expect(node.readIndex(Number.MAX_SAFE_INTEGER - 1)).toBe('accepted')
    expect(() => node.readIndex(Number.MAX_SAFE_INTEGER)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it('takes nothing but bytes, all of them or none', () => {
    const cluster = new Cluster({ voters: [1] })
    cluster.elect(1)
    const { node } = cluster.member(1)
    const { lastIndex } = node.status()
    const wrong: unknown[] = [[], ['text'], [bytes('a'), undefined], [[1, 2]], 'text', undefined, bytes('a'), [new Uint16Array(1)]]
    for (const data of wrong as Uint8Array[][]) expect(() => node.propose(data)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    expect(node.status().lastIndex).toBe(lastIndex)
    expect(node.propose([Buffer.from('a')]).kind).toBe('appended')
  })

  it('is told at once what is no number, and passes it on to nobody', () => {
    const cluster = new Cluster()
    cluster.elect(1)
    for (const { node } of cluster.members.values())
      for (const value of ['x', Number.NaN, 0.5, -1, undefined] as number[])
        for (const ask of [() => node.readIndex(value), () => node.transferLeadership(value), () => node.compactionIndex(value)])
          expect(ask).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    cluster.propose(2, 'a')
    expect(cluster.member(3).applied).toEqual(['a'])
  })

  it('makes each change of the configuration once, of the entries after what it started from, and also one that comes after advance()', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    const adds = (nodeId: number) => ({ ...update, changes: [{ type: 'add-learner-node', nodeId }] }) as const
    expect(node.status().applied).toBe(2)
    expect(node.applyConfChange(adds(4), 1)).toEqual(confState([1, 2, 3]))
    expect(node.applyConfChange(adds(4), 2)).toEqual(confState([1, 2, 3], [4]))
    expect(node.applyConfChange(adds(5), 2)).toEqual(confState([1, 2, 3], [4]))
    cluster.propose(1, 'a')
    expect(node.applyConfChange(adds(5), 3)).toEqual(confState([1, 2, 3], [4, 5]))
    expect(() => node.applyConfChange(adds(6), 4)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    expect(node.status().configuration).toEqual(confState([1, 2, 3], [4, 5]))
    for (const index of [undefined, 0, 1.5, Number.NaN, 2 ** 53 - 1])
      expect(() => node.applyConfChange(update, index as number)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    node.tick()
  })

  it('gives copies of its configuration, which nobody changes by changing them', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    for (const list of [node.status().configuration.voters, node.applyConfChange(update, 2).voters] as number[][]) list.length = 1
    expect(node.status().configuration.voters).toEqual([1, 2, 3])
    cluster.partition([1], [2, 3])
    cluster.propose(1, 'a')
    expect(cluster.member(1).applied).toEqual([])
  })

  it.each([Number.NaN, -1, 0.5, 2 ** 32, Number.POSITIVE_INFINITY, 'x', undefined])('is not made with chance that gives %j', chance => {
    expect(() => make({ random: { u32: () => chance as number } })).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })

  it.each([0, 2 ** 32 - 1])('waits a whole time-out, and less than two, when chance gives %d', chance => {
    const node = make({ random: { u32: () => chance }, electionTick: 5, preVote: false })
    for (let i = 0; i < 4; i++) node.tick()
    expect(node.status().role).toBe('follower')
    for (let i = 0; i < 5; i++) node.tick()
    expect(node.status().role).toBe('candidate')
  })

  it('starts an election at the time that it was set to', () => {
    const node = make({ preVote: false })
    node.setRandomizedElectionTimeout(3)
    node.tick()
    node.tick()
    expect(node.status().role).toBe('follower')
    node.tick()
    expect(node.status().role).toBe('candidate')
  })

  it('refuses a time-out that is none', () => {
    for (const ticks of [0, -1, 1.5, Number.NaN])
      expect(() => make().setRandomizedElectionTimeout(ticks)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
  })
})

describe('numbers of 53 bits', () => {
  const last = Number.MAX_SAFE_INTEGER - 1

  it('carry a group whose indexes and terms are beyond 32 bits', () => {
    const start = { index: 2 ** 50, term: 2 ** 49, confState: confState([1, 2 ** 45 + 1, 2 ** 52 + 5]), data: new Uint8Array(0) }
    const members = new Map(
      start.confState.voters.map(id => [id, { log: new MemoryLog(start), node: new RawNode({ id, random }, new MemoryLog(start)) }]),
    )
    for (const [id, member] of members) {
      member.log.setHardState({ term: 2 ** 49, vote: 0, commit: 2 ** 50 })
      members.set(id, { log: member.log, node: new RawNode({ id, random }, member.log) })
    }
    const applied: number[] = []
    const settle = () => {
      for (let isQuiet = false; !isQuiet; ) {
        isQuiet = true
        for (const { node, log } of members.values()) {
          while (node.hasReady()) {
            isQuiet = false
            const ready = node.ready()
            log.append(ready.entries)
            applied.push(...ready.committedEntries.map(({ index }) => index))
            node.advance()
            for (const message of [...ready.messages, ...ready.messagesAfterAppend]) members.get(message.to)?.node.step(message)
          }
        }
      }
    }
    const leader = members.get(2 ** 52 + 5)?.node
    leader?.campaign()
    settle()
    expect(leader?.propose([bytes('a')])).toEqual({ kind: 'appended', index: 2 ** 50 + 2, term: 2 ** 49 + 1 })
    settle()
    expect(applied.filter(index => index === 2 ** 50 + 2)).toHaveLength(3)
  })

  it('end with an error in place of a term that cannot be told from the next', () => {
    const log = new MemoryLog(startOf(confState([1, 2, 3])))
    log.setHardState({ term: last, vote: 0, commit: 1 })
    expect(() => make({ preVote: false }, log).campaign()).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })

  it('end with an error in place of an index that cannot be told from the next', () => {
    const log = new MemoryLog({ ...startOf(confState([1])), index: last })
    const node = make({ preVote: false }, log)
    node.campaign()
    node.ready()
    expect(() => node.advance()).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })
})

describe('a member of a group that sleeps', () => {
  const sleeping = () => {
    const cluster = new Cluster()
    cluster.elect(1)
    cluster.tick(1)
    cluster.member(1).node.quiesce()
    cluster.settle()
    return cluster
  }

  it.each<readonly [string, number, (node: RawNode) => unknown]>([
    ['proposes', 1, node => node.propose([bytes('a')])],
    ['passes a proposal on', 2, node => node.propose([bytes('a')])],
    ['proposes a configuration change', 1, node => node.proposeConfChange(update)],
    ['applies a configuration change', 1, node => node.applyConfChange(update, 2)],
    ['reads', 1, node => node.readIndex(1)],
    ['asks the leader for a read', 2, node => node.readIndex(1)],
    ['hands leadership over', 1, node => node.transferLeadership(2)],
    ['asks the leader to hand over', 2, node => node.transferLeadership(2)],
    ['starts an election', 2, node => node.campaign()],
    ['forgets its leader', 2, node => node.forgetLeader()],
    ['is woken', 1, node => node.wake()],
  ])('is awake when it %s', (_what, id, call) => {
    const { node } = sleeping().member(id)
    expect(node.status().isQuiesced).toBe(true)
    call(node)
    expect(node.status().isQuiesced).toBe(false)
  })
})
