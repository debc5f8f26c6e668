import { isDisruptorError } from '@disruptorx/contracts'
import { crc32 } from '@disruptorx/contracts/internal'
import { BatchHeader, bodyIsGood, decodeBatchHeader } from '../format/batch-header.ts'
import { BodyReader } from '../format/body-reader.ts'
import { BATCH_HEADER_BYTES, SECTOR_BYTES } from '../format/descriptor.ts'
import type { BodyCipher, Keys } from '../format/keys.ts'
import { decodeSegmentHeader, decodeSegmentState, type SegmentHeader } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import type { BatchPosition } from '../logs/runs.ts'
import { RecordCursor } from '../segments/record.ts'
import { NO_BATCH, SEGMENT_ENDS } from '../segments/scan.ts'

/**
 * Reads a segment from start to end as its bytes arrive, and checks every batch on the way.
 *
 * First {@link open}, then {@link next} as long as it is true, then {@link rest} for the size and the check sum of all of it.
 */
export class SegmentStream {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #id: number
  readonly #keys: Keys
  readonly #mayBeBlind: boolean
  /** What has arrived and is still needed, from `#start` in the segment on. */
  #buffer: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(this.#buffer.buffer)
  #start = 0
  #arrived = 0
  #crc = 0
  #offset = 0
  #chain = 0
  #header: SegmentHeader | undefined
  #body: BodyReader | undefined
  readonly #batch = new BatchHeader()
  /** The records of the batch that {@link next} came to. */
  readonly record = new RecordCursor()
  /** The LSN that the next batch has to start with. */
  nextLsn = 0
  /** Why there is no next batch. */
  reason = ''
  /** Whether records cannot be looked at, because the key of the segment was not given. */
  isBlind = false

  /** @param mayBeBlind whether to check what can be checked without the key, when that was not given */
  constructor(chunks: AsyncIterable<Uint8Array>, id: number, keys: Keys, mayBeBlind = false) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#id = id
    this.#keys = keys
    this.#mayBeBlind = mayBeBlind
  }

  /** Where the next batch has to start, in bytes. */
  get offset(): number {
    return this.#offset
  }

  /** Check sum of the batch that {@link next} came to, which holds those of all before it, and of the header: two segments with the same one have the same records. */
  get chain(): number {
    return this.#chain
  }

  /** The memory that the records of the batch lie in, until the next call. */
  get bytes(): Uint8Array {
    return (this.#body as BodyReader).bytes
  }

  /** Where the batch that {@link next} came to lies. */
  get position(): BatchPosition {
    const { segment, offset, firstLsn } = this.#batch
    return { segment, sector: offset / SECTOR_BYTES, lsn: firstLsn }
  }

  /** Reads the start of the segment. @throws {JournalCorruptError} {@link FormatTooNewError} {@link FormatTooOldError} {@link KeyError} */
  async open(): Promise<{ readonly header: SegmentHeader; readonly logs: readonly LogSummary[] }> {
    await this.#need(0, SECTOR_BYTES)
    const header = decodeSegmentHeader(this.#buffer.subarray(0, this.#arrived), this.#id)
    await this.#need(0, header.dataOffset)
    const logs = decodeSegmentState(this.#buffer.subarray(0, Math.min(this.#arrived, header.dataOffset)), this.#id)
    this.#body = new BodyReader(this.#cipherOf(header))
    this.#header = header
    this.#offset = header.dataOffset
    this.#chain = header.chain
    this.nextLsn = header.firstLsn
    return { header, logs }
  }

  /** Goes on to the next batch, and stands before its first record. False when there is none that is good: {@link reason} tells. @throws {FormatTooNewError} */
  async next(): Promise<boolean> {
    this.reason = await this.#follow(this.#header as SegmentHeader, this.#body as BodyReader)
    return this.reason === ''
  }

  /** Reads on to the end. How many bytes there were in all, and the CRC-32 of all of them. */
  async rest(): Promise<{ readonly bytes: number; readonly crc: number }> {
    do this.#offset = this.#arrived
    while (await this.#more())
    return { bytes: this.#arrived, crc: this.#crc }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #cipherOf(header: SegmentHeader): BodyCipher | undefined {
    try {
      return this.#keys.forSegment(header)
    } catch (error) {
      if (!this.#mayBeBlind || !isDisruptorError(error, 'DX_KEY')) throw error
      this.isBlind = true
      return undefined
    }
  }

  async #follow(segment: SegmentHeader, body: BodyReader): Promise<string> {
    const batch = this.#batch
    const offset = this.#offset
    if (offset + SECTOR_BYTES > segment.bytes) return SEGMENT_ENDS
    if (!(await this.#need(offset, BATCH_HEADER_BYTES))) return 'it ends within the header of a batch'
    const place = { journalId: segment.journalId, segment: segment.id, segmentBytes: segment.bytes }
    const found = decodeBatchHeader(this.#view, offset - this.#start, offset, place, batch)
    if (found === 'damaged') return 'the header of the batch is damaged'
    if (found === 'nothing') return NO_BATCH
    if (batch.firstLsn !== this.nextLsn || batch.chain !== this.#chain || batch.count === 0)
      return 'another batch than the one that belongs there'
    if (!(await this.#need(offset, batch.paddedBytes))) return 'it ends within a batch'
    const at = offset - this.#start
    if (!bodyIsGood(this.#buffer, this.#view, at, batch)) return 'the records of the batch are damaged'
    if (this.isBlind) this.record.clear()
    else if (body.open(this.#buffer, this.#view, at, batch)) this.record.start(body.view, body.offset, body.length, batch.firstLsn)
    else return 'the records of the batch cannot be unpacked'
    this.#offset += batch.paddedBytes
    this.#chain = batch.crc
    this.nextLsn = batch.lastLsn + 1
    return ''
  }

  /** Makes bytes available. False when there are not so many. */
  async #need(offset: number, length: number): Promise<boolean> {
    while (this.#arrived < offset + length) if (!(await this.#more())) return false
    return true
  }

  /** Takes one more piece. False at the end. */
  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) return false
    this.#crc = crc32(value, 0, value.length, this.#crc)
    this.#makeRoom(value.length)
    this.#buffer.set(value, this.#arrived - this.#start)
    this.#arrived += value.length
    return true
  }

  #makeRoom(bytes: number): void {
    if (this.#arrived - this.#start + bytes <= this.#buffer.length) return
    // What lies before the next batch is done with.
    const done = Math.min(this.#offset, this.#arrived)
    const held = this.#buffer.subarray(done - this.#start, this.#arrived - this.#start)
    if (held.length + bytes <= this.#buffer.length) this.#buffer.set(held)
    else {
      const buffer = new Uint8Array(Math.max(held.length + bytes, this.#buffer.length * 2))
      buffer.set(held)
      this.#buffer = buffer
      this.#view = new DataView(buffer.buffer)
    }
    this.#start = done
  }
}
