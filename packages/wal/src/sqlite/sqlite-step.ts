import type { Step } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import type { ByteConsumer } from '@disruptorx/core'
import type { JournalChannel } from '../thread/channel.ts'
import { REQUEST_HEADER_BYTES, type ReadRequest, Requests } from '../thread/request.ts'
import { type Tell, tellEntries } from '../thread/thread-messages.ts'
import { databaseError } from './errors.ts'
import type { LogDatabase } from './log-database.ts'
import type { ResolvedSqliteOptions } from './options.ts'

/** What a commit writes besides the data, about: pages of the tables' upper levels, frame headers. */
const COMMIT_BYTES = 16 * 1024
/** The same for one change. */
const CHANGE_BYTES = 64

/**
 * The body of a SQLite journal's thread: everything that arrived while it committed goes into the next transaction.
 *
 * Requests are dealt with in order, reads too, so a read sees the log as it was when it was asked for.
 */
export class SqliteStep implements Step {
  readonly #logs: LogDatabase
  readonly #channel: JournalChannel
  readonly #ring: ByteConsumer
  readonly #requests: Requests
  readonly #options: ResolvedSqliteOptions
  readonly #tell: Tell
  #lsn: number
  #inTransaction = false
  #uncheckpointedBytes = 0

  constructor(logs: LogDatabase, channel: JournalChannel, options: ResolvedSqliteOptions, tell: Tell) {
    this.#logs = logs
    this.#channel = channel
    this.#ring = channel.ring.consumer()
    this.#requests = new Requests(channel.ring.memory)
    this.#options = options
    this.#tell = tell
    this.#lsn = logs.lastLsn
    this.#tellProgress()
  }

  /** @throws what SQLite throws: then nothing after the durable LSN was committed, and nothing more may be */
  step(): number {
    const ring = this.#ring
    if (!ring.peek()) return this.#rest()
    // What arrives from here on waits for the next transaction, once this one has enough.
    for (let bytes = 0; bytes < this.#options.bufferBytes && ring.peek(); ) {
      bytes += ring.length
      this.#deal(ring.offset, ring.length)
      ring.advance()
    }
    if (this.#inTransaction) this.#commit()
    ring.release()
    return 0
  }

  /** Does everything that was asked, up to the last request. */
  drain(): void {
    while (this.#ring.peek()) this.step()
  }

  #deal(at: number, length: number): void {
    const requests = this.#requests
    const kind = requests.kind(at)
    if (kind === 'read') {
      this.#read(requests.reading(at))
      return
    }
    if (!this.#inTransaction) {
      this.#logs.begin()
      this.#inTransaction = true
    }
    const logId = requests.logId(at)
    const index = requests.index(at)
    // SQLite takes no shared memory.
    const data = this.#channel.ring.bytes.slice(at + REQUEST_HEADER_BYTES, at + length)
    if (kind === 'append') this.#logs.append(logId, index, requests.term(at), data)
    else this.#logs.change(kind, logId, index, requests.term(at), data)
    this.#lsn++
    this.#uncheckpointedBytes += length + CHANGE_BYTES
  }

  #read({ request, logId, from, to, maxEntries, maxBytes }: ReadRequest): void {
    try {
      tellEntries(this.#tell, request, this.#logs.read(logId, from, to, maxEntries, maxBytes))
    } catch (error) {
      this.#tell({ kind: 'unread', request, error: errorToData(databaseError(this.#options.path, error)) })
    }
  }

  #commit(): void {
    if (this.#logs.hasGarbage) this.#logs.sweep()
    this.#logs.commit(this.#lsn)
    this.#inTransaction = false
    this.#tellProgress()
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

  #tellProgress(): void {
    const { cells, parkingLot } = this.#channel.progress
    cells.durableLsn.set(this.#lsn)
    parkingLot.unparkAll()
  }
}
