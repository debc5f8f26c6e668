import type { Step } from '@disruptorx/contracts'
import type { ByteConsumer } from '@disruptorx/core'
import { readU64 } from '../format/descriptor.ts'
import type { Journal } from '../journal/journal.ts'
import { type LogChannel, REQUEST_APPEND, REQUEST_HEADER_BYTES } from './channel.ts'

/** The body of a log's journal thread: takes requests from the ring, commits them in groups, and tells how far it is. */
export class LogStep implements Step {
  readonly #journal: Journal
  readonly #channel: LogChannel
  readonly #requests: ByteConsumer
  readonly #view: DataView
  readonly #logId: number
  #toldLsn = -1
  #toldFirst = -1

  constructor(journal: Journal, channel: LogChannel, logId: number) {
    this.#journal = journal
    this.#channel = channel
    this.#requests = channel.ring.consumer()
    this.#view = new DataView(channel.ring.memory)
    this.#logId = logId
    this.#tell()
  }

  /** @throws {JournalStoppedError} when the disk failed */
  step(): number {
    const taken = this.#take()
    const delayMs = this.#journal.step()
    if (this.#journal.failure !== undefined) throw this.#journal.failure
    this.#tell()
    return taken ? 0 : delayMs
  }

  /** Does everything that was asked, up to the last request. */
  drain(): void {
    while (this.#requests.peek()) this.step()
  }

  // Hot: benchmark `wal/log64`. No allocation per request.
  #take(): boolean {
    const requests = this.#requests
    let taken = false
    while (requests.peek()) {
      const length = requests.length - REQUEST_HEADER_BYTES
      const at = requests.offset
      const index = readU64(this.#view, at + 8)
      if (this.#view.getUint32(at, true) === REQUEST_APPEND) {
        if (!this.#journal.hasRoom(length)) break
        const term = readU64(this.#view, at + 16)
        this.#journal.append(this.#logId, index, term, this.#channel.ring.bytes, at + REQUEST_HEADER_BYTES, length)
      } else this.#journal.release(this.#logId, index)
      requests.advance()
      taken = true
    }
    if (taken) requests.release()
    return taken
  }

  #tell(): void {
    const lsn: number = this.#journal.durableLsn
    const first: number = this.#journal.log(this.#logId).firstIndex
    if (lsn === this.#toldLsn && first === this.#toldFirst) return
    const { durableLsn, firstIndex, parkingLot } = this.#channel
    durableLsn.set(lsn)
    firstIndex.set(first)
    this.#toldLsn = lsn
    this.#toldFirst = first
    parkingLot.unparkAll()
  }
}
