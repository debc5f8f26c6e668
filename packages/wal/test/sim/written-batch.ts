import type { FileRequest } from '@disruptorx/contracts'

/** "DXBT", as FORMAT.md has it: this file reads the format by itself, so that it does not repeat a mistake of the code under test. */
const BATCH = 0x5442_5844
/** Bytes of a batch's header. */
export const HEADER_BYTES = 128
const SECTOR_BYTES = 4096
const ENCRYPTED = 2

/** A batch that was handed to the disk. */
export interface WrittenBatch {
  readonly segment: number
  readonly offset: number
  /** Header, records and padding. */
  readonly content: Uint8Array
  readonly firstLsn: number
  readonly lastLsn: number
  /** What its header proves to be durable. */
  readonly durableLsn: number
  readonly isEncrypted: boolean
  /** A fault of the disk has kept it from the platter, and said nothing. */
  isLost: boolean
}

/** The batch that a write brings; undefined when it brings something else. */
export function batchOf({ buffer, offset, length, position }: FileRequest): WrittenBatch | undefined {
  if (length < HEADER_BYTES || position % SECTOR_BYTES !== 0) return undefined
  const view = new DataView(buffer.buffer, buffer.byteOffset + offset, length)
  if (view.getUint32(0, true) !== BATCH || view.getUint32(56, true) * SECTOR_BYTES !== position) return undefined
  const content = buffer.slice(offset, offset + Math.ceil((HEADER_BYTES + view.getUint32(52, true)) / SECTOR_BYTES) * SECTOR_BYTES)
  const firstLsn = Number(view.getBigUint64(32, true))
  return {
    segment: Number(view.getBigUint64(24, true)),
    offset: position,
    content,
    firstLsn,
    lastLsn: firstLsn + view.getUint32(48, true) - 1,
    durableLsn: Number(view.getBigUint64(40, true)),
    isEncrypted: (view.getUint32(64, true) & ENCRYPTED) !== 0,
    isLost: false,
  }
}
