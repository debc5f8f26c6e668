import { crc32 } from '@disruptorx/contracts/internal'
import type { SnapshotReader, SnapshotWriter } from '../app/define-app.ts'
import { SnapshotError } from '../errors.ts'

/** Bytes of a snapshot at the most. */
export const MAX_SNAPSHOT_BYTES = 2 ** 30

/** Gathers the bytes of a snapshot in memory, so that they can be saved beside continuing work. */
export class SnapshotBuffer implements SnapshotWriter {
  readonly chunks: Uint8Array[] = []
  #length = 0
  #crc = 0

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** CRC-32 of the bytes written so far. */
  get crc(): number {
    return this.#crc
  }

  write(bytes: Uint8Array): void {
    this.#length += bytes.length
    if (this.#length > MAX_SNAPSHOT_BYTES) throw new SnapshotError('being taken', `it has more than ${MAX_SNAPSHOT_BYTES} bytes`)
    this.#crc = crc32(bytes, 0, bytes.length, this.#crc)
    this.chunks.push(bytes.slice())
  }
}

/** Gives the bytes of a snapshot back in order. */
export class SnapshotInput implements SnapshotReader {
  readonly #name: string
  readonly #bytes: Uint8Array
  #at = 0

  constructor(name: string, bytes: Uint8Array) {
    this.#name = name
    this.#bytes = bytes
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  read(target: Uint8Array): void {
    if (target.length > this.left) throw new SnapshotError(this.#name, `it ends ${target.length - this.left} bytes before its state does`)
    target.set(this.#bytes.subarray(this.#at, this.#at + target.length))
    this.#at += target.length
  }
}
