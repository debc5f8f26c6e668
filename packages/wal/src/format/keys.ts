import { cipherKeys } from '../platform/cipher.ts'
import type { JournalId } from './journal-id.ts'
import type { KeyMark, SegmentPlace } from './segment-header.ts'

/** Keys by name, as a program gives them. */
export interface KeySet {
  /** Name of the key that new segments are encrypted with. */
  readonly write: string
  /** Keys of 32 bytes by name: 1 to 16 printable characters of ASCII. Those of older segments have to be among them. */
  readonly keys: Readonly<Record<string, Uint8Array>>
}

/** What a batch's header says of its body, as far as the encryption is bound to it. */
export interface SealedBody {
  readonly firstLsn: number
  /** Epoch in which the body was encrypted: a batch that is copied to a new segment keeps it. */
  readonly cipherEpoch: number
  readonly count: number
  readonly rawLength: number
  readonly flags: number
  readonly tag: Uint8Array
}

/** Opens and seals the bodies of one segment's batches. */
export interface BodyCipher {
  /** Encrypts in place, and fills the tag. */
  seal(body: Uint8Array, sealed: SealedBody): void
  /** Decrypts into memory of its own. `undefined` when the tag is not the body's. */
  open(body: Uint8Array, sealed: SealedBody): Uint8Array | undefined
}

/** The keys that a journal has. */
export interface Keys {
  /** What names the key that new segments of a journal are encrypted with. */
  markFor(journalId: JournalId): KeyMark
  /** Name of that key; empty for none. */
  readonly writeId: string
  /** What opens a segment's batches; `undefined` when they are not encrypted. @throws {KeyError} */
  forSegment(segment: SegmentPlace): BodyCipher | undefined
}

/** Makes bodies smaller. */
export interface Compressor {
  compress(bytes: Uint8Array): Uint8Array
  /** `undefined` when it is not what {@link compress} made of `length` bytes. */
  decompress(bytes: Uint8Array, length: number): Uint8Array | undefined
}

/** No keys: encrypted segments are refused. */
export const noKeys: Keys = cipherKeys(undefined)
