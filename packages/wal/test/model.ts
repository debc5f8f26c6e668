import { isDeepStrictEqual } from 'node:util'
import { type Files, isDisruptorError, type LogStore } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { type JournalStep, type JournalStepOptions, openJournalStep } from '../src/index.ts'
import { KIB } from './journals.ts'
import { cloneLogs, logOf, type ModelLogs } from './model-logs.ts'

export const DIR = 'd'

/** Runs a task whether or not its files answer at once. */
export function run<T>(task: FileTask<T>): T {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
  }
}

/** Every durable entry from an index on: index to text. */
export function entriesOf(journal: JournalStep, logId = 0, from = journal.log(logId).firstIndex): Map<number, string> {
  const reader = journal.reader(logId, from)
  const found = new Map<number, string>()
  for (let outcome = reader.poll(); outcome !== 'end'; outcome = reader.poll())
    if (outcome === 'entry')
      found.set(reader.index, new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
  reader.close()
  return found
}

/** The log that is only appended to. */
export const LAGGING = 1

/** Something that was done to a journal. */
interface Done {
  readonly lsn: number
  readonly act: (logs: ModelLogs) => void
}

/** A journal as far as things are done to it. */
interface Acting {
  hasRoom(length: number): boolean
  log(id: number): LogStore
  dropLog(id: number): number
}

/** What a model does at random: how likely each thing is, against the others. */
export interface Habits {
  readonly logs: number
  readonly append: number
  readonly cut: number
  readonly trim: number
  readonly reset: number
  readonly mark: number
  readonly value: number
  readonly drop: number
  readonly longest: number
  /** How likely it is the lagging log's turn, which is only appended to. Without one, there is no such log. */
  readonly lag?: number
}

export const everything: Habits = { logs: 4, append: 80, cut: 4, trim: 4, reset: 1, mark: 2, value: 4, drop: 1, longest: 9000 }

/**
 * What a user of a journal may rely on: the logs are exactly what was done to them up to the LSN that recovery names, and that LSN is not below any
 * that was called durable.
 */
export class Model {
  readonly #habits: Habits
  /** The logs as of the last check. */
  #base: ModelLogs = new Map()
  /** What was done since then. */
  #done: Done[] = []
  /** The logs after all of it. */
  #now: ModelLogs = new Map()
  #kept = 0
  #serial = 0

  constructor(habits: Habits = everything) {
    this.#habits = habits
  }

  get logs(): ModelLogs {
    return this.#now
  }

  /** Does something random. False when the batch is full. */
  act(journal: Acting, random: SeededRandom): boolean {
    const { logs, longest, lag = 0, ...weights } = this.#habits
    const lags = lag > 0 && random.chance(lag)
    const id = lags ? LAGGING : random.below(logs) * 7
    const kind = lags
      ? 'append'
      : random.pick(Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name)))
    const length = random.chance(0.1) ? random.between(Math.floor(longest / 5), longest) : random.between(0, longest / 15)
    if (!journal.hasRoom(length + 20)) return false
    const log = journal.log(id)
    const { first, last, lastTerm } = this.#now.get(id) ?? { first: 1, last: 0, lastTerm: 0 }
    try {
      if (kind === 'append') this.#append(log, random.chance(0.1) ? lastTerm + 1 : Math.max(1, lastTerm), length)
      else if (kind === 'cut') this.#cut(log, random.between(Math.max(first - 1, last - 20), last))
      else if (kind === 'trim') this.#trim(log, random.between(first, last + 1))
      else if (kind === 'reset') this.#reset(log, last + random.below(4), lastTerm + 1)
      else if (kind === 'mark') this.#mark(log, random.between(Math.max(log.snapshot?.index ?? 0, first - 1), Math.max(last, first - 1)))
      else if (kind === 'value') this.#value(log, random.pick(['term', 'vote', 'x-1']), random.chance(0.2) ? '' : `${random.u32()}`)
      else if (this.#now.has(id)) this.#note(journal.dropLog(id), all => all.delete(id))
    } catch (error) {
      if (isDisruptorError(error, 'DX_JOURNAL_FULL')) return false
      throw error
    }
    const now = this.#now.get(id)
    if (now !== undefined) expect([log.firstIndex, log.lastIndex, log.lastTerm]).toEqual([now.first, now.last, now.lastTerm])
    return true
  }

  /** Takes note of what the journal has promised by now. */
  promise(lsn: number): void {
    this.#kept = Math.max(this.#kept, lsn)
  }

  /**
   * Checks a journal that was just opened: everything promised is there, and all of it is as it was done. An opening that did not come to its end may have
   * cut a tail and given its LSNs to marks of its own, so what was not promised may also be gone without that showing in the LSN.
   */
  check(journal: JournalStep): void {
    const { durableLsn } = journal.recovery
    expect(durableLsn).toBeGreaterThanOrEqual(this.#kept)
    const found = dumpOf(journal)
    const possible = this.#done.filter(({ lsn }) => lsn <= durableLsn)
    let kept = possible.length
    let expected = this.#after(possible)
    const most = dumpOfModel(expected)
    for (let dump = most; !isDeepStrictEqual(dump, found); dump = dumpOfModel(expected)) {
      kept--
      if (kept < 0 || (possible[kept] as Done).lsn <= this.#kept) expect(found).toEqual(most)
      expected = this.#after(possible.slice(0, kept))
    }
    this.#base = expected
    this.#now = cloneLogs(expected)
    this.#done = []
    this.#kept = 0
  }

  /** Compares a journal, all of which is durable, with the model. */
  compare(journal: JournalStep): void {
    expect(dumpOf(journal)).toEqual(dumpOfModel(this.#now))
  }

  #after(done: readonly Done[]): ModelLogs {
    const logs = cloneLogs(this.#base)
    for (const { act } of done) act(logs)
    return logs
  }

  #append(log: LogStore, term: number, length: number): void {
    const text = `${log.id}/${this.#serial++}/`.padEnd(length, '#')
    this.#note(log.append(new TextEncoder().encode(text), term).lsn, logs => logOf(logs, log.id).append(text, term))
  }

  #cut(log: LogStore, index: number): void {
    this.#note(log.truncateAfter(index), logs => logOf(logs, log.id).cut(index))
  }

  #trim(log: LogStore, index: number): void {
    if (index > (log.firstIndex as number)) this.#note(log.truncateBefore(index), logs => logOf(logs, log.id).trim(index))
    else expect(log.truncateBefore(index)).toBeGreaterThanOrEqual(0)
  }

  #reset(log: LogStore, index: number, term: number): void {
    this.#note(log.reset(index, term), logs => logOf(logs, log.id).reset(index, term))
  }

  #mark(log: LogStore, index: number): void {
    const term = log.termAt(index) ?? 1
    this.#note(log.markSnapshot(index, term), logs => {
      logOf(logs, log.id).snapshot = index === 0 ? undefined : { index, term }
    })
  }

  #value(log: LogStore, name: string, text: string): void {
    this.#note(log.setValue(name, new TextEncoder().encode(text)), logs => {
      const { values } = logOf(logs, log.id)
      if (text === '') values.delete(name)
      else values.set(name, text)
    })
  }

  #note(lsn: number, act: (logs: ModelLogs) => void): void {
    this.#done.push({ lsn, act })
    act(this.#now)
  }
}

const NAMES = ['term', 'vote', 'x-1']

/** Everything that a journal shows of its logs. */
export function dumpOf(journal: JournalStep): unknown[] {
  return journal.logIds.map(id => {
    const log = journal.log(id)
    expect(log.durableIndex).toBe(log.lastIndex)
    return {
      id,
      first: log.firstIndex,
      last: log.lastIndex,
      lastTerm: log.lastTerm,
      snapshot: log.snapshot,
      values: NAMES.map(name => log.value(name)).map(value => (value === undefined ? '' : new TextDecoder().decode(value))),
      entries: [...entriesOf(journal, id)],
      terms: indexes(log.firstIndex, log.lastIndex).map(index => log.termAt(index)),
    }
  })
}

/** What a journal would show that holds this. */
export function dumpOfModel(logs: ModelLogs): unknown[] {
  return [...logs]
    .sort(([a], [b]) => a - b)
    .map(([id, log]) => ({
      id,
      first: log.first,
      last: log.last,
      lastTerm: log.lastTerm,
      snapshot: log.snapshot,
      values: NAMES.map(name => log.values.get(name) ?? ''),
      entries: log.entries.map(({ text }, i) => [log.first + i, text]),
      terms: indexes(log.first, log.last).map(index => log.termAt(index)),
    }))
}

/** The indexes whose terms are known. */
function indexes(first: number, last: number): number[] {
  const from = Math.max(1, first - 1)
  return Array.from({ length: last + 1 - from }, (_, i) => from + i)
}

/** A simulated disk, or files over one. */
type SimulatedPlace = Files & Pick<SimulatedFiles, 'stopped'>

/** Opens the journal of a simulated disk; `undefined` when the machine stood still before that was done. */
export function openOn(files: SimulatedPlace, options: Partial<JournalStepOptions> = {}): JournalStep | undefined {
  try {
    return run(openJournalStep(files, { dir: DIR, segmentBytes: 64 * KIB, ...options }))
  } catch (error) {
    if (files.stopped) return undefined
    throw error
  }
}

/** Uses a journal for a while, until the machine stands still or it was enough. Returns whether it was closed in good order. */
export function use(files: SimulatedPlace, journal: JournalStep, model: Model, random: SeededRandom, rounds: number): boolean {
  for (let round = 0; round < rounds && journal.failure === undefined; round++) {
    for (let i = random.below(8); i > 0; i--) if (!model.act(journal, random)) break
    for (let i = random.below(3); i > 0; i--) journal.step()
    model.promise(journal.durableLsn)
  }
  if (files.stopped || journal.failure !== undefined || random.chance(0.5)) return false
  try {
    run(journal.close())
  } catch (error) {
    if (!files.stopped && journal.failure === undefined) throw error
    return false
  } finally {
    model.promise(journal.durableLsn)
  }
  return true
}
