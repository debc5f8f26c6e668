import type { Step } from '@disruptorx/contracts'
import type { ByteConsumer } from '@disruptorx/core'
import type { JournalStep } from '../journal/journal-step.ts'
import { decodeValue } from '../logs/summary-bytes.ts'
import { ChangeCount } from './change-count.ts'
import type { JournalChannel } from './channel.ts'
import { EntryReads } from './entry-reads.ts'
import { REQUEST_HEADER_BYTES, Requests } from './request.ts'
import { ScrubStep } from './scrub-step.ts'
import type { Tell } from './thread-messages.ts'

/** The body of a journal's thread: takes requests from the ring, commits them in groups, tells how far it is, and answers readings. */
export class LogStep implements Step {
  readonly #journal: JournalStep
  readonly #channel: JournalChannel
  readonly #ring: ByteConsumer
  readonly #requests: Requests
  readonly #reads: EntryReads
  readonly #changes: ChangeCount
  readonly #scrubbing: ScrubStep | undefined
  /** What was told. */
  #durableLsn = -1
  #syncedLsn = -1
  #bytesOnDisk = -1

  /** @param scrubBytesPerSecond 0 for no scrubbing */
  constructor(journal: JournalStep, channel: JournalChannel, tell: Tell, scrubBytesPerSecond = 0) {
    this.#journal = journal
    this.#channel = channel
    this.#ring = channel.ring.consumer()
    this.#requests = new Requests(channel.ring.memory)
    this.#reads = new EntryReads(journal, tell)
    this.#changes = new ChangeCount(journal.lastLsn)
    this.#scrubbing = scrubBytesPerSecond === 0 ? undefined : new ScrubStep(journal, scrubBytesPerSecond, tell)
    this.#tellProgress()
  }

  /** @throws {JournalStoppedError} when the disk failed */
  step(): number {
    const taken = this.#take()
    const delayMs = this.#journal.step()
    if (this.#journal.failure !== undefined) throw this.#journal.failure
    this.#tellProgress()
    const read = this.#reads.step()
    const scrubMs = this.#scrubbing === undefined ? Number.POSITIVE_INFINITY : this.#scrubbing.step()
    return taken || read ? 0 : Math.min(delayMs, scrubMs)
  }

  /** Whether there are requests that were not taken yet. */
  get asked(): boolean {
    return this.#ring.peek()
  }

  /** Lets go of files, once the journal is closed. */
  close(): void {
    this.#reads.close()
    this.#scrubbing?.close()
    if (this.#journal.failure === undefined) this.#tellProgress()
  }

  // Hot: benchmark `wal/log64`. No allocation per request.
  #take(): boolean {
    const ring = this.#ring
    const requests = this.#requests
    const { bytes } = this.#channel.ring
    let taken = false
    // Entries that the journal wrote again in its last step.
    this.#changes.note(this.#journal.lastLsn)
    while (ring.peek()) {
      const length = ring.length - REQUEST_HEADER_BYTES
      const at = ring.offset
      if (!this.#journal.hasRoom(length)) break
      if (requests.appends(at)) {
        this.#changes.asked++
        const data = at + REQUEST_HEADER_BYTES
        this.#journal.append(requests.logId(at), requests.index(at), requests.term(at), bytes, data, length)
      } else this.#change(at, length)
      ring.advance()
      taken = true
    }
    if (taken) ring.release()
    return taken
  }

  #change(at: number, length: number): void {
    const requests = this.#requests
    const kind = requests.kind(at)
    if (kind === 'read') {
      this.#reads.add(requests.reading(at))
      return
    }
    const log = this.#journal.log(requests.logId(at))
    const index = requests.index(at)
    if (kind === 'truncate-after') log.truncateAfter(index)
    else if (kind === 'truncate-before') log.truncateBefore(index)
    else if (kind === 'reset') log.reset(index, requests.term(at))
    else if (kind === 'snapshot') log.markSnapshot(index, requests.term(at))
    else if (kind === 'drop') this.#journal.dropLog(log.id)
    else {
      const start = at + REQUEST_HEADER_BYTES
      const [name, value] = decodeValue(this.#channel.ring.bytes.slice(start, start + length))
      log.setValue(name, value)
    }
    this.#changes.asked++
  }

  #tellProgress(): void {
    const { durableLsn, syncedLsn, bytesOnDisk } = this.#journal
    if (durableLsn === this.#durableLsn && syncedLsn === this.#syncedLsn && bytesOnDisk === this.#bytesOnDisk) return
    const { cells, parkingLot } = this.#channel.progress
    cells.bytesWritten.set(this.#journal.bytesWritten)
    cells.bytesOnDisk.set(bytesOnDisk)
    cells.segmentsMadeInline.set(this.#journal.segmentsMadeInline)
    cells.syncedLsn.set(this.#changes.upTo(syncedLsn))
    cells.durableLsn.set(this.#changes.upTo(durableLsn))
    this.#changes.forget(syncedLsn)
    this.#durableLsn = durableLsn
    this.#syncedLsn = syncedLsn
    this.#bytesOnDisk = bytesOnDisk
    parkingLot.unparkAll()
  }
}
