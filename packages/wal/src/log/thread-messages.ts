import type { ErrorData } from '@disruptorx/contracts/internal'
import type { Recovery } from '../journal/journal-step.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import type { LogChannelHandle } from './channel.ts'
import type { ResolvedLogOptions } from './options.ts'

/** The one log in a journal that serves a single log. */
export const ONLY_LOG = 0

/** What the journal's thread starts with. */
export interface JournalThreadData {
  readonly channel: LogChannelHandle
  readonly options: ResolvedLogOptions
}

/** How the log stood when its journal was opened. */
export interface OpenedLog {
  readonly recovery: Recovery
  readonly lastLsn: number
  readonly summary: LogSummary
  /** First index and term in turns. */
  readonly terms: readonly number[]
}

/** What the journal's thread tells: opened and closed once each, or failed. */
export type JournalThreadMessage =
  | { readonly kind: 'opened'; readonly log: OpenedLog }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
