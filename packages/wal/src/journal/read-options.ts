import type { LogEntry, LogReadOptions, LogStore } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { IndexPastEndError } from '../errors.ts'

/** {@link LogReadOptions} with defaults filled in. */
export interface ResolvedRead {
  readonly to: number
  readonly follow: boolean
  readonly maxEntries: number
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
}

/** Checks how a range is to be read. @throws {OptionError} */
export function resolveRead(from: number, options: LogReadOptions): ResolvedRead {
  const { to = Number.MAX_SAFE_INTEGER, follow = false, maxBatchEntries = 1024, maxBatchBytes = 1024 ** 2, signal } = options
  if (!Number.isSafeInteger(to) || to < from - 1) throw new OptionError('to', to, `a whole number from ${from - 1}`)
  return {
    to,
    follow,
    maxEntries: wholeNumber('maxBatchEntries', maxBatchEntries, 1, 65_536),
    maxBytes: wholeNumber('maxBatchBytes', maxBatchBytes, 1, 64 * 1024 ** 2),
    signal,
  }
}

/** Reads one entry, once it is durable. @throws {IndexTruncatedError} {@link IndexPastEndError}, and what reading throws */
export async function readOne(log: LogStore, index: number, signal: AbortSignal | undefined): Promise<LogEntry> {
  if (index > (log.lastIndex as number)) throw new IndexPastEndError(log.id, index, log.lastIndex)
  const options = { to: index, follow: true, maxBatchEntries: 1, ...(signal === undefined ? {} : { signal }) }
  for await (const [entry] of log.read(index, options)) if (entry !== undefined) return entry
  throw new IndexPastEndError(log.id, index, log.lastIndex)
}
