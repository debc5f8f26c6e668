import type { ErrorData } from '@disruptorx/contracts/internal'
import type { LogImage } from '../memory/log-backend.ts'
import type { SqliteChannelHandle } from './channel.ts'
import type { ResolvedSqliteOptions } from './options.ts'

/** What the journal's thread starts with. */
export interface SqliteThreadData {
  readonly channel: SqliteChannelHandle
  readonly options: ResolvedSqliteOptions
}

/** Entries on their way from the database: their bytes one behind the other. */
export interface ReadEntries {
  readonly from: number
  readonly terms: Float64Array
  readonly lengths: Uint32Array
  readonly bytes: Uint8Array
}

/** What the journal's thread tells: that it opened and closed, or failed to open, or stopped because of a commit; and what was asked to be read. */
export type SqliteThreadMessage =
  | { readonly kind: 'opened'; readonly lastLsn: number; readonly logs: readonly LogImage[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'stopped'; readonly operation: string; readonly error: ErrorData }
  | { readonly kind: 'entries'; readonly request: number; readonly entries: ReadEntries }
  | { readonly kind: 'unread'; readonly request: number; readonly error: ErrorData }
