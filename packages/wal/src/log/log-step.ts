import type { Step } from '@disruptorx/contracts'
import type { ByteConsumer } from '@disruptorx/core'
import { KIND_CUT, KIND_ENTRY, KIND_MARK, KIND_RESET, KIND_TRIM, readU64 } from '../format/descriptor.ts'
import type { JournalLog } from '../journal/journal-log.ts'
import type { JournalStep } from '../journal/journal-step.ts'
import { type LogChannel, REQUEST_HEADER_BYTES } from './channel.ts'

const decoder = new TextDecoder()

/** The body of a log's journal thread: takes requests from the ring, commits them in groups, and tells how far it is. */
export class LogStep implements Step {
  readonly #journal: JournalStep
  readonly #channel: LogChannel
  readonly #requests: ByteConsumer
  readonly #view: DataView
  readonly #logId: number
  readonly #log: JournalLog
  #toldLsn = -1

  constructor(journal: JournalStep, channel: LogChannel, logId: number) {
    this.#journal = journal
    this.#channel = channel
    this.#requests = channel.ring.consumer()
    this.#view = new DataView(channel.ring.memory)
    this.#logId = logId
    this.#log = journal.log(logId)
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
      if (!this.#journal.hasRoom(length)) break
      const kind = this.#view.getUint32(at, true)
      const index = readU64(this.#view, at + 8)
      const term = readU64(this.#view, at + 16)
      const data = at + REQUEST_HEADER_BYTES
      if (kind === KIND_ENTRY) this.#journal.append(this.#logId, index, term, this.#channel.ring.bytes, data, length)
      else this.#change(kind, index, term, data, length)
      requests.advance()
      taken = true
    }
    if (taken) requests.release()
    return taken
  }

  #change(kind: number, index: number, term: number, at: number, length: number): void {
    const log = this.#log
    if (kind === KIND_CUT) log.truncateAfter(index)
    else if (kind === KIND_TRIM) log.truncateBefore(index)
    else if (kind === KIND_RESET) log.reset(index, term)
    else if (kind === KIND_MARK) log.markSnapshot(index, term)
    else {
      const data = this.#channel.ring.bytes.slice(at, at + length)
      const value = 1 + (data[0] as number)
      log.setValue(decoder.decode(data.subarray(1, value)), data.subarray(value))
    }
  }

  #tell(): void {
    const lsn: number = this.#journal.durableLsn
    if (lsn === this.#toldLsn) return
    this.#channel.durableLsn.set(lsn)
    this.#toldLsn = lsn
    this.#channel.parkingLot.unparkAll()
  }
}
