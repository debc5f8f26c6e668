import type { Step } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import type { ByteConsumer } from '@disruptorx/core'
import { REQUEST_HEADER_BYTES, Request, type SqliteChannel } from './channel.ts'
import { databaseError } from './errors.ts'
import type { LogDatabase } from './log-database.ts'
import type { ResolvedSqliteOptions } from './options.ts'
import type { SqliteThreadMessage } from './thread-messages.ts'

/** What a commit writes besides the data, about: pages of the tables' upper levels, frame headers. */
const COMMIT_BYTES = 16 * 1024
/** The same for one change. */
const CHANGE_BYTES = 64

/** A message with memory that goes along. */
export type Tell = (message: SqliteThreadMessage, memory?: readonly ArrayBuffer[]) => void

/**
 * The body of a SQLite journal's thread: everything that arrived while it committed goes into the next transaction.
 *
 * Requests are dealt with in order, reads too, so a read sees the log as it was when it was asked for.
 */
export class SqliteStep implements Step {
  readonly #logs: LogDatabase
  readonly #channel: SqliteChannel
  readonly #requests: ByteConsumer
  readonly #view: DataView
  readonly #options: ResolvedSqliteOptions
  readonly #tell: Tell
  readonly #request = new Request()
  #lsn: number
  #inTransaction = false
  #uncheckpointedBytes = 0

  constructor(logs: LogDatabase, channel: SqliteChannel, options: ResolvedSqliteOptions, tell: Tell) {
    this.#logs = logs
    this.#channel = channel
    this.#requests = channel.ring.consumer()
    this.#view = new DataView(channel.ring.memory)
    this.#options = options
    this.#tell = tell
    this.#lsn = logs.lastLsn
    channel.durableLsn.set(this.#lsn)
  }

  /** @throws what SQLite throws: then nothing after the durable LSN was committed, and nothing more may be */
  step(): number {
    if (!this.#requests.peek()) return this.#rest()
    // What arrives from here on waits for the next transaction, once this one has enough.
    for (let bytes = 0; bytes < this.#options.bufferBytes && this.#requests.peek(); ) {
      bytes += this.#requests.length
      this.#deal(this.#requests.offset, this.#requests.length)
      this.#requests.advance()
    }
    if (this.#inTransaction) this.#commit()
    this.#requests.release()
    return 0
  }

  /** Does everything that was asked, up to the last request. */
  drain(): void {
    while (this.#requests.peek()) this.step()
  }

  #deal(at: number, length: number): void {
    const request = this.#request
    request.read(this.#view, at)
    const { bytes } = this.#channel.ring
    const dataAt = at + REQUEST_HEADER_BYTES + request.nameLength
    if (request.kind === 'read') {
      this.#read(request, dataAt)
      return
    }
    if (!this.#inTransaction) {
      this.#logs.begin()
      this.#inTransaction = true
    }
    // SQLite takes no shared memory.
    const data = bytes.slice(dataAt, at + length)
    if (request.kind === 'append') this.#logs.append(request.logId, request.index, request.term, data)
    else this.#logs.change(request.kind, request.logId, request.index, request.term, this.#name(request, at), data)
    this.#lsn++
    this.#uncheckpointedBytes += length + CHANGE_BYTES
  }

  #name(request: Request, at: number): string {
    const start = at + REQUEST_HEADER_BYTES
    return String.fromCharCode(...this.#channel.ring.bytes.subarray(start, start + request.nameLength))
  }

  #read({ logId, index, term: to }: Request, at: number): void {
    const [request, maxEntries, maxBytes] = [0, 8, 16].map(offset => this.#view.getFloat64(at + offset, true)) as [number, number, number]
    try {
      const entries = this.#logs.read(logId, index, to, maxEntries, maxBytes)
      const memory = [entries.terms, entries.lengths, entries.bytes].map(array => array.buffer as ArrayBuffer)
      this.#tell({ kind: 'entries', request, entries }, memory)
    } catch (error) {
      this.#tell({ kind: 'unread', request, error: errorToData(databaseError(this.#options.path, error)) })
    }
  }

  #commit(): void {
    if (this.#logs.hasGarbage) this.#logs.sweep()
    this.#logs.commit(this.#lsn)
    this.#inTransaction = false
    this.#channel.durableLsn.set(this.#lsn)
    this.#channel.parkingLot.unparkAll()
    this.#uncheckpointedBytes += COMMIT_BYTES
    if (this.#uncheckpointedBytes < this.#options.checkpointBytes) return
    this.#logs.checkpoint()
    this.#uncheckpointedBytes = 0
  }

  /** Nothing was asked: removes rows that no log needs. */
  #rest(): number {
    if (!this.#logs.hasGarbage) return Number.POSITIVE_INFINITY
    this.#logs.begin()
    this.#inTransaction = true
    this.#commit()
    return 0
  }
}
