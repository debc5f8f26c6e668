import { isDisruptorError } from '@disruptorx/contracts'
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
