import type { Appended, Closeable, DisruptorError, Index, LogEntry, Lsn, Term } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { ByteProducer } from '@disruptorx/core'
import { EntryOrderError, EntryTooLargeError, LogFullError } from '../errors.ts'
import { writeU64 } from '../format/descriptor.ts'
import type { Recovery } from '../journal/journal.ts'
import { AsyncNodeFiles } from '../platform/async-node-files.ts'
import { type LogChannel, REQUEST_APPEND, REQUEST_HEADER_BYTES, REQUEST_RELEASE } from './channel.ts'
import { LogReading } from './log-reading.ts'
import type { ResolvedLogOptions } from './options.ts'
import { ProgressWaiters } from './progress-waiters.ts'
import { ONLY_LOG, type OpenedLog } from './thread-messages.ts'

/** The thread that a log's journal runs on, as far as the log sees it. */
export interface JournalThread {
  /** Keeps the process alive while true. */
  hold(held: boolean): void
  /** Resolves when the journal is closed and its directory free; rejects with what stopped the journal. */
  readonly ended: Promise<void>
}

/**
 * One durable log: entries by index, made durable by a journal on a thread of its own.
 *
 * The directory is this log's alone. Use it from one thread.
 */
export class Log implements Closeable {
  /** What opening found. */
  readonly recovery: Recovery
  readonly #options: ResolvedLogOptions
  readonly #channel: LogChannel
  readonly #thread: JournalThread
  readonly #producer: ByteProducer
  readonly #view: DataView
  readonly #waiters: ProgressWaiters
  /** What an entry's index is ahead of its LSN: from here on every record is an entry. */
  readonly #indexOverLsn: number
  #lastIndex: number
  #lastTerm: number
  #refusal: DisruptorError | undefined
  #closing: Promise<void> | undefined

  /** Logs come from `openLog`. */
  constructor(options: ResolvedLogOptions, channel: LogChannel, thread: JournalThread, opened: OpenedLog) {
    this.recovery = opened.recovery
    this.#options = options
    this.#channel = channel
    this.#thread = thread
    this.#producer = channel.ring.producer()
    this.#view = new DataView(channel.ring.memory)
    this.#waiters = new ProgressWaiters(channel.parkingLot, held => thread.hold(held))
    this.#indexOverLsn = opened.lastIndex - opened.lastLsn
    this.#lastIndex = opened.lastIndex
    this.#lastTerm = opened.lastTerm
    thread.ended.catch((error: DisruptorError) => this.#fail(error))
  }

  get firstIndex(): Index {
    return this.#channel.firstIndex.get() as number
  }

  get lastIndex(): Index {
    return this.#lastIndex
  }

  get durableIndex(): Index {
    return this.durableLsn + this.#indexOverLsn
  }

  /** Everything up to this LSN counts as durable, in the sense of the option `durability`. */
  get durableLsn(): Lsn {
    return this.#channel.durableLsn.get() as number
  }

  /** Why the log takes nothing any more; `undefined` while it works. */
  get failure(): DisruptorError | undefined {
    return this.#refusal
  }

  // Hot: benchmark `wal/log64`. One copy; the result is the only allocation.
  /**
   * Appends one entry after {@link lastIndex}, copied before it returns. Terms never go back.
   *
   * @throws {LogFullError} the journal is behind: await {@link room}, then append again
   * @throws {EntryTooLargeError} {@link EntryOrderError} {@link JournalStoppedError} {@link ClosedError}
   */
  append(data: Uint8Array, term: Term = this.#lastTerm === 0 ? 1 : this.#lastTerm): Appended {
    if (!(term >= this.#lastTerm) || !Number.isSafeInteger(term))
      throw new EntryOrderError(ONLY_LOG, this.#lastIndex + 1, term, this.#lastIndex, this.#lastTerm)
    if (data.length > this.#options.journal.maxRecordBytes) throw new EntryTooLargeError(data.length, this.#options.journal.maxRecordBytes)
    const index = this.#lastIndex + 1
    this.#request(REQUEST_APPEND, index, term, data)
    this.#lastIndex = index
    this.#lastTerm = term
    return { index, lsn: index - this.#indexOverLsn }
  }

  /**
   * Resolves when everything up to `lsn` is durable.
   *
   * @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} {@link OptionError} nothing with this LSN was appended
   */
  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    const last = this.#lastIndex - this.#indexOverLsn
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > last)
      return Promise.reject(new OptionError('lsn', lsn, `a whole number up to ${last}`))
    return this.#waiters.until(() => this.durableLsn >= lsn, `waiting for LSN ${lsn}`, signal)
  }

  /** Resolves when at least half of the buffer is free. @throws {JournalStoppedError} {@link AbortedError} {@link ClosedError} */
  room(signal?: AbortSignal): Promise<void> {
    const { ring } = this.#channel
    return this.#waiters.until(() => ring.usedBytes * 2 <= ring.capacityBytes, 'waiting for room', signal)
  }

  /**
   * Reads entries from `from` on, in batches of up to 1,024, until everything that is durable by then was read. The batches are the caller's.
   *
   * @throws {IndexTruncatedError} also when the log is released past the reader
   * @throws {JournalCorruptError} {@link AbortedError} {@link ClosedError}
   */
  async *read(from: Index, signal?: AbortSignal): AsyncGenerator<readonly LogEntry[], void, undefined> {
    if (this.#closing !== undefined) throw new ClosedError('the log')
    const files = new AsyncNodeFiles()
    const reading = await LogReading.open(files, this.#options.journal.dir, from, this.#point())
    try {
      for (let lsn = -1; lsn !== this.durableLsn; ) {
        const point = this.#point()
        lsn = point.lsn
        await reading.extend(point)
        for (;;) {
          const entries = await reading.next(signal)
          if (entries.length === 0) break
          yield entries
        }
      }
    } finally {
      reading.close()
    }
  }

  /** Allows everything up to and including `index` to be removed: whole segments go, soon. @throws {LogFullError} {@link OptionError} */
  release(index: Index): void {
    this.#request(REQUEST_RELEASE, wholeNumber('index', index, 0, this.durableIndex), 0, nothing)
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

  #point(): { lsn: number; index: number } {
    const lsn = this.durableLsn
    return { lsn, index: lsn + this.#indexOverLsn }
  }

  #request(kind: number, index: number, term: number, data: Uint8Array): void {
    if (this.#refusal !== undefined) throw this.#refusal
    const at = this.#producer.tryClaim(REQUEST_HEADER_BYTES + data.length)
    if (at < 0) throw new LogFullError(this.#options.bufferBytes)
    const view = this.#view
    view.setUint32(at, kind, true)
    writeU64(view, at + 8, index)
    writeU64(view, at + 16, term)
    this.#channel.ring.bytes.set(data, at + REQUEST_HEADER_BYTES)
    this.#producer.publish()
  }

  #fail(error: DisruptorError): void {
    this.#refusal ??= error
    this.#waiters.end(error)
  }
}

const nothing = new Uint8Array(0)
