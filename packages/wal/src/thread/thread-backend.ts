import type { DisruptorError, LogEntry } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import type { ByteProducer } from '@disruptorx/core'
import { LogFullError } from '../errors.ts'
import type { LogBackend, LogChange } from '../log/log-backend.ts'
import { StateRoom } from '../logs/state-room.ts'
import { summaryBytes } from '../logs/summary-bytes.ts'
import type { JournalChannel } from './channel.ts'
import type { JournalThread } from './journal-thread.ts'
import { ProgressWaiters } from './progress-waiters.ts'
import { APPEND, encodeReading, kindNumber, REQUEST_HEADER_BYTES, writeHeader } from './request.ts'
import { type OpenedJournal, type PackedEntries, unpacked } from './thread-messages.ts'

const nothing = new Uint8Array(0)

/** What a {@link ThreadBackend} works with. */
export interface ThreadParts {
  readonly channel: JournalChannel
  readonly thread: JournalThread
  readonly opened: OpenedJournal
  readonly maxRecordBytes: number
}

/** Hands changes to a journal's thread through the ring, readings too, and counts the LSN that each change gets there. For one thread. */
export class ThreadBackend implements LogBackend {
  readonly maxRecordBytes: number
  readonly stateRoom: StateRoom
  refusal: DisruptorError | undefined
  lastLsn: number
  /** Called when the journal has ended, or is about to: readers that wait are to look why. */
  onEnd: () => void = () => {}
  private readonly channel: JournalChannel
  private readonly producer: ByteProducer
  private readonly view: DataView
  private readonly bytes: Uint8Array
  readonly #waiters: ProgressWaiters
  readonly #reads = new Map<number, PromiseWithResolvers<LogEntry[]>>()
  readonly #thread: JournalThread
  #nextRead = 1
  #holds = 0
  #closing: Promise<void> | undefined

  constructor({ channel, thread, opened, maxRecordBytes }: ThreadParts) {
    this.maxRecordBytes = maxRecordBytes
    this.lastLsn = opened.lastLsn
    const usedBytes = opened.logs.reduce((sum, { summary }) => sum + summaryBytes(summary), 0)
    this.stateRoom = new StateRoom(opened.mostStateBytes, usedBytes)
    this.channel = channel
    this.producer = channel.ring.producer()
    this.view = new DataView(channel.ring.memory)
    this.bytes = channel.ring.bytes
    this.#thread = thread
    this.#waiters = new ProgressWaiters(channel.progress, held => this.#hold(held))
    thread.onRead = (request, answer) => this.#answer(request, answer)
    thread.ended.catch((error: DisruptorError) => this.#end(error))
  }

  get durableLsn(): number {
    return this.channel.progress.durableLsn
  }

  // Hot: benchmark `wal/log64`. One copy.
  append(logId: number, index: number, term: number, data: Uint8Array): number {
    this.claim(APPEND, logId, index, term, data)
    this.producer.publish()
    return ++this.lastLsn
  }

  appendBatch(logId: number, index: number, term: number, batch: readonly Uint8Array[]): number {
    this.#checkBatch(batch)
    try {
      for (const [i, data] of batch.entries()) this.claim(APPEND, logId, index + i, term, data)
    } catch (error) {
      this.producer.abort()
      throw error
    }
    this.producer.publish()
    this.lastLsn += batch.length
    return this.lastLsn
  }

  change(kind: LogChange, logId: number, index: number, term: number, data = nothing): number {
    this.claim(kindNumber(kind), logId, index, term, data)
    this.producer.publish()
    return ++this.lastLsn
  }

  durable(lsn: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > this.lastLsn)
      return Promise.reject(new OptionError('lsn', lsn, `a whole number up to ${this.lastLsn}`))
    return this.#waiters.durable(lsn, signal)
  }

  room(signal?: AbortSignal): Promise<void> {
    const { ring } = this.channel
    return this.#waiters.until(() => ring.usedBytes * 2 <= ring.capacityBytes, 'waiting for room', signal)
  }

  async read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): Promise<LogEntry[]> {
    const request = this.#nextRead++
    const data = encodeReading(request, maxEntries, maxBytes)
    while (!this.#tryRead(logId, from, to, data)) await this.room()
    const answer = Promise.withResolvers<LogEntry[]>()
    this.#reads.set(request, answer)
    this.#hold(true)
    try {
      return await answer.promise
    } finally {
      this.#hold(false)
    }
  }

  /** Takes nothing any more, makes everything that was taken durable, and ends the thread. @throws what stopped the journal */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const closed = new ClosedError('the journal')
    this.#refuse(closed)
    this.onEnd()
    this.#hold(true)
    this.channel.stop.raise()
    try {
      await this.#thread.ended
    } finally {
      this.#end(closed)
    }
  }

  #refuse(refusal: DisruptorError): void {
    if (this.refusal !== undefined) return
    this.refusal = refusal
    this.producer.close()
  }

  /** The thread is gone: ends everything that waits for it. */
  #end(error: DisruptorError): void {
    this.#refuse(error)
    this.channel.progress.ended.raise()
    this.#waiters.end(error)
    for (const answer of this.#reads.values()) answer.reject(error)
    this.#reads.clear()
    this.onEnd()
  }

  #tryRead(logId: number, from: number, to: number, data: Uint8Array): boolean {
    if (this.refusal !== undefined) throw this.refusal
    try {
      this.claim(kindNumber('read'), logId, from, to, data)
    } catch (error) {
      if (error instanceof LogFullError) return false
      throw error
    }
    this.producer.publish()
    return true
  }

  /** @throws {LogFullError} */
  private claim(kind: number, logId: number, index: number, term: number, data: Uint8Array): void {
    const at = this.producer.tryClaim(REQUEST_HEADER_BYTES + data.length)
    if (at < 0) throw new LogFullError(this.channel.ring.capacityBytes)
    this.bytes.set(data, writeHeader(this.view, at, kind, logId, index, term))
  }

  /** One that can never fit would be refused for ever. */
  #checkBatch(batch: readonly Uint8Array[]): void {
    const { capacityBytes } = this.channel.ring
    let bytes = 0
    for (const data of batch) bytes += REQUEST_HEADER_BYTES + data.length + 16
    if (bytes * 2 > capacityBytes) throw new OptionError('batch', bytes, `together at most half of bufferBytes, ${capacityBytes / 2}`)
  }

  #answer(request: number, answer: PackedEntries | DisruptorError): void {
    const waiting = this.#reads.get(request)
    this.#reads.delete(request)
    if (answer instanceof Error) waiting?.reject(answer)
    else waiting?.resolve(unpacked(answer))
  }

  #hold(held: boolean): void {
    this.#holds += held ? 1 : -1
    if (this.#holds === 1 && held) this.#thread.hold(true)
    if (this.#holds === 0) this.#thread.hold(false)
  }
}
