import type { Clock, DisruptorError, Files } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { JournalStoppedError } from '../errors.ts'
import { BatchBuffer } from '../format/batch-buffer.ts'
import { BatchHeader } from '../format/batch-header.ts'
import { BodyWriter } from '../format/body-writer.ts'
import { FOOTER_HINT_BYTES, FOOTER_LOG_BYTES, FOOTER_RUN_BYTES, SECTOR_BYTES } from '../format/descriptor.ts'
import { footerBytes } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import type { LogTable } from '../logs/log-table.ts'
import type { Durability, ResolvedJournalStepOptions } from '../options.ts'
import { segmentRuns } from '../segments/segment-index.ts'
import type { SegmentStore } from '../segments/segment-store.ts'
import { DiskWrite } from './disk-write.ts'
import { SegmentUse } from './segment-use.ts'

/** The most that one change of a log's places adds to the footer. */
const CHANGE_FOOTER_BYTES = FOOTER_LOG_BYTES + FOOTER_RUN_BYTES + FOOTER_HINT_BYTES

/** How often to look at a disk that answers later, in milliseconds. */
const POLL_MS = 1

/** Where a journal goes on. */
export interface CommitterStart {
  readonly nextLsn: number
  readonly epoch: number
  /** Header CRC of the last batch, or of the segment. */
  readonly chain: number
  /** Bytes of entries that each sealed segment had when it was sealed. */
  readonly sealedBytes: ReadonlyMap<number, number>
  readonly keys: Keys
}

/**
 * Group commit: one batch gathers while the one before it is on its way to the disk.
 *
 * One write is under way at a time, and it is synced before the next starts. So a batch's header can say which LSN is surely on stable storage,
 * and recovery can tell a write that never finished from damage.
 */
export class Committer {
  /** Where records gather. Another object after each batch. */
  gathering: BatchBuffer
  /** Everything up to this LSN counts as durable, in the sense of the option. */
  durableLsn: number
  /** Everything up to this LSN is on stable storage. */
  syncedLsn: number
  /** Bytes of all batches written since the opening. */
  bytesWritten = 0
  /** Why the disk is no longer used. */
  failure: DisruptorError | undefined
  readonly #segments: SegmentStore
  readonly #logs: LogTable
  readonly #clock: Clock
  readonly #durability: Durability
  readonly #intervalNs: number
  readonly #disk: DiskWrite
  readonly #header = new BatchHeader()
  readonly #keys: Keys
  readonly #writer: BodyWriter
  #writing: BatchBuffer
  /** Everything up to this LSN was taken by the operating system. */
  #writtenLsn: number
  /** What the sync under way will have made stable. */
  #syncingLsn = 0
  #syncedAtNs: number
  #task: FileTask<void> | undefined
  /** The footer of the current segment takes no more than this. */
  #footerBytes: number
  readonly use: SegmentUse

  constructor(
    files: Files,
    options: ResolvedJournalStepOptions,
    segments: SegmentStore,
    logs: LogTable,
    { nextLsn, epoch, chain, sealedBytes, keys }: CommitterStart,
  ) {
    this.#segments = segments
    this.#logs = logs
    this.#clock = options.clock
    this.#durability = options.durability
    this.#intervalNs = options.intervalMs * 1e6
    this.#disk = new DiskWrite(files)
    // Shared, so that another thread can write what this one has gathered.
    const memory = new SharedArrayBuffer(2 * options.maxBatchBytes)
    this.gathering = new BatchBuffer(new Uint8Array(memory, 0, options.maxBatchBytes))
    this.#writing = new BatchBuffer(new Uint8Array(memory, options.maxBatchBytes))
    this.durableLsn = this.#writtenLsn = this.syncedLsn = nextLsn - 1
    this.#syncedAtNs = this.#clock.monotonicNs()
    this.#header.epoch = epoch
    this.#header.crc = chain
    this.#keys = keys
    this.#writer = new BodyWriter(options.compressor)
    this.#writer.cipher = keys.forSegment(segments.current)
    this.use = new SegmentUse(segments, logs, sealedBytes, options.archive)
    this.#footerBytes = this.#exactFooterBytes()
    this.use.look(this.#writtenLsn)
  }

  /** Whether one small record more finds room in the current segment, when nothing gathers. */
  get hasRoomForMark(): boolean {
    const hasRoom = this.#segments.isFresh || this.#segments.hasRoom(SECTOR_BYTES, this.#footerBytes)
    return hasRoom && (this.#segments.current.key?.id ?? '') === this.#keys.writeId
  }

  /**
   * Takes the epoch after the one that the mark of an opening has. Where that mark is put off, an earlier opening may have written one and lost it in a crash,
   * and what its nonce has served for was a mark.
   */
  skipEpoch(): void {
    this.#header.epoch++
  }

  /** Ends the current segment with its footer, when everything is synced. */
  *seal(): FileTask<void> {
    yield* this.#segments.seal(this.syncedLsn, segmentRuns(this.#logs, this.#segments.current.id))
  }

  /** Whether the disk has nothing to do and nothing was promised to it. */
  get isIdle(): boolean {
    return this.#task === undefined && this.#disk.state === 'idle' && this.gathering.count === 0
  }

  /** Hands over at most one batch, and takes note of what the disk finished. Never throws: {@link failure} tells. */
  step(): number {
    if (this.failure !== undefined) return Number.POSITIVE_INFINITY
    try {
      return this.#advance()
    } catch (error) {
      const operation =
        this.#task !== undefined ? 'starting a segment or freeing one' : this.#disk.state === 'syncing' ? 'a sync' : 'a write'
      this.fail(operation, error)
      return Number.POSITIVE_INFINITY
    }
  }

  /** Stops for good. */
  fail(operation: string, cause: unknown): void {
    this.failure ??= new JournalStoppedError(operation, this.durableLsn, cause)
  }

  /** Starts a sync, if the disk is idle and something was written since the last one. */
  syncNow(): void {
    if (this.isIdle && this.syncedLsn < this.#writtenLsn) this.#sync()
  }

  #advance(): number {
    if (!this.#diskDone()) return POLL_MS
    if (this.#task !== undefined && !this.#taskDone(this.#task)) return POLL_MS
    const retiring = this.#segments.hasFreed
    if (retiring && !this.#taskDone(this.#segments.retire())) return POLL_MS
    if (this.gathering.count > 0) return this.#startBatch() ? 0 : POLL_MS
    return retiring ? 0 : this.#idle()
  }

  #taskDone(task: FileTask<void>): boolean {
    this.#task = task
    if (!task.next().done) return false
    this.#task = undefined
    return true
  }

  /** Writes what was gathered, all the way if the disk is quick. False when it answers later. */
  #startBatch(): boolean {
    if (!this.#hasRoom() && !this.#taskDone(this.#roll())) return false
    const batch = this.gathering
    this.gathering = this.#writing
    this.#writing = batch
    const header = this.#header
    header.segment = this.#segments.current.id
    header.offset = this.#segments.offset
    header.firstLsn = this.#writtenLsn + 1
    header.durableLsn = this.syncedLsn
    header.chain = header.crc
    const bytes = batch.seal(header, this.#segments.journalId, this.#writer)
    this.#footerBytes += this.#logs.pendingChanges * CHANGE_FOOTER_BYTES
    const shrunk = this.#logs.place({ segment: header.segment, sector: header.offset / SECTOR_BYTES, lsn: header.firstLsn })
    if (shrunk) this.use.look(header.lastLsn)
    this.#disk.write(this.#segments.handle, batch.bytes, bytes, header.offset)
    return this.#diskDone()
  }

  /** Ends the current segment: all of it is on stable storage before the next one starts, in every mode. */
  *#roll(): FileTask<void> {
    const next = {
      firstLsn: this.#writtenLsn + 1,
      epoch: this.#header.epoch,
      logs: this.#logs.summaries(),
      synced: this.syncedLsn === this.#writtenLsn,
    }
    this.use.seal(this.#segments.current.id)
    yield* this.#segments.roll(next, segmentRuns(this.#logs, this.#segments.current.id))
    this.syncedLsn = this.#writtenLsn
    this.use.synced(this.syncedLsn)
    this.#header.crc = this.#segments.current.chain
    this.#writer.cipher = this.#keys.forSegment(this.#segments.current)
    this.#logs.startSegment()
    this.#footerBytes = this.#exactFooterBytes()
    this.use.look(this.#writtenLsn)
  }

  /** Whether what gathered finds room in the current segment, and the footer behind it. */
  #hasRoom(): boolean {
    const { paddedBytes } = this.gathering
    // A segment's batches are encrypted with its own key.
    if ((this.#segments.current.key?.id ?? '') !== this.#keys.writeId) return false
    // A new one takes any batch: if the footer finds no room behind it, the segment has none.
    if (this.#segments.isFresh) return true
    const more = this.#logs.pendingChanges * CHANGE_FOOTER_BYTES
    if (this.#segments.hasRoom(paddedBytes, this.#footerBytes + more)) return true
    this.#footerBytes = this.#exactFooterBytes()
    return this.#segments.hasRoom(paddedBytes, this.#footerBytes + more)
  }

  #exactFooterBytes(): number {
    return footerBytes(segmentRuns(this.#logs, this.#segments.current.id))
  }

  /** Takes note of what the disk finished. False while it still works. */
  #diskDone(): boolean {
    while (this.#disk.state !== 'idle') {
      const { state } = this.#disk
      if (!this.#disk.finished()) return false
      if (state === 'writing') this.#written()
      else this.#synced()
    }
    return true
  }

  #written(): void {
    this.#writtenLsn = this.#header.lastLsn
    this.#segments.advance(this.#header.paddedBytes)
    this.bytesWritten += this.#header.paddedBytes
    this.#writing.clear()
    if (this.#durability !== 'fsync') this.#acknowledge(this.#writtenLsn)
    if (this.#durability === 'fsync' || (this.#durability === 'interval' && this.#untilSyncNs() <= 0)) this.#sync()
  }

  #sync(): void {
    this.#syncingLsn = this.#writtenLsn
    this.#disk.sync(this.#segments.handle)
  }

  #synced(): void {
    this.syncedLsn = this.#syncingLsn
    if (this.#durability === 'interval') this.#syncedAtNs = this.#clock.monotonicNs()
    if (this.durableLsn < this.syncedLsn) this.#acknowledge(this.syncedLsn)
    this.use.synced(this.syncedLsn)
  }

  #acknowledge(lsn: number): void {
    this.durableLsn = lsn
    if (this.#logs.markDurable()) this.use.look(lsn)
  }

  #untilSyncNs(): number {
    return this.#syncedAtNs + this.#intervalNs - this.#clock.monotonicNs()
  }

  #idle(): number {
    if (this.syncedLsn === this.#writtenLsn) return Number.POSITIVE_INFINITY
    // Segments wait to be freed: in no mode is that put off until somebody writes more.
    if (this.use.waiting) this.#sync()
    if (this.#disk.state !== 'idle') return this.#diskDone() ? 0 : POLL_MS
    if (this.#durability !== 'interval') return Number.POSITIVE_INFINITY
    const untilNs = this.#untilSyncNs()
    if (untilNs > 0) return untilNs / 1e6
    this.#sync()
    return this.#diskDone() ? 0 : POLL_MS
  }
}
