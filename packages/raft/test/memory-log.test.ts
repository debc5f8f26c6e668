import { type ConfState, type Entry, type HardState, MemoryLog, RawNode, type Snapshot } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { confState, startOf } from './support/cluster.ts'

const start = startOf(confState([1, 2, 3]))
const NO_BYTES = new Uint8Array(0)
const entry = (index: number): Entry => ({ index, term: 1, type: 'normal', data: NO_BYTES })

/** A log of entries 2 to 5 behind a snapshot at 1. */
function filled(): MemoryLog {
  const log = new MemoryLog(start)
  log.append([2, 3, 4, 5].map(entry))
  log.setHardState({ term: 1, vote: 0, commit: 5 })
  return log
}

/** Everything that a member would find at its next start. */
function heldBy(log: MemoryLog): unknown {
  return structuredClone([log.initialState(), log.firstIndex, log.entries(log.firstIndex, 99, 10_000), log.snapshot()])
}

/** What is wrong is refused by the name of what is wrong, and the log is as it was. */
function expectRefused(option: string, call: (log: MemoryLog) => unknown): void {
  const log = filled()
  const before = heldBy(log)
  expect(() => call(log)).toThrow(expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) }))
  expect(heldBy(log)).toEqual(before)
  expect(new RawNode({ id: 1, random: { u32: () => 0 } }, log).status()).toMatchObject({ lastIndex: 5, committed: 5 })
}

/** Changes of the configuration that make it none, and what is named then. */
const wrongConfStates: readonly (readonly [string, unknown])[] = [
  ['confState', undefined],
  ['confState', null],
  ['confState', 'voters'],
  ['confState.voters', { ...start.confState, voters: undefined }],
  ['confState.voters', { ...start.confState, voters: new Set([1]) }],
  ['confState.voters[1]', { ...start.confState, voters: [1, '2'] }],
  ['confState.learners[0]', { ...start.confState, learners: new Array(1) }],
  ['confState.votersOutgoing.length', { ...start.confState, votersOutgoing: new Array(1_001).fill(1) }],
  ['confState.learnersNext', { ...start.confState, learnersNext: null }],
  ['confState.autoLeave', { ...start.confState, autoLeave: 'no' }],
]

describe('a log in memory refuses, before anything is changed,', () => {
  it.each(wrongConfStates)('%s that is %j, wherever it would be saved', (option, wrong) => {
    expectRefused(option, log => log.setApplied(3, wrong as ConfState))
    expectRefused(`snapshot.${option}`, log => log.createSnapshot(3, wrong as ConfState, NO_BYTES))
    expectRefused(`snapshot.${option}`, log => log.applySnapshot({ ...start, index: 9, confState: wrong as ConfState }))
    expectRefused(`snapshot.${option}`, () => new MemoryLog({ ...start, confState: wrong as ConfState }))
  })

  it('a configuration that cannot be', () => {
    const log = filled()
    const before = heldBy(log)
    const both = confState([1, 2], [2])
    for (const call of [
      () => log.setApplied(3, both),
      () => log.createSnapshot(3, both, NO_BYTES),
      () => log.applySnapshot({ ...start, index: 9, confState: both }),
      () => new MemoryLog({ ...start, confState: both }),
    ])
      expect(call).toThrow(expect.objectContaining({ code: 'DX_RAFT_CONF_CHANGE' }))
    expect(heldBy(log)).toEqual(before)
  })

  it.each([
    ['snapshot.index', undefined],
    ['snapshot.index', null],
    ['snapshot.index', {}],
    ['snapshot.index', { ...start, index: '9' }],
    ['snapshot.index', { ...start, index: 0 }],
    ['snapshot.index', { ...start, index: 2 ** 53 - 1 }],
    ['snapshot.term', { ...start, index: 9, term: 0 }],
    ['snapshot.data', { ...start, index: 9, data: 'a state' }],
    ['snapshot.data', { ...start, index: 9, data: undefined }],
    ['snapshot.confState.voters.length', { ...start, index: 9, confState: confState([], [1]) }],
  ])('a snapshot whose %s is wrong: %j', (option, wrong) => {
    expectRefused(option, log => log.applySnapshot(wrong as Snapshot))
    if (wrong !== undefined) expectRefused(option, () => new MemoryLog(wrong as Snapshot))
  })

  it('a snapshot of its own without bytes, or at what is no index', () => {
    expectRefused('snapshot.data', log => log.createSnapshot(3, start.confState, 'a state' as unknown as Uint8Array))
    for (const index of ['3', 0, 1.5, Number.NaN])
      expectRefused('index', log => log.createSnapshot(index as number, start.confState, NO_BYTES))
  })

  it.each([
    ['entries', undefined],
    ['entries', {}],
    ['entries[0]', [null]],
    ['entries[0]', new Array(1)],
    ['entries[0].index', [{}]],
    ['entries[0].index', [{ ...entry(6), index: '6' }]],
    ['entries[0].index', [{ ...entry(6), index: 0 }]],
    ['entries[0].index', [entry(2 ** 53 - 1)]],
    ['entries[1].index', [entry(6), entry(8)]],
    ['entries[1].index', [entry(6), entry(6)]],
    ['entries[1].index', [entry(5), { ...entry(6), index: '6' }]],
    ['entries[1].term', [entry(6), { ...entry(7), term: 0 }]],
    ['entries[0].term', [{ ...entry(6), term: '1' }]],
    ['entries[2].data', [entry(6), entry(7), { ...entry(8), data: 'abc' }]],
    ['entries[0].type', [{ ...entry(6), type: 'x' }]],
  ])('entries of which %s is wrong', (option, wrong) => {
    expectRefused(option, log => log.append(wrong as Entry[]))
  })

  it.each([
    ['hardState.term', undefined],
    ['hardState.term', null],
    ['hardState.term', {}],
    ['hardState.term', { term: '1', vote: 0, commit: 1 }],
    ['hardState.vote', { term: 1, vote: -1, commit: 1 }],
    ['hardState.vote', { term: 1, vote: undefined, commit: 1 }],
    ['hardState.commit', { term: 1, vote: 2, commit: Number.NaN }],
  ])('a hard state whose %s is wrong: %j', (option, wrong) => {
    expectRefused(option, log => log.setHardState(wrong as HardState))
  })

  it.each(['3', -1, 1.5, Number.NaN, undefined])('to note as applied, or to free, what is no index: %j', index => {
    expectRefused('index', log => log.setApplied(index as number, start.confState))
    expectRefused('index', log => log.compact(index as number))
  })

  it('what it does not hold, with the numbers that the message prints', () => {
    const log = filled()
    const refused = (details: object) => expect.objectContaining({ code: 'DX_RAFT_USAGE', details })
    expect(() => log.append([entry(7)])).toThrow(refused({ index: 7, lastIndex: 5 }))
    expect(() => log.setApplied(6, start.confState)).toThrow(refused({ index: 6, firstIndex: 2, lastIndex: 5 }))
    expect(() => log.createSnapshot(6, start.confState, NO_BYTES)).toThrow(refused({ index: 6, firstIndex: 2, lastIndex: 5 }))
    expect(() => log.compact(2)).toThrow(refused({ index: 2, snapshotIndex: 1 }))
  })
})

describe('a log in memory', () => {
  it('takes what lies at the ends of its ranges', () => {
    const log = new MemoryLog({ ...start, index: 2 ** 53 - 4, term: 2 ** 53 - 2 })
    log.append([{ index: 2 ** 53 - 3, term: 2 ** 53 - 2, type: 'conf-change', data: NO_BYTES }])
    log.setHardState({ term: 2 ** 53 - 2, vote: 2 ** 53 - 3, commit: 2 ** 53 - 3 })
    log.setHardState({ term: 0, vote: 0, commit: 0 })
    expect(log.lastIndex).toBe(2 ** 53 - 3)
    expect(() => new MemoryLog().setApplied(0, confState([]))).not.toThrow()
  })

  it('passes over entries that it has in a snapshot, and takes those behind', () => {
    const log = filled()
    log.createSnapshot(3, start.confState, NO_BYTES)
    log.compact(3)
    log.append([entry(2), entry(3)])
    expect([log.firstIndex, log.lastIndex]).toEqual([4, 5])
    log.append([entry(2), entry(3), { ...entry(4), term: 7 }])
    expect([log.firstIndex, log.lastIndex, log.term(4)]).toEqual([4, 4, 7])
  })

  it('passes over news of an apply thread that is behind a snapshot, and notes what it says of later entries', () => {
    const log = filled()
    log.applySnapshot({ ...start, index: 9, confState: confState([1]) })
    log.append([entry(10)])
    for (const index of [1, 8]) log.setApplied(index, start.confState)
    expect(log.initialState()).toMatchObject({ applied: 9, confState: confState([1]) })
    expect(() => log.setApplied(0, start.confState)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    expect(() => log.setApplied(11, start.confState)).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    for (const index of [9, 10]) {
      log.setApplied(index, confState([1, 2]))
      expect(log.initialState().applied).toBe(index)
    }
    log.setApplied(8, start.confState)
    expect(log.initialState()).toMatchObject({ applied: 10, confState: confState([1, 2]) })
  })

  it('has no entries before those that it holds', () => {
    const log = filled()
    log.createSnapshot(4, start.confState, NO_BYTES)
    log.compact(3)
    for (const maxBytes of [1_000, Number.POSITIVE_INFINITY]) {
      for (const to of [1, 2, 3]) expect(log.entries(1, to, maxBytes)).toEqual([])
      expect(log.entries(1, 4, maxBytes)).toEqual([])
      expect(log.entries(1, 5, maxBytes)).toEqual([entry(4)])
    }
  })
})
