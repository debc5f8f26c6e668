import type { Clock, Files, Step } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { ByteProducer, Consumer } from '@disruptorx/core'
import { type JournalStep, type JournalStepOptions, openJournalStep } from '@disruptorx/wal'
import { ENTRY_FORMAT, entryHeader, eventHeader, MAX_ENTRY_BYTES, padded } from '../entry/entry-format.ts'
import { LogDelivery } from './log-delivery.ts'
import { LOCAL_TERM, PARTITION_LOG } from './partition-log.ts'
import { PendingEntries } from './pending-entries.ts'
import { PAGE_BYTES, type Progress } from './progress.ts'
import { committedHeader, type PartitionRings, SLOT_EVENT_OFFSET } from './rings.ts'

/** Segments that must find room beside what a journal has when it is opened: a new one, a spare, and one being freed. */
const ROOM_SEGMENTS = 3
const DEFAULT_SEGMENT_BYTES = 64 * 1024 ** 2
/** Entries gathered between two looks at the disk. */
const ENTRIES_PER_STEP = 64

/** How often to look whether a full journal has room again, in milliseconds: files are freed by a thread that wakes nobody. */
const FULL_POLL_MS = 2

/** What opening the log found. */
export interface RecoveredLog {
  /** The last entry: the handler has caught up when it has applied it. */
  readonly lastIndex: number
  /** What was cut off the journal's end: never anything acknowledged. */
  readonly cut: { readonly segment: number; readonly offset: number; readonly bytes: number } | undefined
}

/** What a {@link ReplicaStep} works on. */
export interface ReplicaPorts {
  readonly rings: PartitionRings
  readonly progress: Progress
  readonly clock: Clock
  /** Journal bytes between two snapshots. */
  readonly snapshotEveryBytes: number
  /** While the journal has more bytes than this on disk, nothing is taken in. */
  readonly maxJournalBytes: number
}

/**
 * The replica of a partition that has one node: orders events, batches them into entries, and commits an entry when it is durable.
 *
 * An event is copied out of the ingress ring as soon as it is appended, so nothing but the journal's own speed holds publishers up. The entry is
 * placed in the committed ring at once and made visible there when it is durable. If the handler is so slow that the ring has no room, it is served
 * from the log until it has caught up; a start serves it from the log, too.
 */
export class ReplicaStep implements Step {
  readonly recovered: RecoveredLog
  readonly #ports: ReplicaPorts
  readonly #journal: JournalStep
  readonly #ingress: Consumer
  readonly #committed: ByteProducer
  readonly #delivery: LogDelivery
  readonly #pending = new PendingEntries()
  readonly #slotWords: Int32Array
  readonly #slotDoubles: Float64Array
  readonly #entry = new Uint8Array(MAX_ENTRY_BYTES)
  readonly #entryWords = new Int32Array(this.#entry.buffer)
  readonly #header = entryHeader.view(this.#entry.buffer)
  readonly #record: ReturnType<typeof committedHeader.view>
  #lastIndex: number
  #lastTimeMs = 0
  #released = 0
  /** While the journal has more bytes, nothing is taken in. What it had at the start counts on top where that alone exceeds the limit. */
  readonly #mostBytes: number
  #serving = false
  /** Journal bytes written when a snapshot was asked for last, and the ticket that its being done will reach. */
  #snapshotBytes: number
  #snapshotTicket = 0

  private constructor(ports: ReplicaPorts, journal: JournalStep, options: JournalStepOptions) {
    this.#ports = ports
    this.#journal = journal
    const { rings } = ports
    this.#ingress = rings.ingressConsumer
    this.#committed = rings.committed.producer()
    this.#slotWords = new Int32Array(rings.ingress.memory)
    this.#slotDoubles = new Float64Array(rings.ingress.memory)
    this.#record = committedHeader.view(rings.committed.memory)
    this.#lastIndex = journal.log(PARTITION_LOG).lastIndex
    this.#mostBytes = Math.max(ports.maxJournalBytes, journal.bytesOnDisk + ROOM_SEGMENTS * (options.segmentBytes ?? DEFAULT_SEGMENT_BYTES))
    this.#snapshotBytes = journal.bytesWritten
    this.#delivery = new LogDelivery(journal, rings.committed, this.#committed, this.#lastIndex)
    const { segment, offset, bytes } = journal.recovery.cut ?? { segment: 0, offset: 0, bytes: 0 }
    this.recovered = { lastIndex: this.#lastIndex, cut: journal.recovery.cut && { segment, offset, bytes } }
    this.#reportLog()
  }

  /** Opens the journal, whose directory is this node's from then on. @throws what `openJournalStep` throws */
  static *open(files: Files, options: JournalStepOptions, ports: ReplicaPorts): FileTask<ReplicaStep> {
    const journal = yield* openJournalStep(files, { ...options, clock: ports.clock })
    return new ReplicaStep(ports, journal, options)
  }

  /** Writes what is left and gives the directory back. @throws {JournalStoppedError} */
  close(): FileTask<void> {
    return this.#journal.close()
  }

  /** @throws {JournalStoppedError} the disk failed: nothing more is acknowledged. {@link LogGapError} the handler needs entries that are gone */
  step(): number {
    const journal = this.#journal
    const { progress } = this.#ports
    if (!this.#serving && progress.deliverFrom.get() > 0) this.#serve(progress.deliverFrom.get())
    let worked = this.#gather()
    const delay = journal.step()
    if (journal.failure !== undefined) throw journal.failure
    if (this.#settle()) worked = true
    if (this.#delivery.advance(this.#lastIndex, this.#pending.empty)) worked = true
    if (progress.releasableIndex.get() > this.#released) this.#release(progress.releasableIndex.get())
    if (worked) return 0
    return journal.bytesOnDisk >= this.#mostBytes ? Math.min(delay, FULL_POLL_MS) : delay
  }

  /** Starts to serve the handler from an entry on. A snapshot that reaches further than the log stands for what the log has lost. */
  #serve(index: number): void {
    if (this.#lastIndex < index - 1) {
      this.#journal.log(PARTITION_LOG).reset(index - 1, LOCAL_TERM)
      this.#lastIndex = index - 1
    }
    this.#delivery.start(index)
    this.#serving = true
  }

  // Hot: benchmark `pipeline`. Events are copied as words; nothing is allocated but one view per entry.
  /** Takes what the ingress ring holds, and appends it as entries. */
  #gather(): boolean {
    const journal = this.#journal
    if (!this.#serving || this.#delivery.joining || this.#isFull()) return false
    const available = this.#ingress.available()
    const first = this.#ingress.next
    let next = first
    for (let entries = 0; entries < ENTRIES_PER_STEP && next <= available; entries++) {
      const room = this.#pending.room
      if (room === 0 || !journal.hasRoom(MAX_ENTRY_BYTES)) break
      next = this.#append(next, Math.min(available, next + room - 1))
    }
    if (next === first) return false
    this.#ingress.advance(next - 1)
    this.#reportLog()
    return true
  }

  /** Makes one entry of the events from `first` on, up to `last` or as many as fit. Returns the first that it left. */
  #append(first: number, last: number): number {
    const { clock, rings } = this.#ports
    const words = this.#slotWords
    const entryWords = this.#entryWords
    let end = entryHeader.size >> 2
    let next = first
    for (; next <= last; next++) {
      const slot = rings.ingress.offsetOf(next)
      const from = (slot + SLOT_EVENT_OFFSET) >> 2
      const count = (eventHeader.size + padded(words[from + LENGTH_WORD] as number)) >> 2
      if (end + count > entryWords.length) break
      for (let word = 0; word < count; word++) entryWords[end + word] = words[from + word] as number
      end += count
      this.#pending.addEvent(next, this.#slotDoubles[slot >> 3] as number)
    }
    this.#lastTimeMs = Math.max(this.#lastTimeMs, clock.nowMs())
    this.#header.set({ format: ENTRY_FORMAT, unused: 0, count: next - first, time: this.#lastTimeMs })
    const length = end << 2
    const index = this.#lastIndex + 1
    const lsn = this.#journal.append(PARTITION_LOG, index, LOCAL_TERM, this.#entry, 0, length)
    this.#lastIndex = index
    this.#place(index, next - 1, this.#pending.publishedNs(first), length)
    this.#pending.addEntry(lsn, next - 1, this.#committed.claimed)
    return next
  }

  /** Puts the entry into the committed ring, still invisible, or leaves it to be served from the log. */
  #place(index: number, sequence: number, publishedNs: number, length: number): void {
    this.#delivery.note(index, publishedNs)
    if (!this.#delivery.direct) return
    const offset = this.#committed.tryClaim(committedHeader.size + length)
    if (offset === -1) {
      this.#delivery.fallBehind(index)
      return
    }
    this.#record.moveTo(offset).set({ index, term: LOCAL_TERM, sequence, publishedNs })
    this.#ports.rings.committed.bytes.set(this.#entry.subarray(0, length), offset + committedHeader.size)
    this.#delivery.placed(sequence)
  }

  /** Makes visible what became durable. */
  #settle(): boolean {
    const journal = this.#journal
    const { progress, clock, rings } = this.#ports
    const before = this.#pending.durableSequence
    if (this.#pending.settle(journal.durableLsn) === 0) return false
    const now = clock.monotonicNs()
    const durable = this.#pending.durableSequence
    for (let sequence = before + 1; sequence <= durable; sequence++)
      progress.durableLatency.record(now - this.#pending.publishedNs(sequence))
    progress.durableIndex.set(journal.log(PARTITION_LOG).durableIndex as number)
    progress.durableSequence.set(durable)
    this.#committed.publish(this.#pending.claim)
    rings.parkingLot.unparkAll()
    if (journal.bytesWritten - this.#snapshotBytes >= this.#ports.snapshotEveryBytes) this.#wantSnapshot()
    return true
  }

  #isFull(): boolean {
    return this.#journal.bytesOnDisk >= this.#mostBytes && !this.#makeRoom()
  }

  /**
   * The journal may not grow: frees what the newest snapshot covers, which gives up the older one's part of the log, and asks for a newer one. Returns
   * whether that was enough.
   */
  #makeRoom(): boolean {
    const { progress } = this.#ports
    if (progress.snapshotIndex.get() > this.#released) this.#release(progress.snapshotIndex.get())
    if (this.#journal.bytesOnDisk < this.#mostBytes) return true
    if (progress.appliedIndex.get() > progress.snapshotIndex.get()) this.#wantSnapshot()
    return false
  }

  #wantSnapshot(): void {
    const journal = this.#journal
    const { progress, rings } = this.#ports
    if (progress.snapshotDone.get() < this.#snapshotTicket) return
    this.#snapshotBytes = journal.bytesWritten
    progress.snapshotWanted.set(progress.snapshotWanted.get() + 1)
    this.#snapshotTicket = progress.snapshotWanted.get() + progress.snapshotAsked.get()
    rings.parkingLot.unparkAll()
  }

  #release(index: number): void {
    this.#released = index
    this.#journal.log(PARTITION_LOG).truncateBefore(this.#released + 1)
    this.#reportLog()
  }

  #reportLog(): void {
    const journal = this.#journal
    const { progress } = this.#ports
    const log = journal.log(PARTITION_LOG)
    progress.lastIndex.set(log.lastIndex as number)
    progress.durableIndex.set(log.durableIndex as number)
    progress.firstIndex.set(log.firstIndex as number)
    progress.journalPages.set(Math.ceil(journal.bytesOnDisk / PAGE_BYTES))
  }
}

/** Where an event's length stands, in words from the event's start. */
const LENGTH_WORD = 5
