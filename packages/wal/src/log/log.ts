import type {
  Appended,
  Closeable,
  DisruptorError,
  Index,
  LogEntry,
  LogId,
  LogReadOptions,
  LogStore,
  Lsn,
  SnapshotMark,
  Term,
} from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import type { ByteProducer } from '@disruptorx/core'
import { EntryOrderError, EntryTooLargeError, IndexPastEndError, IndexTruncatedError, LogFullError } from '../errors.ts'
import { KIND_CUT, KIND_ENTRY, KIND_MARK, KIND_RESET, KIND_TRIM, KIND_VALUE, writeU64 } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import type { Recovery } from '../journal/journal-step.ts'
import { readOne, resolveRead } from '../journal/read-options.ts'
import { checkCut, checkMark, checkReset, checkTrim, checkValue } from '../logs/checks.ts'
import { LogNumbers } from '../logs/log-numbers.ts'
import { encodeValue } from '../logs/summary-bytes.ts'
import { AsyncNodeFiles } from '../platform/async-node-files.ts'
import { cipherKeys } from '../platform/cipher.ts'
import { type LogChannel, REQUEST_HEADER_BYTES } from './channel.ts'
import { DurableIndex } from './durable-index.ts'
import type { JournalThread } from './journal-thread.ts'
import { LogReading } from './log-reading.ts'
import type { ResolvedLogOptions } from './options.ts'
import { ProgressWaiters } from './progress-waiters.ts'
import { ONLY_LOG, type OpenedLog } from './thread-messages.ts'

const nothing = new Uint8Array(0)

/**
 * One durable log, made durable by a journal on a thread of its own.
 *
 * The directory is this log's alone. Use it from one thread. Every change throws {@link LogFullError} when the journal is behind: await {@link room}, then
 * do it again.
 */
export class Log implements LogStore, Closeable {
  /** What opening found. */
  readonly recovery: Recovery
  readonly #options: ResolvedLogOptions
  readonly #keys: Keys
  readonly #channel: LogChannel
  readonly #thread: JournalThread
  readonly #producer: ByteProducer
  readonly #view: DataView
  readonly #waiters: ProgressWaiters
  /** The log as it will be when the journal's thread has done what was asked: it gives every request the LSN that is counted here. */
  readonly #numbers: LogNumbers
  readonly #durable: DurableIndex
  #lastLsn: number
  #refusal: DisruptorError | undefined
  #closing: Promise<void> | undefined

  /** Logs come from `openLog`. */
  constructor(options: ResolvedLogOptions, channel: LogChannel, thread: JournalThread, opened: OpenedLog) {
    this.recovery = opened.recovery
    this.#options = options
    this.#keys = cipherKeys(options.encryption)
    this.#channel = channel
    this.#thread = thread
    this.#producer = channel.ring.producer()
    this.#view = new DataView(channel.ring.memory)
    this.#waiters = new ProgressWaiters(channel.parkingLot, held => thread.hold(held))
    this.#numbers = new LogNumbers(opened.summary)
    for (let i = 0; i < opened.terms.length; i += 2) this.#numbers.terms.start(opened.terms[i] as number, opened.terms[i + 1] as number)
    this.#durable = new DurableIndex(opened.summary.lastIndex)
    this.#lastLsn = opened.lastLsn
    thread.ended.catch((error: DisruptorError) => {
      this.#refusal ??= error
      this.#waiters.end(error)
    })
  }

  get id(): LogId {
    return ONLY_LOG
  }

  get firstIndex(): Index {
    return this.#numbers.firstIndex
  }

  get lastIndex(): Index {
    return this.#numbers.lastIndex
  }

  get lastTerm(): Term {
    return this.#numbers.lastTerm
  }

  get durableIndex(): Index {
    return this.#durable.at(this.durableLsn)
  }

  get snapshot(): SnapshotMark | undefined {
    return this.#numbers.snapshot
  }

  /** The LSN of the newest change. */
  get lastLsn(): Lsn {
    return this.#lastLsn
  }

  /** Everything up to this LSN counts as durable, in the sense of the option `durability`. */
  get durableLsn(): Lsn {
    return this.#channel.durableLsn.get() as number
  }

  /** Why the log takes nothing any more; `undefined` while it works. */
  get failure(): DisruptorError | undefined {
    return this.#refusal
  }

  termAt(index: Index): Term | undefined {
    return this.#numbers.knownTermAt(index)
  }

  // Hot: benchmark `wal/log64`. One copy; the result is the only allocation.
  /**
   * Appends one entry after {@link lastIndex}, copied before it returns. Terms never go back.
   *
   * @throws {LogFullError} {@link EntryTooLargeError} {@link EntryOrderError} {@link JournalStoppedError} {@link ClosedError}
   */
  append(data: Uint8Array, term: Term = this.#numbers.lastTerm === 0 ? 1 : this.#numbers.lastTerm): Appended {
    const numbers = this.#numbers
    this.#checkEntry(data, term)
    const index = numbers.lastIndex + 1
    const lsn = this.#request(KIND_ENTRY, index, term, data)
    if (term !== numbers.lastTerm || numbers.terms.starts.length === 0) numbers.startTerm(index, term)
    numbers.lastIndex = index
    this.#durable.append(index, lsn)
    return { index, lsn }
  }

  /** Appends entries one after the other, all or none. @throws as {@link append}; {@link OptionError} there is none, or together they are over half of the buffer */
  appendBatch(batch: readonly Uint8Array[], term: Term): Appended {
    if (batch.length === 0) throw new OptionError('batch', 0, 'at least one entry')
    let bytes = 0
    for (const data of batch) {
      this.#checkEntry(data, term)
      bytes += REQUEST_HEADER_BYTES + data.length + 16
    }
    const { ring } = this.#channel
    if (bytes * 2 > ring.capacityBytes)
      throw new OptionError('batch', bytes, `together at most half of bufferBytes, ${ring.capacityBytes / 2}`)
    if (this.#refusal === undefined && ring.usedBytes + bytes * 2 > ring.capacityBytes) throw new LogFullError(this.#options.bufferBytes)
    let last: Appended = { index: 0, lsn: 0 }
    for (const data of batch) last = this.append(data, term)
    return last
  }

  /** @throws {IndexTruncatedError} {@link IndexPastEndError} {@link LogFullError} {@link JournalStoppedError} {@link ClosedError} */
  truncateAfter(index: Index): Lsn {
    checkCut(this.#numbers, index)
    const term = this.#numbers.termAt(index)
    const lsn = this.#request(KIND_CUT, index, term, nothing)
    this.#numbers.cut(index, term)
    this.#durable.cut(index)
    return lsn
  }

  /** Whole segments go, soon. @throws {IndexPastEndError} {@link LogFullError} {@link JournalStoppedError} {@link ClosedError} */
  truncateBefore(index: Index): Lsn {
    if (this.#refusal !== undefined) throw this.#refusal
    checkTrim(this.#numbers, index)
    if (index <= this.#numbers.firstIndex) return this.#lastLsn
    const term = this.#numbers.termAt(index - 1)
    const lsn = this.#request(KIND_TRIM, index, term, nothing)
    this.#numbers.trim(index, term)
    return lsn
  }

  /** @throws {IndexTruncatedError} {@link EntryOrderError} {@link LogFullError} {@link JournalStoppedError} {@link ClosedError} */
  reset(index: Index, term: Term): Lsn {
    checkReset(this.#numbers, index, term)
    const lsn = this.#request(KIND_RESET, index, term, nothing)
    this.#numbers.reset(index, term)
    this.#durable.reset(index, lsn)
    return lsn
  }

  /** @throws {IndexPastEndError} {@link OptionError} {@link LogFullError} {@link JournalStoppedError} {@link ClosedError} */
  markSnapshot(index: Index, term: Term): Lsn {
    checkMark(this.#numbers, index, term)
    const lsn = this.#request(KIND_MARK, index, term, nothing)
    this.#numbers.mark(index, term)
    return lsn
  }

  /** @throws {OptionError} {@link LogFullError} {@link JournalStoppedError} {@link ClosedError} */
  setValue(name: string, value: Uint8Array): Lsn {
    checkValue(this.#numbers, name, value)
    const lsn = this.#request(KIND_VALUE, 0, 0, encodeValue(name, value))
    this.#numbers.setValue(name, value.slice())
    return lsn
  }

  value(name: string): Uint8Array | undefined {
    return this.#numbers.values.get(name)?.slice()
  }

  /**
   * Resolves when everything up to `lsn` is durable.
   *
   * @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} {@link OptionError} nothing with this LSN was appended
   */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > this.#lastLsn)
      return Promise.reject(new OptionError('lsn', lsn, `a whole number up to ${this.#lastLsn}`))
    return this.#waiters.until(() => this.durableLsn >= lsn, `waiting for LSN ${lsn}`, signal)
  }

  /** Resolves when at least half of the buffer is free. @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} */
  room(signal?: AbortSignal): Promise<void> {
    const { ring } = this.#channel
    return this.#waiters.until(() => ring.usedBytes * 2 <= ring.capacityBytes, 'waiting for room', signal)
  }

  /** @throws {IndexTruncatedError} {@link IndexPastEndError} {@link JournalCorruptError} {@link AbortedError} {@link ClosedError} */
  entry(index: Index, signal?: AbortSignal): Promise<LogEntry> {
    return readOne(this, index, signal)
  }

  /**
   * Reads entries from `from` on, in batches that are the caller's.
   *
   * @throws {IndexTruncatedError} also when the log is truncated past the reader
   * @throws {IndexPastEndError} {@link LogRewoundError} {@link JournalCorruptError} {@link AbortedError} {@link ClosedError}
   */
  async *read(from: Index, options: LogReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    if (this.#closing !== undefined) throw new ClosedError('the log')
    const { to, follow, maxEntries, maxBytes, signal } = resolveRead(from, options)
    if (from < this.firstIndex) throw new IndexTruncatedError(ONLY_LOG, from, this.firstIndex)
    if (from > this.lastIndex + 1) throw new IndexPastEndError(ONLY_LOG, from, this.lastIndex)
    const reading = new LogReading(new AsyncNodeFiles(), this.#options.journal.dir, this.#keys, from)
    try {
      for (let next = from, lsn = -1; next <= to; ) {
        if (lsn === this.durableLsn) {
          if (!follow) return
          await this.#waiters.until(() => this.durableLsn !== lsn, 'following the log', signal)
        }
        lsn = this.durableLsn
        await reading.extend(lsn)
        for (;;) {
          const entries = await reading.next({ index: to, entries: maxEntries, bytes: maxBytes }, signal)
          if (entries.length === 0) break
          next = (entries.at(-1) as LogEntry).index + 1
          yield entries
        }
      }
    } finally {
      await reading.close()
    }
  }

  /** Makes everything appended durable, ends the journal and its threads, and gives the directory back. @throws what stopped the journal */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#refusal ??= new ClosedError('the log')
    this.#producer.close()
    this.#thread.hold(true)
    this.#channel.stop.raise()
    try {
      await this.#thread.ended
    } finally {
      this.#waiters.end(this.#refusal)
    }
  }

  #checkEntry(data: Uint8Array, term: number): void {
    const { lastIndex, lastTerm } = this.#numbers
    if (!(term >= lastTerm) || !Number.isSafeInteger(term)) throw new EntryOrderError(ONLY_LOG, lastIndex + 1, term, lastIndex, lastTerm)
    if (data.length > this.#options.journal.maxRecordBytes) throw new EntryTooLargeError(data.length, this.#options.journal.maxRecordBytes)
  }

  #request(kind: number, index: number, term: number, data: Uint8Array): Lsn {
    if (this.#refusal !== undefined) throw this.#refusal
    const at = this.#producer.tryClaim(REQUEST_HEADER_BYTES + data.length)
    if (at < 0) throw new LogFullError(this.#options.bufferBytes)
    const view = this.#view
    view.setUint32(at, kind, true)
    writeU64(view, at + 8, index)
    writeU64(view, at + 16, term)
    this.#channel.ring.bytes.set(data, at + REQUEST_HEADER_BYTES)
    this.#producer.publish()
    return ++this.#lastLsn
  }
}
