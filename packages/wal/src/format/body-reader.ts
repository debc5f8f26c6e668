import { zstd } from '@disruptorx/contracts/internal'
import type { BatchHeader } from './batch-header.ts'
import { BATCH_HEADER_BYTES, FLAG_COMPRESSED, FLAG_ENCRYPTED, MOST_BATCH_BYTES } from './descriptor.ts'
import type { BodyCipher } from './keys.ts'

/** The records of one batch, as they were before they were compressed and encrypted. */
export class BodyReader {
  readonly #cipher: BodyCipher | undefined
  /** The memory that the records lie in. */
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  /** Where they start in it. */
  offset = 0
  length = 0

  constructor(cipher: BodyCipher | undefined) {
    this.#cipher = cipher
  }

  /** Reads the body of the batch at `at`, whose check sum was found good. False when the records cannot be made from it. */
  open(bytes: Uint8Array, view: DataView, at: number, header: BatchHeader): boolean {
    const offset = at + BATCH_HEADER_BYTES
    if (header.flags !== 0) return this.#unpack(bytes.subarray(offset, offset + header.bodyLength), header)
    this.bytes = bytes
    this.view = view
    this.offset = offset
    this.length = header.bodyLength
    return true
  }

  #unpack(body: Uint8Array, header: BatchHeader): boolean {
    let plain: Uint8Array | undefined = body
    if ((header.flags & FLAG_ENCRYPTED) !== 0) plain = this.#cipher?.open(body, header)
    if (plain !== undefined && (header.flags & FLAG_COMPRESSED) !== 0)
      plain = header.rawLength <= MOST_BATCH_BYTES ? zstd()?.decompress(plain, header.rawLength) : undefined
    if (plain === undefined || plain.length !== header.rawLength) return false
    // What Node gives may be a Buffer, whose slices are no copies.
    this.bytes = new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
    this.view = new DataView(plain.buffer, plain.byteOffset, plain.length)
    this.offset = 0
    this.length = plain.length
    return true
  }
}
