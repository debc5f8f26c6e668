import { type Entry, MemoryLog, MOST_MEMBER_ID, type PeerMessage, RawNode } from '@disruptorx/raft'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { checkMessage } from '../src/messages/check.ts'
import { Cluster, confState, startOf } from './support/cluster.ts'

const entry = (index: number, term: number): Entry => ({ index, term, type: 'normal', data: new Uint8Array(1) })
const envelope = { from: 2, to: 1, term: 3 }
const start = startOf(confState([1, 2, 3]))
const append = { ...envelope, type: 'MsgApp', index: 1, logTerm: 1, entries: [], commit: 1 } as const

/** Messages that no correct member sends. */
const wrong: readonly (readonly [string, PeerMessage])[] = [
  ['a term that is no number', { ...append, term: Number.NaN }],
  ['a term that is no whole number', { ...append, term: 1.5 }],
  ['a negative term', { ...append, term: -1 }],
  ['a term after which there is none', { ...append, term: Number.MAX_SAFE_INTEGER }],
  ['no term where there must be one', { ...append, term: 0, logTerm: 0 }],
  ['a term where there must be none', { ...envelope, type: 'MsgProp', entries: [{ type: 'normal', data: new Uint8Array(1) }] }],
  ['no sender', { ...append, from: 0 }],
  ['the receiver as sender', { ...append, from: 1 }],
  ['a storage thread as sender', { ...append, from: Number.MAX_SAFE_INTEGER }],
  ['a gap between entries', { ...append, entries: [entry(2, 1), entry(4, 1)] }],
  ['entries that do not follow', { ...append, entries: [entry(3, 1)] }],
  ['terms that go back', { ...append, entries: [entry(2, 2), entry(3, 1)] }],
  ['an entry of a term before the one it follows', { ...append, logTerm: 2, entries: [entry(2, 1)] }],
  ['an entry of a later term than its own', { ...append, entries: [entry(2, 4)] }],
  ['an entry after one of a later term', { ...append, logTerm: 4 }],
  ['an index past the last one', { ...append, index: Number.MAX_SAFE_INTEGER - 1, entries: [entry(Number.MAX_SAFE_INTEGER, 1)] }],
  ['a commit index that is none', { ...append, commit: -1 }],
  ['an answer with an index that is none', { ...envelope, type: 'MsgAppResp', index: 0.5, reject: false, rejectHint: 0, logTerm: 0 }],
  ['a hint that is none', { ...envelope, type: 'MsgAppResp', index: 1, reject: true, rejectHint: Number.POSITIVE_INFINITY, logTerm: 0 }],
  [
    'a candidate whose log is ahead of its term',
    { ...envelope, type: 'MsgVote', index: 1, logTerm: 4, transfer: false, committed: 0, committedTerm: 0 },
  ],
  [
    'a pre-candidate with an index that is none',
    { ...envelope, type: 'MsgPreVote', index: Number.NaN, logTerm: 1, committed: 0, committedTerm: 0 },
  ],
  [
    'a vote for a log that is none',
    { ...envelope, type: 'MsgVoteResp', reject: false, candidateIndex: -1, candidateLogTerm: 0, committed: 0, committedTerm: 0 },
  ],
  ['a committed entry that is none', { ...envelope, type: 'MsgPreVoteResp', reject: true, committed: -1, committedTerm: 0 }],
  ['a round that is none', { ...envelope, type: 'MsgHeartbeat', commit: 0, round: -1, quiesce: false }],
  ['an answer to a round that is none', { ...envelope, type: 'MsgHeartbeatResp', round: 0.1, committed: 0 }],
  ['a snapshot of nothing', { ...envelope, type: 'MsgSnap', snapshot: { ...start, index: 0 } }],
  ['an entry of no term', { ...append, index: 0, logTerm: 0, entries: [entry(1, 0)] }],
  ['a snapshot of no term', { ...envelope, type: 'MsgSnap', snapshot: { ...start, term: 0 } }],
  ['a snapshot of a group without voters', { ...envelope, type: 'MsgSnap', snapshot: { ...start, confState: confState([], [1]) } }],
  ['a snapshot of a later term', { ...envelope, type: 'MsgSnap', snapshot: { ...start, term: 4 } }],
  ['a snapshot with a member that is none', { ...envelope, type: 'MsgSnap', snapshot: { ...start, confState: confState([1, -2]) } }],
  ['a snapshot whose configuration cannot be', { ...envelope, type: 'MsgSnap', snapshot: { ...start, confState: confState([1, 2], [2]) } }],
  ['a proposal of nothing', { ...envelope, term: 0, type: 'MsgProp', entries: [] }],
  ['a transfer to a member that is none', { ...envelope, type: 'MsgTransferLeader', transferee: -1 }],
  ['an index to read at that is none', { ...envelope, type: 'MsgReadIndexResp', context: 1, index: -1 }],
  ['a type that is none', { ...append, type: 'MsgStorageAppendResp' } as unknown as PeerMessage],
]

/** One message of each type that is taken, with something in all that it can hold. */
const right: readonly PeerMessage[] = [
  { ...append, entries: [entry(2, 1)] },
  { ...envelope, type: 'MsgAppResp', index: 1, reject: true, rejectHint: 1, logTerm: 1 },
  { ...envelope, type: 'MsgVote', index: 1, logTerm: 1, transfer: false, committed: 1, committedTerm: 1 },
  { ...envelope, type: 'MsgVoteResp', reject: true, candidateIndex: 1, candidateLogTerm: 1, committed: 1, committedTerm: 1 },
  { ...envelope, type: 'MsgPreVote', index: 1, logTerm: 1, committed: 1, committedTerm: 1 },
  { ...envelope, type: 'MsgPreVoteResp', reject: true, committed: 1, committedTerm: 1 },
  { ...envelope, type: 'MsgSnap', snapshot: { ...start, index: 2, confState: { ...confState([1, 2, 3], [4]) } } },
  { ...envelope, type: 'MsgHeartbeat', commit: 1, round: 1, quiesce: false },
  { ...envelope, type: 'MsgHeartbeatResp', round: 1, committed: 1 },
  { ...envelope, type: 'MsgTransferLeader', transferee: 3 },
  { ...envelope, type: 'MsgTimeoutNow' },
  { ...envelope, term: 0, type: 'MsgProp', entries: [{ type: 'normal', data: new Uint8Array(1) }] },
  { ...envelope, term: 0, type: 'MsgReadIndex', context: 1 },
  { ...envelope, type: 'MsgReadIndexResp', context: 1, index: 1 },
]

/** An object that makes no text of itself, such as any decoder of JSON makes of a stranger's bytes. */
const textless: unknown = JSON.parse('{"toString":1,"valueOf":1}')

/** What is right for no field. */
const garbage: readonly unknown[] = [undefined, null, Number.NaN, -1, 0.5, 2 ** 53, 'x', 1n, {}, [null], true, textless, Symbol('s')]

/** Copies of something in which one field each, however deep, has become garbage; with the field's path. */
function* garbled(whole: object): Generator<readonly [string, object]> {
  for (const [key, value] of Object.entries(whole)) {
    for (const wrong of garbage) {
      if (typeof value === typeof wrong && typeof value === 'boolean') continue
      yield [key, Array.isArray(whole) ? whole.with(Number(key), wrong) : { ...whole, [key]: wrong }]
    }
    if (typeof value !== 'object' || value instanceof Uint8Array) continue
    for (const [path, part] of garbled(value))
      yield [`${key}.${path}`, Array.isArray(whole) ? whole.with(Number(key), part) : { ...whole, [key]: part }]
  }
}

describe('a message', () => {
  it.each(right.map(message => [message.type, message] as const))(
    '%s is taken whole, and refused with any field garbled',
    (_type, message) => {
      for (const role of ['follower', 'leader'] as const) {
        const cluster = new Cluster()
        if (role === 'leader') cluster.elect(1)
        const { node } = cluster.member(1)
        const before = node.status()
        for (const [path, wrong] of garbled(message)) {
          expect(() => node.step(wrong as PeerMessage), path).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
          expect(node.status()).toEqual(before)
        }
        expect(node.hasReady()).toBe(false)
        expect(['accepted', 'proposal-dropped', 'read-dropped', 'transfer-dropped']).toContain(node.step(message))
      }
    },
  )

  it.each(wrong)('with %s is refused, and changes nothing', (_what, message) => {
    for (const role of ['follower', 'leader'] as const) {
      const cluster = new Cluster()
      if (role === 'leader') cluster.elect(1)
      const { node } = cluster.member(1)
      const before = node.status()
      expect(() => node.step(message)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
      expect(node.status()).toEqual(before)
      expect(node.hasReady()).toBe(false)
      expect(() => node.tick()).not.toThrow()
    }
  })

  it.each([undefined, null, 7, 'MsgApp', textless, Object.create(null)])('is refused when it is none, and changes nothing', nothing => {
    const { node } = new Cluster().member(1)
    expect(() => node.step(nothing as PeerMessage)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
    expect(() => node.tick()).not.toThrow()
  })

  it('is refused with what is wrong of it, in short however long that is', () => {
    const refused = (wrong: object) => expect(() => checkMessage({ ...append, ...wrong } as PeerMessage, 1))
    refused({ term: -1 }).toThrow('MsgApp from member 2 has term -1;')
    refused({ term: '3' }).toThrow("MsgApp from member 2 has term '3';")
    refused({ term: null }).toThrow('MsgApp from member 2 has term null;')
    refused({ term: textless }).toThrow('MsgApp from member 2 has term a value of type object;')
    const long = 'x'.repeat(101)
    const cut = `${long.slice(1)}...`
    refused({ term: long }).toThrow(`MsgApp from member 2 has term '${cut}';`)
    refused({ type: long, from: long }).toThrow(`${cut} from member '${cut}' names`)
    refused({ type: long.slice(1) }).toThrow(`${long.slice(1)} from member 2 is`)
    const voters = Array.from({ length: 1_000 }, (_, i) => i + 1)
    try {
      checkMessage({ ...envelope, type: 'MsgSnap', snapshot: { ...start, confState: confState(voters, [1]) } }, 1)
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message).toMatch(/a member has two roles .{0,100}\.\.\.;/)
    }
  })

  it('may go to the ends of its ranges', () => {
    const last = Number.MAX_SAFE_INTEGER - 1
    for (const message of [
      { ...append, index: last - 1, entries: [entry(last, 1)] },
      { ...append, term: last, logTerm: last, entries: [entry(2, last)] },
      { ...append, from: MOST_MEMBER_ID },
      { ...envelope, term: 0, type: 'MsgReadIndex', context: last },
    ] as const)
      expect(() => checkMessage(message, 1)).not.toThrow()
    for (const message of [
      { ...append, index: last, entries: [entry(last + 1, 1)] },
      { ...append, from: MOST_MEMBER_ID + 1 },
      { ...envelope, term: 0, type: 'MsgReadIndex', context: last + 1 },
    ] as const)
      expect(() => checkMessage(message, 1)).toThrow(expect.objectContaining({ code: 'DX_RAFT_MESSAGE' }))
  })

  it('that acknowledges more than the leader has is refused', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(() => node.step({ type: 'MsgAppResp', from: 2, to: 1, term: 1, index: 9, reject: false, rejectHint: 0, logTerm: 0 })).toThrow(
      'acknowledges entry 9 of a log that ends at 2',
    )
    expect(node.status().members[1]?.match).toBe(2)
    cluster.propose(1, 'a')
    expect(cluster.member(2).applied).toEqual(['a'])
  })

  it('that answers nobody who is a member is not taken', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    expect(node.step({ type: 'MsgAppResp', from: 9, to: 1, term: 1, index: 2, reject: false, rejectHint: 0, logTerm: 0 })).toBe(
      'unknown-member',
    )
    expect(node.step({ type: 'MsgHeartbeatResp', from: 9, to: 1, term: 7, round: 1, committed: 0 })).toBe('unknown-member')
    expect(node.status()).toMatchObject({ role: 'leader', term: 1 })
  })

  it('that answers a round which was never sent counts for nothing', () => {
    const cluster = new Cluster()
    const { node } = cluster.elect(1)
    node.readIndex(7)
    for (const from of [2, 3]) node.step({ type: 'MsgHeartbeatResp', from, to: 1, term: 1, round: 1_000, committed: 0 })
    cluster.member(1).workOnce()
    expect(cluster.member(1).reads).toEqual([])
  })
})

describe('messages of any content', () => {
  const types = [
    'MsgProp',
    'MsgApp',
    'MsgAppResp',
    'MsgVote',
    'MsgVoteResp',
    'MsgPreVote',
    'MsgPreVoteResp',
    'MsgSnap',
    'MsgHeartbeat',
    'MsgHeartbeatResp',
    'MsgTransferLeader',
    'MsgTimeoutNow',
    'MsgReadIndex',
    'MsgReadIndexResp',
  ] as const

  it('are taken or refused with an error that has a code, and what is committed never goes back', () =>
    withSeed(
      'any message',
      random => {
        const log = new MemoryLog(start)
        const node = new RawNode({ id: 1, random }, log)
        let committed = 1
        let term = 0
        for (let i = 0; i < 60; i++) {
          const small = () => random.below(6)
          const entries = Array.from({ length: random.below(3) }, (_, at) => entry(small() + at, small()))
          const message = {
            type: random.pick(types),
            from: random.between(1, 4),
            to: 1,
            term: small(),
            index: small(),
            logTerm: small(),
            commit: small(),
            entries,
            reject: random.chance(0.5),
            rejectHint: small(),
            round: small(),
            quiesce: random.chance(0.2),
            transfer: random.chance(0.2),
            context: 1,
            transferee: small(),
            candidateIndex: small(),
            candidateLogTerm: small(),
            committed: small(),
            committedTerm: small(),
            snapshot: { ...start, index: small(), term: small() },
          }
          try {
            if (random.chance(0.2)) node.tick()
            else node.step(message as unknown as PeerMessage)
            while (node.hasReady()) {
              const ready = node.ready()
              if (ready.snapshot !== undefined) log.applySnapshot(ready.snapshot)
              log.append(ready.entries)
              node.advance()
            }
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^DX_/) })
            if ((error as { code: string }).code !== 'DX_RAFT_MESSAGE') return
          }
          const status = node.status()
          expect(status.committed).toBeGreaterThanOrEqual(committed)
          expect(status.term).toBeGreaterThanOrEqual(term)
          committed = status.committed
          term = status.term
        }
      },
      { count: 1_000 },
    ))
})
