import { isDisruptorError, type LogEntry, type LogReadOptions, type LogStore } from '@disruptorx/contracts'
import { expect } from 'vitest'
import type { JournalReader, JournalStep } from '../src/index.ts'

export const KIB = 1024

/** A journal as far as it is appended to: of this package's sources, or of the built package. */
interface Appending extends Pick<JournalStep, 'append'> {
  log(logId: number): { readonly lastIndex: number; readonly lastTerm: number }
}

/** A journal as far as it is read: of this package's sources, or of the built package. */
interface Readable {
  log(logId: number): { readonly firstIndex: number }
  reader(logId: number, from: number): Pick<JournalReader, 'poll' | 'bytes' | 'offset' | 'length' | 'close'>
}

export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** What a promise was rejected with; `undefined` when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** Every durable entry of a log from an index on, as text. Checks that the indexes have no gaps. */
export async function textsOf(log: LogStore, from: number = log.firstIndex, options: LogReadOptions = {}): Promise<string[]> {
  const found: LogEntry[] = []
  for await (const batch of log.read(from, options)) found.push(...batch)
  expect(found.map(entry => entry.index)).toEqual(found.map((_, i) => from + i))
  return found.map(entry => new TextDecoder().decode(entry.data))
}

/** Appends a text as the next entry of a log, in its newest term. */
export function appendText(journal: Appending, text: string, logId = 0): number {
  const { lastIndex, lastTerm } = journal.log(logId)
  return journal.append(logId, lastIndex + 1, Math.max(1, lastTerm), new TextEncoder().encode(text))
}

/** Every durable entry of a log, as text. For files that block. */
export function readAll(journal: Readable, logId = 0, from = journal.log(logId).firstIndex): string[] {
  const reader = journal.reader(logId, from)
  const found: string[] = []
  try {
    while (reader.poll() === 'entry')
      found.push(new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
  } finally {
    reader.close()
  }
  return found
}

/** The code of the DisruptorX error that something throws; `undefined` when it throws none. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    if (isDisruptorError(error)) return error.code
    throw error
  }
  return undefined
}
