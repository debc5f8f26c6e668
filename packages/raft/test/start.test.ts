import { OptionError } from '@disruptorx/contracts'
import { type LogState, MemoryLog, RawNode, type Snapshot } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'
import { Cluster, confState, startOf } from './support/cluster.ts'

const random = { u32: () => 0 }
const refused = (option: string) => expect.objectContaining({ code: 'DX_OPTION', details: expect.objectContaining({ option }) })

describe('a start', () => {
  const start = startOf(confState([1, 2, 3]))

  it.each([
    [undefined, 'logState'],
    [null, 'logState'],
    ['log', 'logState'],
    [{}, 'logState.initialState'],
    [[], 'logState.initialState'],
  ])('from %j, which is no log, is refused by the name %s', (log, option) => {
    expect(() => new RawNode({ id: 1, random }, log as unknown as LogState)).toThrow(refused(option))
  })

  it.each([
    [{ term: Number.NaN, vote: 0, commit: 1 }],
    [{ term: 1, vote: -1, commit: 1 }],
    [{ term: 1, vote: 0, commit: Number.NaN }],
    [{ term: 1, vote: 0, commit: 2 }],
  ])('from a hard state that cannot be, %j, is refused', hardState => {
    const log = new MemoryLog(start)
    log.initialState = () => ({ hardState, applied: 1, confState: start.confState })
    expect(() => new RawNode({ id: 1, random }, log)).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })

  const state = { hardState: undefined, applied: 1, confState: start.confState }

  it.each<readonly [string, unknown]>([
    ['', undefined],
    ['', null],
    ['', 'state'],
    ['', Promise.resolve(state)],
    ['.hardState', { ...state, hardState: null }],
    ['.hardState', { ...state, hardState: 'none' }],
    ['.confState', { ...state, confState: undefined }],
    ['.confState.voters[2]', { ...state, confState: confState([1, 2, 0]) }],
    ['.applied', { ...state, applied: '1' }],
  ])('from a log whose initialState()%s is none is refused, by that name', (field, wrong) => {
    const log = new MemoryLog(start)
    log.initialState = () => wrong as ReturnType<LogState['initialState']>
    expect(() => new RawNode({ id: 1, random }, log)).toThrow(refused(`logState.initialState()${field}`))
  })

  it.each<readonly [string, unknown]>([
    ['term', undefined],
    ['entries', []],
    ['snapshot', undefined],
    ['firstIndex', '2'],
    ['firstIndex', 0],
    ['lastIndex', undefined],
    ['lastIndex', 0],
  ])('from a log whose %s is %j is refused, by that name', (name, wrong) => {
    const log = Object.defineProperty(new MemoryLog(start), name, { value: wrong })
    expect(() => new RawNode({ id: 1, random }, log)).toThrow(refused(`logState.${name}`))
  })

  it.each([
    {},
    { ...start, index: 0 },
    { ...start, term: 0.5 },
    { ...start, confState: undefined },
    { ...start, confState: confState([0]) },
  ])('of a log in memory from a snapshot that is none, %j, is refused', snapshot => {
    expect(() => new MemoryLog(snapshot as Snapshot)).toThrow(OptionError)
  })

  it('of a group from a snapshot of a late term leads to a leader', () => {
    const cluster = new Cluster({ voters: [] })
    for (const id of [1, 2, 3]) cluster.add(id, { ...start, index: 9, term: 57 })
    cluster.elect(1)
    expect(cluster.leaders()).toEqual([1])
    cluster.propose(2, 'a')
    for (const id of [1, 2, 3]) expect(cluster.member(id).applied).toEqual(['a'])
  })

  it('from entries of a term that was not saved in time goes on in that term, having voted for nobody', () => {
    const cluster = new Cluster({ logs: { 1: [2, 7] } })
    cluster.member(1).log.setHardState({ term: 2, vote: 3, commit: 1 })
    cluster.stop(1)
    cluster.start(1)
    expect(cluster.member(1).node.status()).toMatchObject({ term: 6, vote: 0 })
    cluster.elect(1)
    expect(cluster.leaders()).toEqual([1])
  })
})

describe('a start behind what the state machine keeps by itself', () => {
  const entry = (index: number) => ({ index, term: 1, type: 'normal' as const, data: new Uint8Array(1) })
  const filled = () => {
    const log = new MemoryLog(startOf(confState([1])))
    log.append([2, 3, 4, 5].map(entry))
    log.setHardState({ term: 1, vote: 1, commit: 5 })
    return log
  }
  const indexes = (log: LogState) => new RawNode({ id: 1, random }, log).ready().committedEntries.map(({ index }) => index)
  /** A log that says of itself what no log in memory can. */
  const saying = (applied: unknown): LogState => {
    const log = filled()
    log.createSnapshot(3, confState([1]), new Uint8Array(0))
    log.compact(3)
    log.initialState = () => ({ hardState: undefined, applied: applied as number, confState: confState([1]) })
    return log
  }

  it('is in the configuration that was in force there, so that none who was alone once leads beside the group', () => {
    const cluster = new Cluster({ voters: [1] })
    cluster.elect(1)
    cluster.add(2)
    cluster.add(3)
    for (const nodeId of [2, 3]) cluster.change(1, [{ type: 'add-node', nodeId }])
    const { log, confState: reached } = cluster.member(1)
    const { applied } = cluster.member(1).node.status()
    // Without a note it starts at its snapshot, when it was alone, and is handed the changes again before it may stand for election.
    expect(new RawNode({ id: 1, random }, log).status()).toMatchObject({ applied: 1, configuration: confState([1]) })
    expect(new RawNode({ id: 1, random }, log).campaign()).toBe('unapplied-conf-change')
    log.setApplied(applied, reached)
    const again = new RawNode({ id: 1, random, preVote: false }, log)
    expect(again.status()).toMatchObject({ applied, configuration: confState([1, 2, 3]) })
    again.campaign()
    while (again.hasReady()) {
      again.ready()
      again.advance()
    }
    expect(again.status().role).toBe('candidate')
  })

  it('is handed what comes after it, or after a snapshot that is newer', () => {
    const log = filled()
    expect(indexes(log)).toEqual([2, 3, 4, 5])
    log.setApplied(3, confState([1]))
    expect(indexes(log)).toEqual([4, 5])
    log.createSnapshot(2, confState([1]), new Uint8Array(0))
    expect(log.initialState()).toMatchObject({ applied: 3 })
    log.createSnapshot(4, confState([1], [2]), new Uint8Array(0))
    expect(log.initialState()).toMatchObject({ applied: 4, confState: confState([1], [2]) })
    log.setApplied(5, confState([1], [2, 3]))
    expect(log.initialState()).toMatchObject({ applied: 5, confState: confState([1], [2, 3]) })
    log.applySnapshot({ ...startOf(confState([1, 2, 3])), index: 9 })
    expect(log.initialState()).toMatchObject({ applied: 9, confState: confState([1, 2, 3]) })
  })

  it('is at an entry that the log holds, or the one before them', () => {
    const log = filled()
    for (const index of [0, 6])
      expect(() => log.setApplied(index, confState([1]))).toThrow(expect.objectContaining({ code: 'DX_RAFT_USAGE' }))
    for (const index of [1, 5]) log.setApplied(index, confState([1]))
    expect(log.initialState()).toMatchObject({ applied: 5 })
  })

  it.each([undefined, Number.NaN, 0, 2])('is refused where entries before it are gone, or at none: %j', applied => {
    expect(() => new RawNode({ id: 1, random }, saying(applied))).toThrow(OptionError)
  })

  it('goes on at the last entry before the log and at its end, and is refused behind that, as entries were lost', () => {
    expect(indexes(saying(3))).toEqual([])
    expect(new RawNode({ id: 1, random }, saying(5)).status()).toMatchObject({ applied: 5, committed: 5 })
    expect(() => new RawNode({ id: 1, random }, saying(6))).toThrow(expect.objectContaining({ code: 'DX_RAFT_INVARIANT' }))
  })
})
