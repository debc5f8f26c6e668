import type { LogEntry, LogReadOptions } from '@disruptorx/contracts'
import { AbortedError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { IndexPastEndError, IndexTruncatedError, LogRewoundError } from '../errors.ts'
import { type ResolvedRead, resolveRead } from '../journal/read-options.ts'
import type { Showing, StoreLog } from './store-log.ts'

const READING = 'reading the log'

/** The entries of a log from an index on, as its contract says. */
export async function* readEntries(
  log: StoreLog,
  from: number,
  options: LogReadOptions,
): AsyncGenerator<readonly LogEntry[], void, undefined> {
  log.check()
  wholeNumber('from', from, 0, Number.MAX_SAFE_INTEGER)
  const range = resolveRead(from, options)
  if (from < log.firstIndex) throw new IndexTruncatedError(log.id, from, log.firstIndex)
  if (from > log.lastIndex + 1) throw new IndexPastEndError(log.id, from, log.lastIndex)
  const showing: Showing = { shown: from - 1, rewoundTo: undefined }
  log.showing.add(showing)
  try {
    while (showing.shown < range.to) {
      const entries = await nextEntries(log, showing, range)
      if (entries !== undefined) yield entries
      else if (!range.follow) return
      else await more(log, showing, range.signal)
    }
  } finally {
    log.showing.delete(showing)
  }
}

/** One entry of a log, once it is durable. */
export async function readOne(log: StoreLog, index: number, signal: AbortSignal | undefined): Promise<LogEntry> {
  for (;;) {
    log.check()
    wholeNumber('index', index, 0, Number.MAX_SAFE_INTEGER)
    if (signal?.aborted) throw new AbortedError('reading an entry', signal.reason)
    if (index < log.firstIndex) throw new IndexTruncatedError(log.id, index, log.firstIndex)
    if (index > log.lastIndex) throw new IndexPastEndError(log.id, index, log.lastIndex)
    if (index > log.durableIndex) {
      await log.backend.durable(log.lsnOf(index), signal)
      continue
    }
    const { rewinds } = log
    const [entries, failure] = await attempt(log.backend.read(log.id, index, index, 1, 1))
    log.check()
    if (rewinds !== log.rewinds || index < log.firstIndex) continue
    if (entries?.[0] === undefined) throw failure
    return entries[0]
  }
}

/** What is durable by now, up to the bounds of a batch; `undefined` when the reader has it all. */
async function nextEntries(log: StoreLog, showing: Showing, range: ResolvedRead): Promise<LogEntry[] | undefined> {
  for (;;) {
    checkReader(log, showing, range.signal)
    const from = showing.shown + 1
    const to = Math.min(range.to, log.durableIndex)
    if (to < from) return undefined
    const { rewinds } = log
    const [entries, failure] = await attempt(log.backend.read(log.id, from, to, range.maxEntries, range.maxBytes))
    checkReader(log, showing, range.signal)
    // What was to be read may have been replaced since.
    if (rewinds !== log.rewinds) continue
    if (entries === undefined) throw failure
    showing.shown += entries.length
    return entries
  }
}

function checkReader(log: StoreLog, showing: Showing, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError(READING, signal.reason)
  log.check()
  if (showing.rewoundTo !== undefined) throw new LogRewoundError(log.id, showing.rewoundTo, showing.shown)
  if (showing.shown + 1 < log.firstIndex) throw new IndexTruncatedError(log.id, showing.shown + 1, log.firstIndex)
}

/** Resolves when there may be more: the next entry became durable, or the log changed. */
function more(log: StoreLog, showing: Showing, signal: AbortSignal | undefined): Promise<void> {
  // Since the last look a turn has passed.
  checkReader(log, showing, signal)
  const index = showing.shown + 1
  if (index <= log.durableIndex) return Promise.resolve()
  const lsn = index <= log.lastIndex ? log.lsnOf(index) : 0
  return lsn > 0 ? log.backend.durable(lsn, signal) : log.changes.next(READING, signal)
}

/** What a promise came to: its value, or its error. */
async function attempt<T>(promise: Promise<T>): Promise<readonly [T | undefined, unknown]> {
  return promise.then(
    value => [value, undefined] as const,
    (error: unknown) => [undefined, error] as const,
  )
}
