import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { SECTOR_BYTES } from '../format/descriptor.ts'

/** Bytes read at once when going through a segment, unless it is smaller. A multiple of the sector. */
const READ_BYTES = 256 * 1024

/** A piece of a file in memory, moved along as the file is read. */
export class FileWindow {
  readonly #files: Files
  readonly #handle: number
  readonly #readBytes: number
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  /** Offset in the file of the first byte held. */
  start = 0
  /** Offset in the file behind the last byte held. */
  end = 0
  /** How often something was read: what was found before the last time has to be found again. */
  loads = 0

  /** @param fileBytes size of the file: whole sectors */
  constructor(files: Files, handle: number, fileBytes: number) {
    this.#files = files
    this.#handle = handle
    this.#readBytes = Math.min(READ_BYTES, fileBytes)
  }

  /** Makes `length` bytes from `offset` available, and returns where they lie in {@link bytes}. What the file lacks reads as zeros. */
  *need(offset: number, length: number): FileTask<number> {
    if (offset < this.start || offset + length > this.end) yield* this.#load(offset, length)
    return offset - this.start
  }

  /** Forgets what is held, so that the next need reads anew. */
  forget(): void {
    this.start = this.end = 0
  }

  *#load(offset: number, length: number): FileTask<void> {
    const wanted = Math.max(this.#readBytes, Math.ceil(length / SECTOR_BYTES) * SECTOR_BYTES)
    if (wanted > this.bytes.length) {
      this.bytes = new Uint8Array(wanted)
      this.view = new DataView(this.bytes.buffer)
    }
    this.start = this.end = 0
    let filled = 0
    while (filled < wanted) {
      const { result } = yield* perform(this.#files, {
        operation: 'read',
        handle: this.#handle,
        buffer: this.bytes,
        offset: filled,
        length: wanted - filled,
        position: offset + filled,
      })
      if (result === 0) break
      filled += result
    }
    this.bytes.fill(0, filled, wanted)
    this.start = offset
    this.end = offset + wanted
    this.loads++
  }
}

/** Writes all of it, however short the single writes fall. @throws the file system's error */
export function* writeFully(
  files: Files,
  handle: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
): FileTask<void> {
  let written = 0
  while (written < length) {
    const { result } = yield* perform(files, {
      operation: 'write',
      handle,
      buffer,
      offset: offset + written,
      length: length - written,
      position: position + written,
    })
    if (result === 0) throw Object.assign(new Error('EIO: the disk took no byte of a write'), { code: 'EIO' })
    written += result
  }
}
