import type { Appended, DisruptorError, LogEntry, LogJournal, LogReadOptions, LogStore } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import { LogComplianceError } from './compliance-error.ts'
import type { LogComplianceOptions, LogPlace } from './options.ts'

/** The codes of a store that has no room at the moment: it may say so at any append. */
const BEHIND = ['DX_LOG_FULL', 'DX_JOURNAL_FULL']

/** What a case does with a store. */
export class Trial {
  readonly maxRecordBytes: number
  /** The log that cases use which need only one. */
  readonly logId: number
  readonly place: LogPlace
  readonly #open = new Set<LogJournal>()

  constructor(place: LogPlace, { maxRecordBytes = 256 * 1024, onlyLog = 1 }: Pick<LogComplianceOptions, 'maxRecordBytes' | 'onlyLog'>) {
    this.place = place
    this.maxRecordBytes = maxRecordBytes
    this.logId = onlyLog
  }

  log(journal: LogJournal): LogStore {
    return journal.log(this.logId)
  }

  async open(): Promise<LogJournal> {
    const journal = await this.place.open()
    this.#open.add(journal)
    return journal
  }

  async close(journal: LogJournal): Promise<void> {
    await journal.close()
    this.#open.delete(journal)
  }

  async crash(journal: LogJournal): Promise<void> {
    await this.place.crash?.(journal)
    this.#open.delete(journal)
  }

  async end(): Promise<void> {
    try {
      for (const journal of this.#open) await journal.close()
    } finally {
      await this.place.remove?.()
    }
  }
}

/** Fails the case unless `holds`. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new LogComplianceError(what)
}

/** Fails the case unless both print the same. */
export function mustEqual(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(found) ?? 'undefined', JSON.stringify(expected) ?? 'undefined']
  if (a !== b) throw new LogComplianceError(`${what}: ${a} instead of ${b}`)
}

/** Expects an error with one of these codes, thrown or as a rejection, and returns it. */
export async function mustRefuse(act: () => unknown, codes: string | readonly string[], what: string): Promise<DisruptorError> {
  try {
    await act()
  } catch (error) {
    if (isDisruptorError(error) && (typeof codes === 'string' ? error.code === codes : codes.includes(error.code))) return error
    const { code, message } = error as { code?: unknown; message?: unknown }
    throw new LogComplianceError(`refused ${what} with ${String(code)} (${String(message)}) instead of ${String(codes)}`)
  }
  throw new LogComplianceError(`took ${what}; ${String(codes)} was due`)
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** What the suite appends as entry `index`. */
export function entryText(index: number): string {
  return `entry ${index}`
}

/** Does something that a store which is behind refuses, until it is not. */
export async function whenRoom<T>(journal: LogJournal, act: () => T): Promise<T> {
  for (;;) {
    try {
      return act()
    } catch (error) {
      if (!BEHIND.some(code => isDisruptorError(error, code))) throw error
      await journal.room()
    }
  }
}

/** Appends the entries up to `last`, with {@link entryText}, and waits until they are durable. */
export async function fill(journal: LogJournal, log: LogStore, last: number, term = 1): Promise<void> {
  let appended: Appended | undefined
  while (log.lastIndex < last) appended = await whenRoom(journal, () => log.append(bytesOf(entryText(log.lastIndex + 1)), term))
  if (appended !== undefined) await log.durable(appended.lsn)
}

/** What a reading gives. Checks that the indexes have no gaps. */
export async function readAll(log: LogStore, from: number, options?: LogReadOptions): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  for await (const batch of log.read(from, options)) {
    must(batch.length > 0, 'gave out an empty batch')
    found.push(...batch)
  }
  mustEqual(
    found.map(entry => entry.index),
    found.map((_, i) => from + i),
    `read other indexes than those from ${from} on`,
  )
  return found
}

/** A reading as `index:term:text`. */
export async function readTexts(log: LogStore, from: number, options?: LogReadOptions): Promise<string[]> {
  return (await readAll(log, from, options)).map(describe)
}

/** How a log and everything in it reads: what has to be the same after it was opened again. */
export async function picture(log: LogStore, values: readonly string[] = []): Promise<unknown> {
  const { firstIndex, lastIndex, lastTerm, durableIndex, snapshot } = log
  const terms: unknown[] = []
  for (let index = firstIndex - 1; index <= lastIndex; index++) terms.push(log.termAt(index) ?? null)
  return {
    firstIndex,
    lastIndex,
    lastTerm,
    durableIndex,
    snapshot: snapshot === undefined ? null : [snapshot.index, snapshot.term],
    terms,
    values: values.map(name => (log.value(name) === undefined ? null : textOf(log.value(name) as Uint8Array))),
    entries: await readTexts(log, firstIndex),
  }
}

export function describe({ index, term, data }: LogEntry): string {
  return `${index}:${term}:${textOf(data)}`
}
