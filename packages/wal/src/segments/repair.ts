import type { Files } from '@disruptorx/contracts'
import { crc32, type FileTask, perform } from '@disruptorx/contracts/internal'
import { BatchHeader, bodyIsGood, decodeBatchHeader } from '../format/batch-header.ts'
import {
  BATCH_BODY_CRC,
  BATCH_BODY_LENGTH,
  BATCH_HEADER_BYTES,
  KIND_COPY,
  KIND_ENTRY,
  MOST_BATCH_BYTES,
  SECTOR_BYTES,
} from '../format/descriptor.ts'
import type { BatchSource } from './batch-source.ts'
import { segmentPath, withFile } from './directory.ts'
import { RecordCursor } from './record.ts'
import { writeFully } from './window.ts'

/** Most entries of one batch that a repair asks for one by one. */
const MOST_ENTRIES = 65_536

/** An entry of a damaged batch, as far as its record can still be read. */
export interface DamagedEntry {
  readonly logId: number
  readonly index: number
  readonly term: number
  /** Bytes of its data. */
  readonly length: number
}

/** A batch that was durable and is damaged. */
export interface RepairRequest {
  /** Number of the segment. */
  readonly segment: number
  /** Where the batch starts in the segment's file, in bytes. */
  readonly offset: number
  /** Most bytes that it takes there. */
  readonly bytes: number
  /** LSN of its first record. */
  readonly firstLsn: number
  /** What is wrong with it. */
  readonly reason: string
  /** Its entries; some of this may be damaged, too. None when the batch is compressed or encrypted. */
  readonly entries: readonly DamagedEntry[]
}

/** The bytes that were there: of the whole batch, as an archive or a backup has them, or of the data of its entries, as any peer has them, `undefined` where it does not. */
export type RepairAnswer = { readonly batch: Uint8Array } | { readonly entries: readonly (Uint8Array | undefined)[] }

/**
 * Gets what is damaged from elsewhere. Called again and again while it says `pending`; `undefined` when there is nothing to be had. Nothing that it
 * answers is trusted: check sums decide. What was repaired stays so, also when something else is a reason to refuse the journal.
 */
export type RepairSource = (request: RepairRequest) => RepairAnswer | 'pending' | undefined

/** A batch that was made good. */
export interface Repaired {
  readonly segment: number
  readonly offset: number
}

/** What has to be true of the batch at a place. */
export interface ExpectedBatch {
  readonly offset: number
  readonly firstLsn: number
  readonly chain: number
  readonly reason: string
}

/** Makes damaged batches good with bytes from elsewhere. */
export class Repairer {
  readonly #files: Files
  readonly #dir: string
  readonly #ask: RepairSource
  readonly repaired: Repaired[] = []

  constructor(files: Files, dir: string, ask: RepairSource) {
    this.#files = files
    this.#dir = dir
    this.#ask = ask
  }

  /**
   * Writes the batch that belongs at a place, and syncs it, before anybody may trust it. False when nobody has bytes that fit the check sums.
   *
   * @throws the file system's error
   */
  *repair(source: BatchSource, expected: ExpectedBatch): FileTask<boolean> {
    const { segment, window } = source
    const { offset, firstLsn, reason } = expected
    if (offset + SECTOR_BYTES > segment.bytes) return false
    const headerIsGood = (yield* source.headerAt(offset)) === 'batch' && this.#fits(source.header, expected)
    const bytes = headerIsGood ? source.header.paddedBytes : Math.min(MOST_BATCH_BYTES, segment.bytes - offset)
    const at = yield* window.need(offset, bytes)
    const damaged = window.bytes.slice(at, at + bytes)
    const crc = headerIsGood ? source.header.crc : undefined
    const places = headerIsGood && source.header.flags === 0 ? entryPlaces(damaged, source.header.bodyLength) : []
    const request = { segment: segment.id, offset, bytes, firstLsn, reason, entries: places }
    let answer = this.#ask(request)
    while (answer === 'pending') {
      yield
      answer = this.#ask(request)
    }
    if (answer === undefined) return false
    const good = 'batch' in answer ? answer.batch : patched(damaged, places, answer.entries)
    if (good.length > bytes) return false
    const header = this.#headerOf(good, source, expected)
    if (header === undefined || (crc !== undefined && header.crc !== crc) || (yield* this.#isDisowned(header, source))) return false
    yield* withFile(this.#files, segmentPath(this.#dir, segment.id), 'write', handle => this.#write(handle, good, offset))
    window.forget()
    this.repaired.push({ segment: segment.id, offset })
    return true
  }

  *#write(handle: number, bytes: Uint8Array, offset: number): FileTask<void> {
    yield* writeFully(this.#files, handle, bytes, 0, bytes.length, offset)
    yield* perform(this.#files, { operation: 'datasync', handle })
  }

  #fits(header: BatchHeader, { firstLsn, chain }: ExpectedBatch): boolean {
    return header.firstLsn === firstLsn && header.chain === chain && header.count > 0
  }

  /** The header of these bytes, when they are a batch that may belong there. */
  #headerOf(bytes: Uint8Array, { segment }: BatchSource, expected: ExpectedBatch): BatchHeader | undefined {
    if (bytes.length < BATCH_HEADER_BYTES) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const header = new BatchHeader()
    const place = { journalId: segment.journalId, segment: segment.id, segmentBytes: segment.bytes }
    if (decodeBatchHeader(view, 0, expected.offset, place, header) !== 'batch' || !this.#fits(header, expected)) return undefined
    return header.paddedBytes === bytes.length && bodyIsGood(bytes, view, 0, header) ? header : undefined
  }

  /** Whether the batch behind it names another one: a backup may have what stood there before a crash, and was cut. */
  *#isDisowned({ offset, paddedBytes, lastLsn, epoch, crc }: BatchHeader, source: BatchSource): FileTask<boolean> {
    const behind = offset + paddedBytes
    if (behind + SECTOR_BYTES > source.segment.bytes || (yield* source.headerAt(behind)) !== 'batch') return false
    const next = source.header
    return next.firstLsn === lastLsn + 1 && next.epoch >= epoch && next.chain !== crc
  }
}

/** An entry of a damaged batch, and where its data lies in the batch. */
interface EntryPlace extends DamagedEntry {
  readonly at: number
}

function entryPlaces(batch: Uint8Array, bodyLength: number): EntryPlace[] {
  const record = new RecordCursor()
  const places: EntryPlace[] = []
  record.start(new DataView(batch.buffer, batch.byteOffset, batch.length), BATCH_HEADER_BYTES, bodyLength, 0)
  while (places.length < MOST_ENTRIES && record.next()) {
    const { kind, logId, index, term, length, offset: at } = record
    if (kind === KIND_ENTRY || kind === KIND_COPY) places.push({ logId, index, term, length, at })
  }
  return places
}

/** The batch with the data of entries put in, one after the other, until its check sum is right. */
function patched(batch: Uint8Array, places: readonly EntryPlace[], entries: readonly (Uint8Array | undefined)[]): Uint8Array {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const bodyLength = view.getUint32(BATCH_BODY_LENGTH, true)
  for (const [i, { at, length }] of places.entries()) {
    const data = entries[i]
    if (data?.length !== length) continue
    batch.set(data, at)
    if (view.getUint32(BATCH_BODY_CRC, true) === crc32(batch, BATCH_HEADER_BYTES, bodyLength)) break
  }
  return batch
}
