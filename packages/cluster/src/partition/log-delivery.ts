import type { ByteProducer, ByteRing } from '@disruptorx/core'
import type { JournalReader, JournalStep } from '@disruptorx/wal'
import { entryHeader } from '../entry/entry-format.ts'
import { LogGapError } from '../errors.ts'
import { PARTITION_LOG } from './partition-log.ts'
import { committedHeader } from './rings.ts'

/** Entries served between two looks at everything else. More than the replica takes in meanwhile, so that serving gains on a steady load. */
const ENTRIES_PER_STEP = 256
/** Entries whose publishing time is remembered while the handler is behind. A power of two. */
const REMEMBERED = 65_536

/**
 * Serves a handler that is behind from the log: one that starts, or one so slow that the committed ring has no room.
 *
 * While the handler keeps up, entries go to the ring directly and this does nothing. The way back there is open only while nothing waits for the disk,
 * which under a steady load never comes by itself: so once everything durable is in the ring, intake pauses for what is on its way to the disk
 * ({@link joining}). That is at most what one commit and the next hold, and what comes meanwhile waits in the ingress ring.
 */
export class LogDelivery {
  readonly #journal: JournalStep
  readonly #ring: ByteRing
  readonly #producer: ByteProducer
  /** Entries up to here are of earlier runs: their events have no ingress sequence. */
  readonly #recoveredIndex: number
  readonly #record: ReturnType<typeof committedHeader.view>
  readonly #header: ReturnType<typeof entryHeader.view>
  readonly #publishedNs = new Float64Array(REMEMBERED)
  #reader: JournalReader | undefined
  /** The reader stands on an entry that found no room. */
  #held = false
  #direct = false
  #joining = false
  #started = false
  /** The next entry to serve from the log. */
  #next = 0
  /** Ingress sequence of the last event in the ring. */
  #sequence = -1

  constructor(journal: JournalStep, ring: ByteRing, producer: ByteProducer, recoveredIndex: number) {
    this.#journal = journal
    this.#ring = ring
    this.#producer = producer
    this.#recoveredIndex = recoveredIndex
    this.#record = committedHeader.view(ring.memory)
    this.#header = entryHeader.view(ring.memory)
  }

  /** Whether the next entry may go to the ring without a detour. */
  get direct(): boolean {
    return this.#direct
  }

  /**
   * Whether nothing is to be taken in now, because what waits for the disk is all that keeps entries from going to the ring directly. Ends with that, or
   * when the ring has no room: a slow handler holds nothing up.
   */
  get joining(): boolean {
    return this.#joining
  }

  /** Starts to serve, from entry `index` on. @throws {LogGapError} it is no longer in the log */
  start(index: number): void {
    const { firstIndex } = this.#journal.log(PARTITION_LOG)
    if (firstIndex > index) throw new LogGapError(index - 1, firstIndex)
    this.#next = index
    this.#started = true
  }

  /** Remembers when an entry was published, for the case that it is served late. */
  note(index: number, publishedNs: number): void {
    this.#publishedNs[index & (REMEMBERED - 1)] = publishedNs
  }

  /** Tells that the entry which ends at this ingress sequence went to the ring directly. */
  placed(sequence: number): void {
    this.#sequence = sequence
  }

  /** Tells that entry `index` found no room: from it on, the log serves. */
  fallBehind(index: number): void {
    this.#direct = false
    this.#next = index
  }

  /**
   * Serves what is durable and has room. `nothingPending` tells that no appended entry still waits for the disk.
   * Returns whether it served anything, or entries may go to the ring directly from now on.
   */
  advance(lastIndex: number, nothingPending: boolean): boolean {
    if (this.#direct || !this.#started) return false
    let served = 0
    while (served < ENTRIES_PER_STEP && this.#poll()) {
      if (!this.#serve(lastIndex)) break
      served++
    }
    if (served > 0) this.#producer.publish()
    if (this.#next > lastIndex && nothingPending) this.#catchUp()
    else if (this.#held) this.#joining = false
    else if (this.#next > this.#durableIndex) this.#joining = true
    return served > 0 || this.#direct
  }

  get #durableIndex(): number {
    return this.#journal.log(PARTITION_LOG).durableIndex
  }

  #poll(): boolean {
    if (this.#held) return true
    if (this.#next > this.#durableIndex) return false
    this.#reader ??= this.#journal.reader(PARTITION_LOG, this.#next)
    return this.#reader.poll() === 'entry'
  }

  /** Copies the reader's entry into the ring. False when there is no room: it is kept for the next time. */
  #serve(lastIndex: number): boolean {
    const reader = this.#reader as JournalReader
    const offset = this.#producer.tryClaim(committedHeader.size + reader.length)
    this.#held = offset === -1
    if (this.#held) return false
    const { index, term } = reader
    this.#ring.bytes.set(reader.bytes.subarray(reader.offset, reader.offset + reader.length), offset + committedHeader.size)
    const recovered = index <= this.#recoveredIndex
    if (!recovered) this.#sequence += this.#header.moveTo(offset + committedHeader.size).count
    const noted = Math.max(index, lastIndex - REMEMBERED + 1)
    this.#record.moveTo(offset).set({
      index,
      term,
      sequence: recovered ? -1 : this.#sequence,
      publishedNs: recovered ? 0 : (this.#publishedNs[noted & (REMEMBERED - 1)] as number),
    })
    this.#next = index + 1
    return true
  }

  #catchUp(): void {
    this.#reader?.close()
    this.#reader = undefined
    this.#direct = true
    this.#joining = false
  }
}
