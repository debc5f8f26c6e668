import type { BatchHeader } from './batch-header.ts'
import { BATCH_HEADER_BYTES } from './descriptor.ts'
import type { BodyCipher } from './keys.ts'

/** The records of one batch, as they were before they were compressed and encrypted. */
export class BodyReader {
  readonly cipher: BodyCipher | undefined
  /** The memory that the records lie in. */
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  /** Where they start in it. */
  offset = 0
  length = 0

  constructor(cipher: BodyCipher | undefined) {
    this.cipher = cipher
  }

  /** Reads the body of the batch at `at`, whose check sum was found good. False when the records cannot be made from it. */
  open(bytes: Uint8Array, view: DataView, at: number, header: BatchHeader): boolean {
    this.bytes = bytes
    this.view = view
    this.offset = at + BATCH_HEADER_BYTES
    this.length = header.bodyLength
    return header.flags === 0
  }
}
