import {
  KIND_CLOSED,
  KIND_COPY,
  KIND_CUT,
  KIND_DROP,
  KIND_ENTRY,
  KIND_MARK,
  KIND_OPENED,
  KIND_RESET,
  KIND_TRIM,
  KIND_VALUE,
  recordBytes,
} from '../format/descriptor.ts'
import type { RecordCursor } from '../segments/record.ts'
import type { LogState } from './log-state.ts'
import type { LogTable } from './log-table.ts'
import { decodeValue, valueBytes } from './summary-bytes.ts'

/** Does to the logs what a record says, again. False when the record contradicts those before it. `bytes` is the memory that it lies in. */
export function replayRecord(logs: LogTable, record: RecordCursor, bytes: Uint8Array): boolean {
  const { kind, logId } = record
  if (kind === KIND_OPENED || kind === KIND_CLOSED) return true
  const log = logs.find(logId) ?? logs.fresh(logId)
  if (kind === KIND_VALUE) return replayValue(logs, log, record, bytes)
  logs.touchAgain(log)
  if (kind === KIND_ENTRY) return replayEntry(log, record)
  if (kind === KIND_DROP) {
    logs.drop(log)
    return true
  }
  return replayChange(log, record)
}

function replayEntry(log: LogState, { index, term, lsn, length }: RecordCursor): boolean {
  if (index !== log.lastIndex + 1 || !(term >= log.lastTerm)) return false
  log.appendEntry(index, term, lsn, recordBytes(length))
  return true
}

function replayChange(log: LogState, { kind, index, term, lsn, length }: RecordCursor): boolean {
  if (!(index >= 0 && term >= 0)) return false
  const held = index >= log.firstIndex && index <= log.lastIndex
  switch (kind) {
    case KIND_COPY:
      if (held) log.copy(index, term, lsn, recordBytes(length))
      return held
    case KIND_CUT:
      if (!held && index !== log.firstIndex - 1) return false
      log.cut(index, term)
      return true
    case KIND_TRIM:
      if (!held && index !== log.lastIndex + 1) return false
      log.trim(index, term)
      return true
    case KIND_RESET:
      if (index < log.firstIndex - 1) return false
      log.reset(index, term)
      return true
    case KIND_MARK:
      log.mark(index, term)
      return index <= log.lastIndex
    default:
      return false
  }
}

function replayValue(logs: LogTable, log: LogState, { offset, length }: RecordCursor, bytes: Uint8Array): boolean {
  const nameLength = bytes[offset] as number
  if (nameLength + 1 > length) return false
  const [name, value] = decodeValue(bytes.slice(offset, offset + length))
  logs.touchAgain(log, valueBytes(name, value) - valueBytes(name, log.values.get(name)))
  log.setValue(name, value)
  return true
}
