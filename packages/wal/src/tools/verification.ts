import type { LookOptions } from './journal-files.ts'
import type { LostEntries } from './replay.ts'

/** Something that is wrong with a journal. */
export interface JournalProblem {
  /** Number of the segment. */
  readonly segment: number
  /** Offset in the segment's file, in bytes; `undefined` when all of it is meant. */
  readonly offset: number | undefined
  /** What is wrong there. */
  readonly what: string
  /** LSNs that cannot be read because of it. */
  readonly lostLsns: { readonly from: number; readonly to: number } | undefined
  /** Entries that cannot be read because of it, as far as what comes behind them tells. */
  readonly lostEntries: readonly LostEntries[]
}

/** Something about a journal that is worth knowing, and not wrong. */
export interface JournalNote {
  /** Number of the segment. */
  readonly segment: number
  /** Offset in the segment's file, in bytes; `undefined` when all of it is meant. */
  readonly offset: number | undefined
  readonly what: string
}

/** What became of looking at every byte of a journal. */
export interface JournalVerification {
  readonly dir: string
  readonly segments: number
  readonly batches: number
  readonly records: number
  readonly firstLsn: number
  readonly lastLsn: number
  /** Empty when the journal is sound. At most 1,000. */
  readonly problems: readonly JournalProblem[]
  /** How many problems there are. */
  readonly problemCount: number
  /** What is worth knowing and is not wrong. */
  readonly notes: readonly JournalNote[]
}

/** How a journal is verified. */
export interface VerifyOptions extends LookOptions {
  readonly signal?: AbortSignal
  /** Called after each segment. */
  readonly onSegment?: (segment: number, done: number, total: number) => void
}
