import { crc32 } from '@disruptorx/contracts/internal'
import { FormatTooNewError, FormatTooOldError, JournalCorruptError, segmentName } from '../errors.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import {
  FORMAT_VERSION,
  KEY_CHECK_BYTES,
  KEY_ID_BYTES,
  LEAST_SEGMENT_BYTES,
  MOST_SEGMENT_FILE_BYTES,
  padToSector,
  readU64,
  SECTOR_BYTES,
  SEGMENT_BYTES,
  SEGMENT_CRC,
  SEGMENT_EPOCH,
  SEGMENT_FIRST_LSN,
  SEGMENT_HEADER_BYTES,
  SEGMENT_ID,
  SEGMENT_JOURNAL_ID,
  SEGMENT_KEY_CHECK,
  SEGMENT_KEY_ID,
  SEGMENT_LOG_COUNT,
  SEGMENT_MAGIC_HIGH,
  SEGMENT_MAGIC_LOW,
  SEGMENT_STATE_BYTES,
  SEGMENT_STATE_CRC,
  SEGMENT_VERSION,
  writeU64,
} from './descriptor.ts'
import { JournalId } from './journal-id.ts'
import { decodeStateTable, encodeStateTable, stateTableBytes } from './state-table.ts'

/** What tells which key the batches of a segment are encrypted with. */
export interface KeyMark {
  /** 1 to 16 characters of ASCII. */
  readonly id: string
  /** Tells a wrong key of the right name: 8 bytes. */
  readonly check: Uint8Array
}

/** What the start of a segment says, but for the logs. */
export interface SegmentPlace {
  readonly journalId: JournalId
  readonly id: number
  readonly bytes: number
  /** LSN of the first record. Everything before it was durable when the segment was made. */
  readonly firstLsn: number
  readonly epoch: number
  /** `undefined` when batches are not encrypted. */
  readonly key: KeyMark | undefined
}

/** What the start of a segment says. */
export interface SegmentHeader extends SegmentPlace {
  /** Where the first batch goes, in bytes. */
  readonly dataOffset: number
  /** What the first batch names as the batch before it. */
  readonly chain: number
}

/** A header as bytes, whole sectors, and what it says. */
export interface EncodedHeader {
  readonly header: SegmentHeader
  readonly bytes: Uint8Array
}

/** Bytes of a header with such logs: whole sectors. */
export function segmentHeaderBytes(logs: readonly LogSummary[]): number {
  return padToSector(SEGMENT_HEADER_BYTES + stateTableBytes(logs))
}

/** The start of a segment. */
export function encodeSegmentHeader(place: SegmentPlace, logs: readonly LogSummary[]): EncodedHeader {
  const stateBytes = stateTableBytes(logs)
  const bytes = new Uint8Array(padToSector(SEGMENT_HEADER_BYTES + stateBytes))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, SEGMENT_MAGIC_LOW, true)
  view.setUint32(4, SEGMENT_MAGIC_HIGH, true)
  view.setUint32(SEGMENT_VERSION, FORMAT_VERSION, true)
  view.setUint32(SEGMENT_LOG_COUNT, logs.length, true)
  place.journalId.write(view, SEGMENT_JOURNAL_ID)
  writeU64(view, SEGMENT_ID, place.id)
  writeU64(view, SEGMENT_BYTES, place.bytes)
  writeU64(view, SEGMENT_FIRST_LSN, place.firstLsn)
  view.setUint32(SEGMENT_EPOCH, place.epoch, true)
  view.setUint32(SEGMENT_STATE_BYTES, stateBytes, true)
  if (place.key !== undefined) {
    bytes.set(new TextEncoder().encode(place.key.id), SEGMENT_KEY_ID)
    bytes.set(place.key.check, SEGMENT_KEY_CHECK)
  }
  encodeStateTable(bytes, view, SEGMENT_HEADER_BYTES, logs)
  view.setUint32(SEGMENT_STATE_CRC, crc32(bytes, SEGMENT_HEADER_BYTES, stateBytes), true)
  const chain = crc32(bytes, 0, SEGMENT_CRC)
  view.setUint32(SEGMENT_CRC, chain, true)
  return { header: { ...place, dataOffset: bytes.length, chain }, bytes }
}

/**
 * Reads the fixed part of segment `id`'s header. A segment gets its name only after its header is durable, so a bad header is damage.
 *
 * @throws {FormatTooNewError} {@link FormatTooOldError}
 * @throws {JournalCorruptError}
 */
export function decodeSegmentHeader(bytes: Uint8Array, id: number): SegmentHeader {
  const bad = (reason: string) => new JournalCorruptError({ segment: id, offset: 0, reason })
  if (bytes.length < SECTOR_BYTES) throw bad('the file ends within its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0, true) !== SEGMENT_MAGIC_LOW || view.getUint32(4, true) !== SEGMENT_MAGIC_HIGH)
    throw bad('the file does not start as a segment does')
  const version = view.getUint32(SEGMENT_VERSION, true)
  if (version > FORMAT_VERSION) throw new FormatTooNewError(`segment ${segmentName(id)}`, version, FORMAT_VERSION)
  if (version < FORMAT_VERSION) throw new FormatTooOldError(`segment ${segmentName(id)}`, version, FORMAT_VERSION)
  const chain = crc32(bytes, 0, SEGMENT_CRC)
  if (view.getUint32(SEGMENT_CRC, true) !== chain) throw bad('the header of the segment is damaged')
  const header = {
    journalId: JournalId.read(view, SEGMENT_JOURNAL_ID),
    id: readU64(view, SEGMENT_ID),
    bytes: readU64(view, SEGMENT_BYTES),
    firstLsn: readU64(view, SEGMENT_FIRST_LSN),
    epoch: view.getUint32(SEGMENT_EPOCH, true),
    key: readKey(bytes),
    dataOffset: padToSector(SEGMENT_HEADER_BYTES + view.getUint32(SEGMENT_STATE_BYTES, true)),
    chain,
  }
  if (header.id !== id) throw bad(`the file is segment ${segmentName(header.id)} under a wrong name`)
  if (!(header.bytes >= LEAST_SEGMENT_BYTES && header.bytes <= MOST_SEGMENT_FILE_BYTES && header.bytes % SECTOR_BYTES === 0))
    throw bad(`the header gives an impossible size, ${header.bytes}`)
  if (header.dataOffset >= header.bytes) throw bad('the header gives a state of the logs longer than the segment')
  return header
}

/** Reads the state of the logs behind a header; `bytes` are `dataOffset` long. @throws {JournalCorruptError} */
export function decodeSegmentState(bytes: Uint8Array, id: number): LogSummary[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const stateBytes = view.getUint32(SEGMENT_STATE_BYTES, true)
  const end = SEGMENT_HEADER_BYTES + stateBytes
  if (end <= bytes.length && view.getUint32(SEGMENT_STATE_CRC, true) === crc32(bytes, SEGMENT_HEADER_BYTES, stateBytes)) {
    const logs = decodeStateTable(bytes, view, SEGMENT_HEADER_BYTES, end, view.getUint32(SEGMENT_LOG_COUNT, true))
    if (logs !== undefined) return logs
  }
  throw new JournalCorruptError({ segment: id, offset: SEGMENT_HEADER_BYTES, reason: 'the state of the logs is damaged' })
}

function readKey(bytes: Uint8Array): KeyMark | undefined {
  const id = bytes.subarray(SEGMENT_KEY_ID, SEGMENT_KEY_ID + KEY_ID_BYTES)
  const length = id.indexOf(0) < 0 ? KEY_ID_BYTES : id.indexOf(0)
  if (length === 0) return undefined
  const check = bytes.slice(SEGMENT_KEY_CHECK, SEGMENT_KEY_CHECK + KEY_CHECK_BYTES)
  return { id: new TextDecoder().decode(id.subarray(0, length)), check }
}
