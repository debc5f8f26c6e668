import type { BatchHeader } from './batch-header.ts'
import { BATCH_HEADER_BYTES, FLAG_COMPRESSED, FLAG_ENCRYPTED, padToSector } from './descriptor.ts'
import type { BodyCipher, Compressor } from './keys.ts'

/** Compresses and encrypts the bodies of batches before they are written. */
export class BodyWriter {
  readonly #compressor: Compressor | undefined
  /** Of the segment that is being written. */
  cipher: BodyCipher | undefined

  constructor(compressor: Compressor | undefined) {
    this.#compressor = compressor
  }

  /** Works on the body in place; the header says what was done, and how long the body is now. Compression stays only where it saves a sector. */
  pack(bytes: Uint8Array, header: BatchHeader): void {
    const { rawLength } = header
    header.flags = 0
    header.bodyLength = rawLength
    if (this.#compressor !== undefined) {
      const smaller = this.#compressor.compress(bytes.subarray(BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + rawLength))
      if (padToSector(BATCH_HEADER_BYTES + smaller.length) < padToSector(BATCH_HEADER_BYTES + rawLength)) {
        bytes.set(smaller, BATCH_HEADER_BYTES)
        header.bodyLength = smaller.length
        header.flags |= FLAG_COMPRESSED
      }
    }
    if (this.cipher === undefined) {
      header.tag.fill(0)
      header.cipherEpoch = 0
      return
    }
    header.flags |= FLAG_ENCRYPTED
    header.cipherEpoch = header.epoch
    this.cipher.seal(bytes.subarray(BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + header.bodyLength), header)
  }
}
