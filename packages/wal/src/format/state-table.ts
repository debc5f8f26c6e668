import { emptySummary, type LogSummary, noValues } from '../logs/log-summary.ts'
import { summaryBytes, VALUE_HEADER_BYTES, valueBytes } from '../logs/summary-bytes.ts'
import {
  LOG_BASE_TERM,
  LOG_BYTES,
  LOG_FIRST_INDEX,
  LOG_ID,
  LOG_LAST_INDEX,
  LOG_LAST_TERM,
  LOG_SNAPSHOT_INDEX,
  LOG_SNAPSHOT_TERM,
  LOG_VALUE_COUNT,
  readU64,
  writeU64,
} from './descriptor.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes that the states of logs take. */
export function stateTableBytes(logs: readonly LogSummary[]): number {
  return logs.reduce((sum, log) => sum + summaryBytes(log), 0)
}

/** Writes the states of logs from `at` on. */
export function encodeStateTable(bytes: Uint8Array, view: DataView, at: number, logs: readonly LogSummary[]): void {
  let next = at
  for (const log of logs) {
    view.setUint32(next + LOG_ID, log.logId, true)
    view.setUint8(next + LOG_VALUE_COUNT, log.values.size)
    writeU64(view, next + LOG_FIRST_INDEX, log.firstIndex)
    writeU64(view, next + LOG_BASE_TERM, log.baseTerm)
    writeU64(view, next + LOG_LAST_INDEX, log.lastIndex)
    writeU64(view, next + LOG_LAST_TERM, log.lastTerm)
    writeU64(view, next + LOG_SNAPSHOT_INDEX, log.snapshotIndex)
    writeU64(view, next + LOG_SNAPSHOT_TERM, log.snapshotTerm)
    next += LOG_BYTES
    for (const [name, value] of log.values) {
      view.setUint8(next, name.length)
      view.setUint16(next + 2, value.length, true)
      bytes.set(encoder.encode(name), next + VALUE_HEADER_BYTES)
      bytes.set(value, next + VALUE_HEADER_BYTES + name.length)
      next += valueBytes(name, value)
    }
  }
}

/** Reads `count` states from `at` to `end`; `undefined` when they do not fill that exactly. */
export function decodeStateTable(bytes: Uint8Array, view: DataView, at: number, end: number, count: number): LogSummary[] | undefined {
  const logs: LogSummary[] = []
  let next = at
  while (logs.length < count) {
    if (next + LOG_BYTES > end) return undefined
    const values = new Map<string, Uint8Array>()
    const log = {
      ...emptySummary(view.getUint32(next + LOG_ID, true)),
      firstIndex: readU64(view, next + LOG_FIRST_INDEX),
      baseTerm: readU64(view, next + LOG_BASE_TERM),
      lastIndex: readU64(view, next + LOG_LAST_INDEX),
      lastTerm: readU64(view, next + LOG_LAST_TERM),
      snapshotIndex: readU64(view, next + LOG_SNAPSHOT_INDEX),
      snapshotTerm: readU64(view, next + LOG_SNAPSHOT_TERM),
    }
    let left = view.getUint8(next + LOG_VALUE_COUNT)
    next += LOG_BYTES
    for (; left > 0; left--) {
      if (next + VALUE_HEADER_BYTES > end) return undefined
      const nameLength = view.getUint8(next)
      const valueLength = view.getUint16(next + 2, true)
      const from = next + VALUE_HEADER_BYTES
      if (from + nameLength + valueLength > end) return undefined
      const name = decoder.decode(bytes.subarray(from, from + nameLength))
      const value = bytes.slice(from + nameLength, from + nameLength + valueLength)
      values.set(name, value)
      next += valueBytes(name, value)
    }
    logs.push({ ...log, values: values.size === 0 ? noValues : values })
  }
  return next === end ? logs : undefined
}
