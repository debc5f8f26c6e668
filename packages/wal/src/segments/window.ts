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
  /** What the disk said of the last sector that it could not read. */
  fault: Error | undefined
  /** Offsets of the sectors held that the disk cannot read: zeros stand for them. */
  readonly #unreadable: number[] = []

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

  /** Whether the disk could read this piece of what is held. Where it could not, nobody can say whether something was written there. */
  isReadable(offset: number, length: number): boolean {
    for (const sector of this.#unreadable) if (sector < offset + length && offset < sector + SECTOR_BYTES) return false
    return true
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
    this.#unreadable.length = 0
    try {
      yield* this.#read(offset, 0, wanted)
    } catch (error) {
      if (!isUnreadable(error)) throw error
      for (let at = 0; at < wanted; at += SECTOR_BYTES) yield* this.#readSector(offset, at)
    }
    this.start = offset
    this.end = offset + wanted
    this.loads++
  }

  /** Reads so many bytes from `offset + at` on to `at`; what the file lacks is zero. */
  *#read(offset: number, at: number, length: number): FileTask<void> {
    let filled = 0
    while (filled < length) {
      const { result } = yield* perform(this.#files, {
        operation: 'read',
        handle: this.#handle,
        buffer: this.bytes,
        offset: at + filled,
        length: length - filled,
        position: offset + at + filled,
      })
      if (result === 0) break
      filled += result
    }
    this.bytes.fill(0, at + filled, at + length)
  }

  *#readSector(offset: number, at: number): FileTask<void> {
    try {
      yield* this.#read(offset, at, SECTOR_BYTES)
    } catch (error) {
      if (!isUnreadable(error)) throw error
      this.fault = error as Error
      this.#unreadable.push(offset + at)
      this.bytes.fill(0, at, at + SECTOR_BYTES)
    }
  }
}

/** Whether an error says that the disk cannot read what is asked for. */
export function isUnreadable(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'EIO'
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
