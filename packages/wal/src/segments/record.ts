import {
  RECORD_HEADER_BYTES,
  RECORD_INDEX,
  RECORD_KIND,
  RECORD_LENGTH,
  RECORD_LOG_ID,
  RECORD_TERM,
  readU64,
  recordBytes,
} from '../format/descriptor.ts'

/** Goes over the records of one batch whose check sums were found good. */
export class RecordCursor {
  #view: DataView = new DataView(new ArrayBuffer(0))
  #next = 0
  #end = 0
  #nextLsn = 0
  kind = 0
  logId = 0
  index = 0
  term = 0
  lsn = 0
  /** Where the data starts, in the memory that the records lie in. */
  offset = 0
  length = 0

  /** Starts before the first of the records that lie at `at` and are `length` bytes long. */
  start(view: DataView, at: number, length: number, firstLsn: number): void {
    this.#view = view
    this.#next = at
    this.#end = at + length
    this.#nextLsn = firstLsn
  }

  /** Forgets the records that are left. */
  clear(): void {
    this.#end = this.#next
  }

  /** Goes to the next record. False when there is none, or when its length cannot be. */
  next(): boolean {
    const at = this.#next
    if (at + RECORD_HEADER_BYTES > this.#end) return false
    const view = this.#view
    this.length = view.getUint32(at + RECORD_LENGTH, true)
    this.kind = view.getUint32(at + RECORD_KIND, true)
    this.logId = view.getUint32(at + RECORD_LOG_ID, true)
    this.index = readU64(view, at + RECORD_INDEX)
    this.term = readU64(view, at + RECORD_TERM)
    this.offset = at + RECORD_HEADER_BYTES
    const end = this.offset + this.length
    if (end > this.#end) return false
    this.lsn = this.#nextLsn++
    this.#next = at + recordBytes(this.length)
    return true
  }
}
