import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs'

const MIB = 1024 ** 2

/** A file that was filled with zeros before it is written to: what a segment is, without a journal. */
export class RawFile {
  readonly #handle: number
  readonly #bytes: number
  #position = 0

  constructor(path: string, bytes: number) {
    this.#handle = openSync(path, constants.O_RDWR | constants.O_CREAT)
    this.#bytes = bytes
    const zeros = new Uint8Array(MIB)
    for (let position = 0; position < bytes; position += MIB) writeSync(this.#handle, zeros, 0, MIB, position)
    fdatasyncSync(this.#handle)
  }

  /** Writes bytes where the last ones ended, and syncs them. */
  append(source: Uint8Array, offset: number, length: number): void {
    if (this.#position + length > this.#bytes) this.#position = 0
    writeSync(this.#handle, source, offset, length, this.#position)
    fdatasyncSync(this.#handle)
    this.#position += length
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle)
  }
}
