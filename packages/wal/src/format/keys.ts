import type { SegmentPlace } from './segment-header.ts'

/** Opens and seals the bodies of one segment's batches. */
export interface BodyCipher {
  /** Encrypts in place; returns nothing but fills `tag`. */
  seal(body: Uint8Array, epoch: number, lsn: number, tag: Uint8Array): void
  /** Decrypts in place. False when the tag is not the body's. */
  open(body: Uint8Array, epoch: number, lsn: number, tag: Uint8Array): boolean
}

/** The keys that a journal has. */
export interface Keys {
  /** What opens a segment's batches; `undefined` when they are not encrypted. @throws {KeyError} */
  forSegment(segment: SegmentPlace): BodyCipher | undefined
}

/** No keys: for journals that are not encrypted. */
export const noKeys: Keys = { forSegment: () => undefined }
