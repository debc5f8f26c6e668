import { crc32 } from '@disruptorx/contracts/internal'
import { FormatTooNewError, JournalCorruptError, segmentName } from '../errors.ts'
import {
  FORMAT_VERSION,
  LEAST_SEGMENT_BYTES,
  LOG_ENTRY_BYTES,
  LOG_FIRST_INDEX,
  LOG_ID,
  LOG_LAST_INDEX,
  LOG_LAST_TERM,
  MOST_LOGS,
  MOST_SEGMENT_BYTES,
  readU64,
  SECTOR_BYTES,
  SEGMENT_BYTES,
  SEGMENT_CRC,
  SEGMENT_EPOCH,
  SEGMENT_FIRST_LSN,
  SEGMENT_ID,
  SEGMENT_JOURNAL_ID,
  SEGMENT_LOG_COUNT,
  SEGMENT_LOGS,
  SEGMENT_MAGIC_HIGH,
  SEGMENT_MAGIC_LOW,
  SEGMENT_VERSION,
  writeU64,
} from './descriptor.ts'
import { JournalId } from './journal-id.ts'

/** How a log stood before the first record of a segment. */
export interface LogStart {
  readonly logId: number
  readonly firstIndex: number
  readonly lastIndex: number
  readonly lastTerm: number
}

/** What the first sector of a segment says. Everything before `firstLsn` was durable when the segment was made. */
export interface SegmentHeader {
  readonly journalId: JournalId
  readonly id: number
  readonly bytes: number
  readonly firstLsn: number
  readonly epoch: number
  readonly logs: readonly LogStart[]
}

/** The first sector of a segment. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES)
  const view = new DataView(sector.buffer)
  view.setUint32(0, SEGMENT_MAGIC_LOW, true)
  view.setUint32(4, SEGMENT_MAGIC_HIGH, true)
  view.setUint32(SEGMENT_VERSION, FORMAT_VERSION, true)
  view.setUint32(SEGMENT_LOG_COUNT, header.logs.length, true)
  header.journalId.write(view, SEGMENT_JOURNAL_ID)
  writeU64(view, SEGMENT_ID, header.id)
  writeU64(view, SEGMENT_BYTES, header.bytes)
  writeU64(view, SEGMENT_FIRST_LSN, header.firstLsn)
  view.setUint32(SEGMENT_EPOCH, header.epoch, true)
  for (const [i, log] of header.logs.entries()) {
    const at = SEGMENT_LOGS + i * LOG_ENTRY_BYTES
    view.setUint32(at + LOG_ID, log.logId, true)
    writeU64(view, at + LOG_FIRST_INDEX, log.firstIndex)
    writeU64(view, at + LOG_LAST_INDEX, log.lastIndex)
    writeU64(view, at + LOG_LAST_TERM, log.lastTerm)
  }
  view.setUint32(SEGMENT_CRC, crc32(sector, 0, SEGMENT_CRC), true)
  return sector
}

/**
 * Reads the first sector of segment `id`. A segment gets its name only after its header is durable, so a bad header is damage.
 *
 * @throws {FormatTooNewError}
 * @throws {JournalCorruptError}
 */
export function decodeSegmentHeader(sector: Uint8Array, id: number): SegmentHeader {
  const bad = (reason: string) => new JournalCorruptError({ segment: id, offset: 0, reason })
  if (sector.length < SECTOR_BYTES) throw bad('the file ends within its header')
  const view = new DataView(sector.buffer, sector.byteOffset, SECTOR_BYTES)
  if (view.getUint32(0, true) !== SEGMENT_MAGIC_LOW || view.getUint32(4, true) !== SEGMENT_MAGIC_HIGH)
    throw bad('the file does not start as a segment does')
  const version = view.getUint32(SEGMENT_VERSION, true)
  if (version > FORMAT_VERSION) throw new FormatTooNewError(`segment ${segmentName(id)}`, version, FORMAT_VERSION)
  if (view.getUint32(SEGMENT_CRC, true) !== crc32(sector, 0, SEGMENT_CRC)) throw bad('the header of the segment is damaged')
  const header = {
    journalId: JournalId.read(view, SEGMENT_JOURNAL_ID),
    id: readU64(view, SEGMENT_ID),
    bytes: readU64(view, SEGMENT_BYTES),
    firstLsn: readU64(view, SEGMENT_FIRST_LSN),
    epoch: view.getUint32(SEGMENT_EPOCH, true),
    logs: readLogs(view),
  }
  if (header.id !== id) throw bad(`the file is segment ${segmentName(header.id)} under a wrong name`)
  if (!(header.bytes >= LEAST_SEGMENT_BYTES && header.bytes <= MOST_SEGMENT_BYTES && header.bytes % SECTOR_BYTES === 0))
    throw bad(`the header gives an impossible size, ${header.bytes}`)
  return header
}

function readLogs(view: DataView): LogStart[] {
  const count = Math.min(view.getUint32(SEGMENT_LOG_COUNT, true), MOST_LOGS)
  return Array.from({ length: count }, (_, i) => {
    const at = SEGMENT_LOGS + i * LOG_ENTRY_BYTES
    return {
      logId: view.getUint32(at + LOG_ID, true),
      firstIndex: readU64(view, at + LOG_FIRST_INDEX),
      lastIndex: readU64(view, at + LOG_LAST_INDEX),
      lastTerm: readU64(view, at + LOG_LAST_TERM),
    }
  })
}
