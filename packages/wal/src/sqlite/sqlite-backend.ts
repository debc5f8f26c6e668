import type { DisruptorError, LogEntry } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import type { ByteProducer } from '@disruptorx/core'
import { LogFullError } from '../errors.ts'
import { ProgressWaiters } from '../log/progress-waiters.ts'
import type { LogBackend, LogChange } from '../memory/log-backend.ts'
import { REQUEST_HEADER_BYTES, type RequestKind, type SqliteChannel, writeHeader } from './channel.ts'
import type { ResolvedSqliteOptions } from './options.ts'
import type { ReadEntries } from './thread-messages.ts'

const nothing = new Uint8Array(0)

/** The database's thread, as far as a journal sees it. */
export interface DatabaseThread {
  /** Keeps the process alive while true. */
  hold(held: boolean): void
  /** Called with what was read, or with why it was not. */
  onRead: (request: number, answer: ReadEntries | DisruptorError) => void
  /** Resolves when the database is closed; rejects with what stopped it. */
  readonly ended: Promise<void>
}

/** Hands changes to the database's thread through the ring, and reads to it too. */
export class SqliteBackend implements LogBackend {
  readonly maxRecordBytes: number
  refusal: DisruptorError | undefined
  lastLsn: number
  readonly #bufferBytes: number
  readonly #channel: SqliteChannel
  readonly #producer: ByteProducer
  readonly #view: DataView
  readonly #waiters: ProgressWaiters
  readonly #reads = new Map<number, PromiseWithResolvers<LogEntry[]>>()
  #nextRead = 1
  #holds = 0
  readonly #thread: DatabaseThread

  constructor(options: ResolvedSqliteOptions, channel: SqliteChannel, thread: DatabaseThread, lastLsn: number) {
    this.maxRecordBytes = options.maxRecordBytes
    this.lastLsn = lastLsn
    this.#bufferBytes = options.bufferBytes
    this.#channel = channel
    this.#producer = channel.ring.producer()
    this.#view = new DataView(channel.ring.memory)
    this.#thread = thread
    this.#waiters = new ProgressWaiters(channel.parkingLot, held => this.#hold(held))
    thread.onRead = (request, answer) => this.#answer(request, answer)
  }

  get durableLsn(): number {
    return this.#channel.durableLsn.get()
  }

  // Hot: one copy.
  append(logId: number, index: number, term: number, data: Uint8Array): number {
    this.#claim('append', logId, index, term, nothing, data)
    this.#producer.publish()
    return ++this.lastLsn
  }

  appendBatch(logId: number, index: number, term: number, batch: readonly Uint8Array[]): number {
    try {
      for (const [i, data] of batch.entries()) this.#claim('append', logId, index + i, term, nothing, data)
    } catch (error) {
      this.#producer.abort()
      throw error
    }
    this.#producer.publish()
    this.lastLsn += batch.length
    return this.lastLsn
  }

  change(kind: LogChange, logId: number, index: number, term: number, name = '', value = nothing): number {
    this.#claim(kind, logId, index, term, new TextEncoder().encode(name), value)
    this.#producer.publish()
    return ++this.lastLsn
  }

  durable(lsn: number, signal?: AbortSignal): Promise<void> {
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > this.lastLsn)
      return Promise.reject(new OptionError('lsn', lsn, `a whole number up to ${this.lastLsn}`))
    return this.#waiters.until(() => this.durableLsn >= lsn, `waiting for LSN ${lsn}`, signal)
  }

  /** Resolves when at least half of the buffer is free. */
  room(signal?: AbortSignal): Promise<void> {
    const { ring } = this.#channel
    return this.#waiters.until(() => ring.usedBytes * 2 <= ring.capacityBytes, 'waiting for room', signal)
  }

  async read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): Promise<LogEntry[]> {
    const request = this.#nextRead++
    const data = new Float64Array([request, maxEntries, maxBytes])
    while (!this.#tryRead(logId, from, to, new Uint8Array(data.buffer))) await this.room()
    const answer = Promise.withResolvers<LogEntry[]>()
    this.#reads.set(request, answer)
    this.#hold(true)
    try {
      return await answer.promise
    } finally {
      this.#hold(false)
    }
  }

  /** Takes nothing any more. What it has taken is still dealt with. */
  refuse(refusal: DisruptorError): void {
    if (this.refusal !== undefined) return
    this.refusal = refusal
    this.#producer.close()
  }

  /** The thread is gone: ends everything that waits for it. */
  ended(error: DisruptorError): void {
    this.refuse(error)
    this.#waiters.end(error)
    for (const answer of this.#reads.values()) answer.reject(error)
    this.#reads.clear()
  }

  #tryRead(logId: number, from: number, to: number, data: Uint8Array): boolean {
    if (this.refusal !== undefined) throw this.refusal
    try {
      this.#claim('read', logId, from, to, nothing, data)
    } catch (error) {
      if (error instanceof LogFullError) return false
      throw error
    }
    this.#producer.publish()
    return true
  }

  /** @throws {LogFullError} */
  #claim(kind: RequestKind, logId: number, index: number, term: number, name: Uint8Array, data: Uint8Array): void {
    const at = this.#producer.tryClaim(REQUEST_HEADER_BYTES + name.length + data.length)
    if (at < 0) throw new LogFullError(this.#bufferBytes)
    const dataAt = writeHeader(this.#view, at, kind, logId, index, term, name.length)
    this.#channel.ring.bytes.set(name, dataAt)
    this.#channel.ring.bytes.set(data, dataAt + name.length)
  }

  #answer(request: number, answer: ReadEntries | DisruptorError): void {
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

function unpacked({ from, terms, lengths, bytes }: ReadEntries): LogEntry[] {
  let at = 0
  return Array.from(lengths, (length, i) => {
    const data = bytes.subarray(at, at + length)
    at += length
    return { index: from + i, term: terms[i] as number, data }
  })
}
