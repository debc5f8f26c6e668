import { crc32 } from '@disruptorx/contracts/internal'
import type { LogState } from '../logs/log-state.ts'
import type { Run } from '../logs/runs.ts'
import {
  FOOTER_BYTES,
  FOOTER_CRC,
  FOOTER_FIRST_LSN,
  FOOTER_HINT_BYTES,
  FOOTER_INDEX_BYTES,
  FOOTER_INDEX_CRC,
  FOOTER_JOURNAL_ID,
  FOOTER_LAST_LSN,
  FOOTER_LOG_BYTES,
  FOOTER_LOG_COUNT,
  FOOTER_MAGIC,
  FOOTER_MAGIC_VALUE,
  FOOTER_RUN_BYTES,
  FOOTER_SEGMENT_ID,
  FOOTER_VERSION,
  FORMAT_VERSION,
  padToSector,
  readU64,
  writeU64,
} from './descriptor.ts'
import type { SegmentPlace } from './segment-header.ts'

/** What a segment holds of one log. */
export interface SegmentRuns {
  readonly logId: number
  /** Of earlier segments' entries, those after this index are gone. */
  readonly keep: number
  readonly runs: readonly Run[]
}

/** What a log has in a segment; `undefined` when the segment says nothing of it. */
export function runsIn(log: LogState, segment: number): SegmentRuns | undefined {
  const runs = log.runs.all.filter(run => run.segment === segment)
  return runs.length === 0 && log.keep === Number.MAX_SAFE_INTEGER ? undefined : { logId: log.logId, keep: log.keep, runs }
}

/** Bytes of a footer. */
export function footerBytes(logs: readonly SegmentRuns[]): number {
  return logs.reduce((sum, log) => sum + FOOTER_LOG_BYTES + log.runs.reduce((all, run) => all + runBytes(run), 0), FOOTER_BYTES)
}

/** The footer of a segment that takes no more batches: whole sectors, for the end of its file. */
export function encodeFooter(place: SegmentPlace, lastLsn: number, logs: readonly SegmentRuns[]): Uint8Array {
  const indexBytes = footerBytes(logs) - FOOTER_BYTES
  const bytes = new Uint8Array(padToSector(indexBytes + FOOTER_BYTES))
  const view = new DataView(bytes.buffer)
  const fixed = bytes.length - FOOTER_BYTES
  const index = fixed - indexBytes
  let at = index
  for (const { logId, keep, runs } of logs) {
    view.setUint32(at, logId, true)
    view.setUint32(at + 4, runs.length, true)
    writeU64(view, at + 8, keep)
    at += FOOTER_LOG_BYTES
    for (const run of runs) at = encodeRun(view, at, run)
  }
  view.setUint32(fixed + FOOTER_MAGIC, FOOTER_MAGIC_VALUE, true)
  view.setUint32(fixed + FOOTER_VERSION, FORMAT_VERSION, true)
  place.journalId.write(view, fixed + FOOTER_JOURNAL_ID)
  writeU64(view, fixed + FOOTER_SEGMENT_ID, place.id)
  writeU64(view, fixed + FOOTER_FIRST_LSN, place.firstLsn)
  writeU64(view, fixed + FOOTER_LAST_LSN, lastLsn)
  view.setUint32(fixed + FOOTER_LOG_COUNT, logs.length, true)
  view.setUint32(fixed + FOOTER_INDEX_BYTES, indexBytes, true)
  view.setUint32(fixed + FOOTER_INDEX_CRC, crc32(bytes, index, indexBytes), true)
  view.setUint32(fixed + FOOTER_CRC, crc32(bytes, fixed, FOOTER_CRC), true)
  return bytes
}

/** What a footer that `bytes` end with proves to have been durable: everything up to the result. `undefined` when it is no footer of this segment. */
export function footerLastLsn(bytes: Uint8Array, place: SegmentPlace): number | undefined {
  if (bytes.length < FOOTER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const lastLsn = readU64(view, bytes.length - FOOTER_BYTES + FOOTER_LAST_LSN)
  return footerIndexBytes(bytes, place, lastLsn) === undefined ? undefined : lastLsn
}

/** Bytes of the index in front of the fixed part that `bytes` ends with; `undefined` when that is no footer of this segment that ends at `lastLsn`. */
export function footerIndexBytes(bytes: Uint8Array, place: SegmentPlace, lastLsn: number): number | undefined {
  const at = bytes.length - FOOTER_BYTES
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(at + FOOTER_MAGIC, true) !== FOOTER_MAGIC_VALUE || view.getUint32(at + FOOTER_VERSION, true) !== FORMAT_VERSION)
    return undefined
  if (view.getUint32(at + FOOTER_CRC, true) !== crc32(bytes, at, FOOTER_CRC)) return undefined
  if (!place.journalId.matches(view, at + FOOTER_JOURNAL_ID) || readU64(view, at + FOOTER_SEGMENT_ID) !== place.id) return undefined
  if (readU64(view, at + FOOTER_FIRST_LSN) !== place.firstLsn || readU64(view, at + FOOTER_LAST_LSN) !== lastLsn) return undefined
  const length = view.getUint32(at + FOOTER_INDEX_BYTES, true)
  return length + FOOTER_BYTES <= place.bytes ? length : undefined
}

/** Reads the index of a footer whose fixed part, at the end of `bytes`, was found good; `undefined` when it is damaged. */
export function decodeFooter(bytes: Uint8Array, place: SegmentPlace): SegmentRuns[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const fixed = bytes.length - FOOTER_BYTES
  const indexBytes = view.getUint32(fixed + FOOTER_INDEX_BYTES, true)
  const index = fixed - indexBytes
  if (index < 0 || view.getUint32(fixed + FOOTER_INDEX_CRC, true) !== crc32(bytes, index, indexBytes)) return undefined
  const logs: SegmentRuns[] = []
  let at = index
  for (let left = view.getUint32(fixed + FOOTER_LOG_COUNT, true); left > 0; left--) {
    if (at + FOOTER_LOG_BYTES > fixed) return undefined
    const runs: Run[] = []
    const log = { logId: view.getUint32(at, true), keep: readU64(view, at + 8), runs }
    let count = view.getUint32(at + 4, true)
    at += FOOTER_LOG_BYTES
    for (; count > 0; count--) {
      const hints = at + FOOTER_RUN_BYTES <= fixed ? view.getUint32(at + 40, true) : 0
      if (hints === 0 || at + FOOTER_RUN_BYTES + hints * FOOTER_HINT_BYTES > fixed) return undefined
      const run = decodeRun(view, at, place.id, hints)
      runs.push(run)
      at += runBytes(run)
    }
    logs.push(log)
  }
  return at === fixed ? logs : undefined
}

function runBytes(run: Run): number {
  return FOOTER_RUN_BYTES + (run.hints.length / 3) * FOOTER_HINT_BYTES
}

function encodeRun(view: DataView, at: number, run: Run): number {
  writeU64(view, at, run.first)
  writeU64(view, at + 8, run.last)
  writeU64(view, at + 16, run.term)
  writeU64(view, at + 24, run.lsn)
  writeU64(view, at + 32, run.bytes)
  view.setUint32(at + 40, run.hints.length / 3, true)
  let next = at + FOOTER_RUN_BYTES
  for (let i = 0; i < run.hints.length; i += 3, next += FOOTER_HINT_BYTES) {
    writeU64(view, next, run.hints[i] as number)
    writeU64(view, next + 8, run.hints[i + 1] as number)
    view.setUint32(next + 16, run.hints[i + 2] as number, true)
  }
  return next
}

function decodeRun(view: DataView, at: number, segment: number, count: number): Run {
  const hints: number[] = []
  for (let i = 0, next = at + FOOTER_RUN_BYTES; i < count; i++, next += FOOTER_HINT_BYTES)
    hints.push(readU64(view, next), readU64(view, next + 8), view.getUint32(next + 16, true))
  return {
    first: readU64(view, at),
    last: readU64(view, at + 8),
    term: readU64(view, at + 16),
    lsn: readU64(view, at + 24),
    bytes: readU64(view, at + 32),
    segment,
    open: false,
    hints,
  }
}
