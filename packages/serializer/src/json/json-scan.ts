import { CodecDataError } from '../errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const MINUS = 0x2d
const PROTO = new TextEncoder().encode('__proto__')
/** The shortest number without an exponent that can be infinite. */
const LONG_NUMBER = 309

const isSpace = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

/** Whether a byte can be in a number after its first one. */
const isOfNumber = (byte: number | undefined) =>
  byte !== undefined && (isDigit(byte) || byte === 0x2e || byte === 0x2b || byte === MINUS || byte === 0x65 || byte === 0x45)

/**
 * Looks through the bytes of a JSON text before a parser builds anything, and refuses what the parser would let through: nesting that is too
 * deep, keys `__proto__` however they are written, numbers beyond the largest one. Whether it is JSON at all, it leaves to the parser.
 */
export class JsonScan {
  readonly #codec: string
  readonly #maxDepth: number

  constructor(codec: string, maxDepth: number) {
    this.#codec = codec
    this.#maxDepth = maxDepth
  }

  /** @throws {CodecDataError} */
  run(bytes: Uint8Array): void {
    let depth = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) at = this.#text(bytes, at)
      else if (byte === 0x7b || byte === 0x5b) {
        if (++depth > this.#maxDepth) this.#refuse(at, `nested deeper than ${this.#maxDepth} levels (option maxDepth)`)
      } else if (byte === 0x7d || byte === 0x5d) depth--
      else if (isDigit(byte) || byte === MINUS) at = this.#number(bytes, at)
    }
  }

  /** Returns where the last byte of the text that begins at `start` is. */
  #text(bytes: Uint8Array, start: number): number {
    let isEscaped = false
    let end = start + 1
    while (end < bytes.length && bytes[end] !== QUOTE) {
      if (bytes[end] === BACKSLASH) {
        isEscaped = true
        end++
      }
      end++
    }
    let next = end + 1
    if (end - start - 1 >= PROTO.length) {
      while (isSpace(bytes[next])) next++
      if (bytes[next] === COLON && this.#isProto(bytes.subarray(start, end + 1), isEscaped)) this.#refuse(start, 'a key __proto__')
    }
    return end
  }

  #isProto(quoted: Uint8Array, isEscaped: boolean): boolean {
    if (!isEscaped) return quoted.length === PROTO.length + 2 && PROTO.every((byte, i) => quoted[i + 1] === byte)
    try {
      return JSON.parse(new TextDecoder().decode(quoted)) === '__proto__'
    } catch {
      // The parser of the whole will say why.
      return false
    }
  }

  #number(bytes: Uint8Array, start: number): number {
    let end = start + 1
    let hasExponent = false
    while (isOfNumber(bytes[end])) {
      hasExponent ||= bytes[end] === 0x65 || bytes[end] === 0x45
      end++
    }
    if (
      (hasExponent || end - start >= LONG_NUMBER) &&
      Math.abs(Number(new TextDecoder().decode(bytes.subarray(start, end)))) === Number.POSITIVE_INFINITY
    )
      this.#refuse(start, 'a number beyond the largest one that there is')
    return end - 1
  }

  #refuse(at: number, reason: string): never {
    throw new CodecDataError(this.#codec, at, reason)
  }
}
