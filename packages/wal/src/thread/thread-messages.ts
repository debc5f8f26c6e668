import type { LogEntry } from '@disruptorx/contracts'
import type { ErrorData } from '@disruptorx/contracts/internal'
import type { Recovery } from '../journal/journal-step.ts'
import type { LogImage } from '../log/log-backend.ts'
import type { JournalChannelHandle } from './channel.ts'

/** What a journal's thread starts with. */
export interface JournalThreadData<Options> {
  readonly channel: JournalChannelHandle
  readonly options: Options
}

/** How a journal stood when it was opened. */
export interface OpenedJournal {
  readonly lastLsn: number
  readonly logs: readonly LogImage[]
  /** What all logs and their values may take. @default without a bound */
  readonly mostStateBytes?: number
  /** What opening found. Only of a journal. */
  readonly recovery?: Recovery
}

/** Entries on their way from the journal's thread: their bytes one behind the other. */
export interface PackedEntries {
  readonly from: number
  readonly terms: Float64Array
  readonly lengths: Uint32Array
  readonly bytes: Uint8Array
}

/**
 * What a journal's thread tells: that it opened, and that it closed; that it failed to open, or stopped in an operation; what was asked to be read, or why
 * not; damage that a scrubber found.
 */
export type JournalThreadMessage =
  | { readonly kind: 'opened'; readonly journal: OpenedJournal }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'stopped'; readonly operation: string; readonly error: ErrorData }
  | { readonly kind: 'entries'; readonly request: number; readonly entries: PackedEntries }
  | { readonly kind: 'unread'; readonly request: number; readonly error: ErrorData }
  | { readonly kind: 'damage'; readonly error: ErrorData }

/** Sends a message, with memory that goes along. */
export type Tell = (message: JournalThreadMessage, memory?: readonly ArrayBuffer[]) => void

/** Tells entries, whose memory goes along. */
export function tellEntries(tell: Tell, request: number, entries: PackedEntries): void {
  const memory = [entries.terms, entries.lengths, entries.bytes].map(array => array.buffer as ArrayBuffer)
  tell({ kind: 'entries', request, entries }, memory)
}

/** The entries, each with its part of the bytes. */
export function unpacked({ from, terms, lengths, bytes }: PackedEntries): LogEntry[] {
  let at = 0
  return Array.from(lengths, (length, i) => {
    const data = bytes.subarray(at, at + length)
    at += length
    return { index: from + i, term: terms[i] as number, data }
  })
}
