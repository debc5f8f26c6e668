import type { LogTable } from '../logs/log-table.ts'
import type { SegmentStore } from '../segments/segment-store.ts'

/** Finds out which segments no log needs any more, and frees them once that is on stable storage. */
export class SegmentUse {
  readonly #segments: SegmentStore
  readonly #logs: LogTable
  /** Segments before this one are needed by no log once `lsn` is on stable storage. */
  #needed = 0
  #lsn = 0

  constructor(segments: SegmentStore, logs: LogTable) {
    this.#segments = segments
    this.#logs = logs
  }

  /** Looks at where entries lie, as of the record with this LSN. */
  look(lsn: number): void {
    let needed = this.#segments.current.id
    for (const log of this.#logs.placed()) for (const { segment } of log.runs.all) if (segment < needed) needed = segment
    this.#needed = needed
    this.#lsn = lsn
  }

  /** Whether a sync would free segments. */
  get waiting(): boolean {
    return this.#needed > (this.#segments.headers[0]?.id ?? 0)
  }

  /** Everything up to an LSN is on stable storage. */
  synced(lsn: number): void {
    if (lsn >= this.#lsn && this.waiting) this.#segments.free(this.#needed)
  }

  /** Bytes of entries that logs still need, by segment; about. */
  liveBytes(): Map<number, number> {
    const live = new Map<number, number>()
    for (const log of this.#logs.placed())
      for (const { segment, bytes } of log.runs.all) live.set(segment, (live.get(segment) ?? 0) + bytes)
    return live
  }
}
