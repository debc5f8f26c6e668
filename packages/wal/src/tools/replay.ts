import { KIND_ENTRY, SECTOR_BYTES } from '../format/descriptor.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { LogTable } from '../logs/log-table.ts'
import { replayRecord } from '../logs/replay.ts'
import type { BatchSource } from '../segments/batch-source.ts'
import { RecordCursor } from '../segments/record.ts'

/** Entries of a log that should be there and are not. */
export interface LostEntries {
  readonly logId: number
  readonly from: number
  readonly to: number
}

/** Brings logs up to date with batches, and says what the batches before must have held. */
export class Replay {
  readonly record = new RecordCursor()
  readonly #logs: LogTable
  /** Logs that may have changed in batches that cannot be read. */
  readonly #unsure = new Set<number>()
  #allUnsure = false

  constructor(logs: readonly LogSummary[]) {
    this.#logs = new LogTable(logs, Number.MAX_SAFE_INTEGER)
  }

  /** How the logs stand, by their ids. */
  summaries(): LogSummary[] {
    return [...this.#logs.all].map(log => log.summary()).sort((a, b) => a.logId - b.logId)
  }

  /** Batches were lost: what comes next may not follow what was. */
  lost(): void {
    this.#allUnsure = true
    this.#unsure.clear()
  }

  /** Replays the batch that a walk came to. Returns what it shows to be lost; `contradiction` tells of records that cannot follow those before. */
  batch(source: BatchSource, offset: number): { readonly lost: LostEntries[]; readonly contradiction: boolean } {
    const { body, header } = source
    const lost: LostEntries[] = []
    let contradiction = false
    this.record.start(body.view, body.offset, body.length, header.firstLsn)
    for (let i = 0; i < header.count; i++) {
      if (!this.record.next()) {
        contradiction = true
        break
      }
      if (this.#allUnsure) this.#realign(lost)
      if (!replayRecord(this.#logs, this.record, body.bytes) && !this.#allUnsure) contradiction = true
    }
    this.#logs.place({ segment: header.segment, sector: offset / SECTOR_BYTES, lsn: header.firstLsn })
    return { lost, contradiction }
  }

  /** The first entry of a log behind a loss says where the log went on. */
  #realign(lost: LostEntries[]): void {
    const { kind, logId, index, term } = this.record
    if (kind !== KIND_ENTRY || this.#unsure.has(logId)) return
    this.#unsure.add(logId)
    const log = this.#logs.find(logId) ?? this.#logs.fresh(logId)
    if (index === log.lastIndex + 1 && term >= log.lastTerm) return
    if (index > log.lastIndex + 1) lost.push({ logId, from: log.lastIndex + 1, to: index - 1 })
    this.#logs.touch(log)
    log.reset(index - 1, Math.min(term, log.lastTerm))
  }
}
