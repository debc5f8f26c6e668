import type { Files } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { SegmentMissingError } from '../errors.ts'
import type { SegmentRuns } from '../format/footer.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import type { LogTable } from '../logs/log-table.ts'
import { segmentPath, withFile } from '../segments/directory.ts'
import type { Repairer } from '../segments/repair.ts'
import { readFooter, rebuildIndex } from '../segments/segment-index.ts'

/** What sealed segments held. */
export interface SealedSegments {
  /** Those that had to be read from start to end, because their footer was missing or damaged. */
  readonly reindexed: number[]
  /** Bytes of entries by segment. */
  readonly sealedBytes: Map<number, number>
}

/** Reads where entries lie in the sealed segments: all of `headers` but the last. Returns what they held. @throws {JournalCorruptError} */
export function* loadSealed(
  files: Files,
  dir: string,
  headers: readonly SegmentHeader[],
  logs: LogTable,
  keys: Keys,
  verify: 'unsealed' | 'all',
  repairer: Repairer | undefined,
): FileTask<SealedSegments> {
  const reindexed: number[] = []
  const sealedBytes = new Map<number, number>()
  for (let i = 0; i + 1 < headers.length; i++) {
    const header = headers[i] as SegmentHeader
    const next = headers[i + 1] as SegmentHeader
    const found = yield* withFile(files, segmentPath(dir, header.id), 'read', function* (handle): FileTask<SegmentRuns[]> {
      const footer = yield* readFooter(files, handle, header, next)
      if (footer === undefined) reindexed.push(header.id)
      return footer === undefined || verify === 'all'
        ? yield* rebuildIndex(files, handle, header, next.firstLsn - 1, keys, repairer)
        : footer
    })
    sealedBytes.set(header.id, bytesOf(found))
    for (const { logId, keep, runs } of found) {
      const log = logs.find(logId)
      if (log === undefined) continue
      log.runs.cut(keep)
      for (const run of runs) log.runs.insert(run)
    }
  }
  return { reindexed, sealedBytes }
}

/** Bytes of the entries that a segment holds. */
export function bytesOf(found: readonly SegmentRuns[]): number {
  return found.reduce((sum, { runs }) => sum + runs.reduce((all, { bytes }) => all + bytes, 0), 0)
}

/**
 * Checks that every entry of every log has a place, and finds out the terms.
 * @throws {SegmentMissingError}
 */
export function settleLogs(logs: LogTable, headers: readonly SegmentHeader[]): void {
  for (const log of logs.all) {
    log.runs.trim(log.firstIndex)
    const hole = log.runs.hole(log.firstIndex, log.lastIndex)
    if (hole !== undefined) {
      const first = headers[0] as SegmentHeader
      throw new SegmentMissingError(first.id - 1, log.logId, hole)
    }
    log.rebuildTerms()
  }
}
