import { PeerProtocolError } from '../errors.ts'

const decoder = new TextDecoder()
/** Control characters, and what changes the direction of writing: a peer's words shall not write into our logs but as a text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Reads the fields of a frame that came from a peer. Every read is checked. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  readonly #what: string
  #at: number

  /** @param what the frame, for the message of an error */
  constructor(what: string, bytes: Uint8Array, offset: number, length: number) {
    this.#what = what
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset)
    this.#at = offset
    this.#end = offset + length
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  /** A whole number of up to 53 bits, written as a float. */
  count(): number {
    const value = this.#view.getFloat64(this.#take(8), true)
    if (!Number.isSafeInteger(value) || value < 0) throw new PeerProtocolError(`${this.#what} has a number that is none`)
    return value
  }

  /** A copy of the next bytes. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    // Not `slice`: that of a Buffer would not copy.
    const copy = new Uint8Array(length)
    copy.set(this.#bytes.subarray(at, at + length))
    return copy
  }

  /** A copy of what is left. */
  rest(): Uint8Array {
    return this.bytes(this.#end - this.#at)
  }

  /** A text behind its length in one byte. */
  text(): string {
    return printable(this.bytes(this.u8()))
  }

  /** Everything that is left, as a text of at most so many bytes. */
  restText(mostBytes: number): string {
    return printable(this.bytes(Math.min(mostBytes, this.#end - this.#at)))
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.#end - at) throw new PeerProtocolError(`${this.#what} is too short`)
    this.#at = at + length
    return at
  }
}

/** What a peer says, fit to be shown. */
function printable(bytes: Uint8Array): string {
  return decoder.decode(bytes).replace(UNPRINTABLE, '?')
}
