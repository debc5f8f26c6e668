import { KIND_COPY, KIND_CUT, KIND_DROP, KIND_ENTRY, KIND_RESET, recordBytes } from '../format/descriptor.ts'
import type { SegmentRuns } from '../format/footer.ts'
import { type BatchPosition, RunList } from '../logs/runs.ts'
import type { RecordCursor } from '../segments/record.ts'

interface LogInSegment {
  keep: number
  readonly runs: RunList
}

/** Finds out what one segment holds of each log from its records in their order: conflicts count, retention does not. */
export class SegmentHistory {
  readonly #logs = new Map<number, LogInSegment>()

  /** Takes the next record, which lies in the batch at a position. */
  take({ kind, logId, index, term, lsn, length }: RecordCursor, at: BatchPosition): void {
    if (kind === KIND_ENTRY || kind === KIND_COPY) this.#log(logId).runs.add(index, index, term, lsn, recordBytes(length), at)
    else if (kind === KIND_CUT) {
      const log = this.#log(logId)
      log.runs.cut(index)
      log.keep = Math.min(log.keep, index)
    } else if (kind === KIND_RESET || kind === KIND_DROP) {
      // The log begins anew: what it held before is none of it any more.
      const log = this.#log(logId)
      log.runs.clear()
      log.keep = 0
    }
  }

  get logs(): SegmentRuns[] {
    return [...this.#logs].map(([logId, { keep, runs }]) => ({ logId, keep, runs: runs.all }))
  }

  #log(logId: number): LogInSegment {
    let log = this.#logs.get(logId)
    if (log === undefined) {
      log = { keep: Number.MAX_SAFE_INTEGER, runs: new RunList() }
      this.#logs.set(logId, log)
    }
    return log
  }
}

/** Where the entries of each log lie, given what the segments hold, in their order. */
export function joinHistories(segments: Iterable<readonly SegmentRuns[]>): Map<number, RunList> {
  const logs = new Map<number, RunList>()
  for (const segment of segments)
    for (const { logId, keep, runs } of segment) {
      let log = logs.get(logId)
      if (log === undefined) {
        log = new RunList()
        logs.set(logId, log)
      }
      log.cut(keep)
      // A list takes runs over and changes them: these are needed again.
      for (const run of runs) log.insert({ ...run, open: false })
    }
  return logs
}
