import type { SegmentKeeper } from '../archive/archive-gate.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../logs/log-table.ts'
import type { SegmentStore } from '../segments/segment-store.ts'

/** Finds out which segments no log needs any more, frees them once that is on stable storage, and tells which one is worth to be emptied. */
export class SegmentUse {
  readonly #segments: SegmentStore
  readonly #logs: LogTable
  /** Bytes of entries that each sealed segment had when it was sealed. */
  readonly #sealed: Map<number, number>
  /** Which segments may go. */
  readonly #archive: Pick<SegmentKeeper, 'archived'> | undefined
  /** Segments before this one are needed by no log once `lsn` is on stable storage. */
  #needed = 0
  #lsn = 0
  /** Segments before this one are needed by no log: that is on stable storage. */
  #unneeded = 0
  /** Whether anything has changed since {@link victim} looked. */
  #changed = true

  /** @param archive when given, segments are kept until they are archived */
  constructor(
    segments: SegmentStore,
    logs: LogTable,
    sealed: ReadonlyMap<number, number>,
    archive: Pick<SegmentKeeper, 'archived'> | undefined,
  ) {
    this.#segments = segments
    this.#logs = logs
    this.#sealed = new Map(sealed)
    this.#archive = archive
  }

  /** Looks at where entries lie, as of the record with this LSN. */
  look(lsn: number): void {
    let needed = this.#segments.current.id
    for (const log of this.#logs.placed()) for (const { segment } of log.runs.all) if (segment < needed) needed = segment
    this.#needed = needed
    this.#lsn = lsn
    this.#changed = true
  }

  /** A segment takes no more batches. */
  seal(segment: number): void {
    this.#sealed.set(segment, this.#liveBytes().get(segment) ?? 0)
  }

  /** Whether a sync would free segments. */
  get waiting(): boolean {
    return this.#needed > Math.max(this.#unneeded, this.#oldest)
  }

  /** Everything up to an LSN is on stable storage. */
  synced(lsn: number): void {
    if (lsn < this.#lsn || !this.waiting) return
    this.#unneeded = this.#needed
    this.release()
  }

  /** Frees what is needed by nobody, as far as it is archived. Once per step: most find nothing. */
  release(): void {
    if (this.#unneeded <= this.#oldest) return
    const until = this.#archive === undefined ? this.#unneeded : Math.min(this.#unneeded, this.#archive.archived + 1)
    if (until <= this.#oldest) return
    this.#segments.free(until)
    this.#changed = true
    for (const id of this.#sealed.keys()) if (id < until) this.#sealed.delete(id)
  }

  /**
   * The oldest segment, when at least half of what all sealed segments held when they were sealed is of no use any more: what is still needed of it is then
   * worth to be written again. `undefined` when not, or when nothing has changed since the last call.
   */
  victim(): SegmentHeader | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    const oldest = this.#segments.headers[0]
    // One that waits to be freed is not worth it.
    if (oldest === undefined || oldest === this.#segments.current || this.#needed > oldest.id) return undefined
    const live = this.#liveBytes()
    let held = 0
    let needed = 0
    for (const [id, bytes] of this.#sealed) {
      held += bytes
      needed += live.get(id) ?? 0
    }
    return needed * 2 <= held ? oldest : undefined
  }

  get #oldest(): number {
    return this.#segments.headers[0]?.id ?? 0
  }

  #liveBytes(): Map<number, number> {
    const live = new Map<number, number>()
    for (const log of this.#logs.placed())
      for (const { segment, bytes } of log.runs.all) live.set(segment, (live.get(segment) ?? 0) + bytes)
    return live
  }
}
