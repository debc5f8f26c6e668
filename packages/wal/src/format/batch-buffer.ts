import { crc32 } from '@disruptorx/contracts/internal'
import { copyBytes } from '../platform/copy-bytes.ts'
import { type BatchHeader, encodeBatchHeader } from './batch-header.ts'
import type { BodyWriter } from './body-writer.ts'
import {
  BATCH_HEADER_BYTES,
  padToSector,
  RECORD_HEADER_BYTES,
  RECORD_INDEX,
  RECORD_KIND,
  RECORD_LENGTH,
  RECORD_LOG_ID,
  RECORD_TERM,
  RESERVED_BATCH_BYTES,
  recordBytes,
  SECTOR_BYTES,
} from './descriptor.ts'
import type { JournalId } from './journal-id.ts'

/** Up to this many bytes a plain loop is quicker than a call. */
const LOOP_BYTES = 256
/** So many bytes are added to the check sum at a time: few enough to be in the cache still, and to leave little for the end. */
const SUM_BYTES = 32 * 1024
const TWO_32 = 2 ** 32
const zeros = new Uint8Array(SECTOR_BYTES)

/** One batch as it grows: room for its header, then records. */
export class BatchBuffer {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #words: Int32Array
  /** The newest source as words, kept because most appends come from one ring. */
  #source: Int32Array = new Int32Array(0)
  #end = BATCH_HEADER_BYTES
  #count = 0
  /** Check sum of the body up to {@link #summed}. */
  #sum = 0
  #summed = BATCH_HEADER_BYTES

  /** What entries may fill. */
  readonly #mostEntryBytes: number

  /** @param bytes where it grows: a multiple of the sector, of which a little is kept for records other than entries */
  constructor(bytes: Uint8Array) {
    this.#mostEntryBytes = bytes.length - RESERVED_BATCH_BYTES
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  }

  /** Records gathered. */
  get count(): number {
    return this.#count
  }

  /** Bytes gathered, header included. */
  get usedBytes(): number {
    return this.#end
  }

  /** Whether an entry of `length` bytes still fits. */
  hasRoom(length: number): boolean {
    return this.#end + recordBytes(length) <= this.#mostEntryBytes
  }

  /** Most bytes that entries take with their headers, when nothing else is gathered. */
  get mostBytes(): number {
    return this.#mostEntryBytes - BATCH_HEADER_BYTES
  }

  /** Whether entries that take so many bytes with their headers still fit. */
  hasRoomForBytes(bytes: number): boolean {
    return this.#end + bytes <= this.#mostEntryBytes
  }

  /** Whether a record that is no entry still fits. */
  hasRoomForMark(length: number): boolean {
    return this.#end + recordBytes(length) <= this.bytes.length
  }

  // Hot: benchmark `wal/append64`. One copy, no allocation; the check sum is taken on the way, while the disk writes the batch before.
  /** Adds a record. The caller has checked that it fits and that the bytes are there. */
  append(kind: number, logId: number, index: number, term: number, bytes: Uint8Array, offset: number, length: number): void {
    const view = this.#view
    const at = this.#end
    const data = at + RECORD_HEADER_BYTES
    const end = at + recordBytes(length)
    view.setUint32(at + RECORD_LENGTH, length, true)
    view.setUint32(at + RECORD_KIND, kind, true)
    view.setUint32(at + RECORD_LOG_ID, logId, true)
    view.setUint32(at + RECORD_LOG_ID + 4, 0, true)
    view.setUint32(at + RECORD_INDEX, index >>> 0, true)
    view.setUint32(at + RECORD_INDEX + 4, index / TWO_32, true)
    view.setUint32(at + RECORD_TERM, term >>> 0, true)
    view.setUint32(at + RECORD_TERM + 4, term / TWO_32, true)
    if ((length & 7) !== 0) {
      view.setUint32(end - 8, 0, true)
      view.setUint32(end - 4, 0, true)
    }
    const from = bytes.byteOffset + offset
    if (length <= LOOP_BYTES && (from & 3) === 0 && this.#reaches(bytes, from + length)) this.#copyWords(data, from, length, bytes, offset)
    else copyBytes(bytes, offset, length, this.bytes, data)
    this.#end = end
    this.#count++
    if (end - this.#summed >= SUM_BYTES) this.#addToSum()
  }

  /** Finishes the batch: body, header, check sums, padding. Returns the bytes to write. */
  seal(header: BatchHeader, journalId: JournalId, writer?: BodyWriter): number {
    header.count = this.#count
    header.bodyLength = header.rawLength = this.#end - BATCH_HEADER_BYTES
    header.flags = 0
    writer?.pack(this.bytes, header)
    if (header.flags === 0) this.#addToSum()
    else this.#sum = crc32(this.bytes, BATCH_HEADER_BYTES, header.bodyLength)
    encodeBatchHeader(this.bytes, this.#view, header, journalId, this.#sum)
    const end = BATCH_HEADER_BYTES + header.bodyLength
    const padded = padToSector(end)
    // In shared memory, a typed array's `fill` goes byte by byte.
    copyBytes(zeros, 0, padded - end, this.bytes, end)
    return padded
  }

  /** Bytes that the batch takes in the file as it stands. */
  get paddedBytes(): number {
    return padToSector(this.#end)
  }

  clear(): void {
    this.#end = this.#summed = BATCH_HEADER_BYTES
    this.#count = this.#sum = 0
  }

  #addToSum(): void {
    this.#sum = crc32(this.bytes, this.#summed, this.#end - this.#summed, this.#sum)
    this.#summed = this.#end
  }

  #reaches(bytes: Uint8Array, end: number): boolean {
    if (this.#source.buffer !== bytes.buffer) this.#source = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2)
    return end <= this.#source.byteLength
  }

  #copyWords(to: number, from: number, length: number, bytes: Uint8Array, offset: number): void {
    const source = this.#source
    const target = this.#words
    const words = length >> 2
    const first = from >> 2
    const at = to >> 2
    for (let i = 0; i < words; i++) target[at + i] = source[first + i] as number
    for (let i = words << 2; i < length; i++) this.bytes[to + i] = bytes[offset + i] as number
  }
}
