import { crc32 } from '@disruptorx/contracts/internal'
import { FormatTooNewError, segmentName } from '../errors.ts'
import {
  BATCH_BODY_CRC,
  BATCH_BODY_LENGTH,
  BATCH_CHAIN,
  BATCH_CIPHER_EPOCH,
  BATCH_COUNT,
  BATCH_DURABLE_LSN,
  BATCH_EPOCH,
  BATCH_FIRST_LSN,
  BATCH_FLAGS,
  BATCH_HEADER_BYTES,
  BATCH_HEADER_CRC,
  BATCH_JOURNAL_ID,
  BATCH_MAGIC,
  BATCH_MAGIC_VALUE,
  BATCH_RAW_LENGTH,
  BATCH_SECTOR,
  BATCH_SEGMENT_ID,
  BATCH_TAG,
  BATCH_VERSION,
  FORMAT_VERSION,
  padToSector,
  readU64,
  SECTOR_BYTES,
  TAG_BYTES,
  writeU64,
} from './descriptor.ts'
import type { JournalId } from './journal-id.ts'

/** Where a batch lies and what it claims: what its writer puts into the header, and what a reader found there. */
export class BatchHeader {
  segment = 0
  /** In its segment, in bytes: a multiple of the sector. */
  offset = 0
  epoch = 0
  firstLsn = 0
  /** Every LSN up to this one was on stable storage when the batch was written. */
  durableLsn = 0
  count = 0
  /** Bytes of the body as it lies in the file. */
  bodyLength = 0
  /** Bytes of the records, before compression. */
  rawLength = 0
  /** {@link FLAG_COMPRESSED}, {@link FLAG_ENCRYPTED}. */
  flags = 0
  /** Header CRC of what comes before it in the segment. */
  chain = 0
  /** Epoch in which the body was encrypted; 0 when it is not. */
  cipherEpoch = 0
  /** Its own header CRC, which the next batch carries. */
  crc = 0
  /** Of the encryption. */
  readonly tag = new Uint8Array(TAG_BYTES)

  get lastLsn(): number {
    return this.firstLsn + this.count - 1
  }

  /** Bytes in the file, header and padding included. */
  get paddedBytes(): number {
    return padToSector(BATCH_HEADER_BYTES + this.bodyLength)
  }
}

/**
 * Writes a header, with both check sums, in front of the body that already lies behind it. Sets the header's `crc`.
 *
 * @param bodyCrc where the caller has it already
 */
export function encodeBatchHeader(
  bytes: Uint8Array,
  view: DataView,
  header: BatchHeader,
  journalId: JournalId,
  bodyCrc = crc32(bytes, BATCH_HEADER_BYTES, header.bodyLength),
): void {
  view.setUint32(BATCH_MAGIC, BATCH_MAGIC_VALUE, true)
  view.setUint32(BATCH_VERSION, FORMAT_VERSION, true)
  journalId.write(view, BATCH_JOURNAL_ID)
  writeU64(view, BATCH_SEGMENT_ID, header.segment)
  writeU64(view, BATCH_FIRST_LSN, header.firstLsn)
  writeU64(view, BATCH_DURABLE_LSN, header.durableLsn)
  view.setUint32(BATCH_COUNT, header.count, true)
  view.setUint32(BATCH_BODY_LENGTH, header.bodyLength, true)
  view.setUint32(BATCH_SECTOR, header.offset / SECTOR_BYTES, true)
  view.setUint32(BATCH_EPOCH, header.epoch, true)
  view.setUint32(BATCH_FLAGS, header.flags, true)
  view.setUint32(BATCH_RAW_LENGTH, header.rawLength, true)
  bytes.set(header.tag, BATCH_TAG)
  view.setUint32(BATCH_CHAIN, header.chain, true)
  view.setUint32(BATCH_CIPHER_EPOCH, header.cipherEpoch, true)
  bytes.fill(0, BATCH_CIPHER_EPOCH + 4, BATCH_BODY_CRC)
  view.setUint32(BATCH_BODY_CRC, bodyCrc, true)
  header.crc = crc32(bytes, 0, BATCH_HEADER_CRC)
  view.setUint32(BATCH_HEADER_CRC, header.crc, true)
}

/** Where a header has to lie to be believed. */
export interface BatchPlace {
  readonly journalId: JournalId
  readonly segment: number
  readonly segmentBytes: number
}

/**
 * What lies at a sector: a batch's header; one that is damaged but was meant for this place; or anything else, which is old or unused
 * space: a header of another journal, segment or place is as good as none.
 */
export type HeaderFinding = 'batch' | 'damaged' | 'nothing'

/**
 * Reads the header at `at` in `view`, which lies at `offset` in its segment. Fills `into` when it is a batch's.
 *
 * @throws {FormatTooNewError} it is a good header of a newer version
 */
export function decodeBatchHeader(view: DataView, at: number, offset: number, place: BatchPlace, into: BatchHeader): HeaderFinding {
  if (view.getUint32(at + BATCH_MAGIC, true) !== BATCH_MAGIC_VALUE) return 'nothing'
  if (!place.journalId.matches(view, at + BATCH_JOURNAL_ID) || readU64(view, at + BATCH_SEGMENT_ID) !== place.segment) return 'nothing'
  if (view.getUint32(at + BATCH_SECTOR, true) * SECTOR_BYTES !== offset) return 'nothing'
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, BATCH_HEADER_BYTES)
  const crc = crc32(bytes, 0, BATCH_HEADER_CRC)
  if (view.getUint32(at + BATCH_HEADER_CRC, true) !== crc) return 'damaged'
  const version = view.getUint32(at + BATCH_VERSION, true)
  if (version > FORMAT_VERSION) throw new FormatTooNewError(`a batch in segment ${segmentName(place.segment)}`, version, FORMAT_VERSION)
  into.segment = place.segment
  into.offset = offset
  into.epoch = view.getUint32(at + BATCH_EPOCH, true)
  into.firstLsn = readU64(view, at + BATCH_FIRST_LSN)
  into.durableLsn = readU64(view, at + BATCH_DURABLE_LSN)
  into.count = view.getUint32(at + BATCH_COUNT, true)
  into.bodyLength = view.getUint32(at + BATCH_BODY_LENGTH, true)
  into.rawLength = view.getUint32(at + BATCH_RAW_LENGTH, true)
  into.flags = view.getUint32(at + BATCH_FLAGS, true)
  into.cipherEpoch = view.getUint32(at + BATCH_CIPHER_EPOCH, true)
  into.chain = view.getUint32(at + BATCH_CHAIN, true)
  into.crc = crc
  into.tag.set(bytes.subarray(BATCH_TAG, BATCH_TAG + TAG_BYTES))
  return offset + into.paddedBytes <= place.segmentBytes ? 'batch' : 'damaged'
}

/** Whether the body behind the header at `at` is the one that was written. */
export function bodyIsGood(bytes: Uint8Array, view: DataView, at: number, header: BatchHeader): boolean {
  return view.getUint32(at + BATCH_BODY_CRC, true) === crc32(bytes, at + BATCH_HEADER_BYTES, header.bodyLength)
}
