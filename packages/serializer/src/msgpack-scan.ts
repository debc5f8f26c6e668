import { CodecDataError } from './errors.ts'

const PROTO = new TextEncoder().encode('__proto__')
const TIMESTAMP = 0xff
const NANOSECONDS = 1_000_000_000
/** The farthest date that JavaScript has, in seconds from 1970. */
const FARTHEST_SECOND = 8_640_000_000_000

/** What the first byte of a value says. */
interface Shape {
  /** `plain` is a number of bytes of any content. */
  readonly kind: 'plain' | 'text' | 'array' | 'map'
  /** Bytes or items that follow, where the first byte says so itself. */
  readonly length: number
  /** Bytes of a length that follows, else 0. */
  readonly lengthBytes: number
}

/** By first byte; undefined for extensions and for what means nothing. */
const shapes: readonly (Shape | undefined)[] = Array.from({ length: 256 }, (_, head) => {
  const fixed = (kind: Shape['kind'], length: number): Shape => ({ kind, length, lengthBytes: 0 })
  const sized = (kind: Shape['kind'], lengthBytes: number): Shape => ({ kind, length: 0, lengthBytes })
  if (head < 0x80 || head >= 0xe0 || head === 0xc0 || head === 0xc2 || head === 0xc3) return fixed('plain', 0)
  if (head < 0x90) return fixed('map', head & 0x0f)
  if (head < 0xa0) return fixed('array', head & 0x0f)
  if (head < 0xc0) return fixed('text', head & 0x1f)
  if (head >= 0xc4 && head <= 0xc6) return sized('plain', 1 << (head - 0xc4))
  if (head === 0xca || head === 0xcb) return fixed('plain', 4 << (head - 0xca))
  if (head >= 0xcc && head <= 0xcf) return fixed('plain', 1 << (head - 0xcc))
  if (head >= 0xd0 && head <= 0xd3) return fixed('plain', 1 << (head - 0xd0))
  if (head >= 0xd9 && head <= 0xdb) return sized('text', 1 << (head - 0xd9))
  if (head === 0xdc || head === 0xdd) return sized('array', 2 << (head - 0xdc))
  if (head === 0xde || head === 0xdf) return sized('map', 2 << (head - 0xde))
  return undefined
})

/**
 * Reads msgpack bytes once without building anything, and refuses what the codec does not write.
 *
 * After it, a decoder allocates no more than the bytes account for: every length was compared with what is left, every text is UTF-8,
 * nesting is bounded, no key is `__proto__`, and no extension but dates and undefined is there.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export class MsgpackScan {
  readonly #codec: string
  readonly #maxDepth: number
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(codec: string, maxDepth: number) {
    this.#codec = codec
    this.#maxDepth = maxDepth
  }

  /** @throws {CodecDataError} */
  run(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#at = 0
    this.#value(this.#maxDepth)
    if (this.#at !== bytes.length) this.#refuse('the value ends here, and more bytes follow')
  }

  #value(depth: number): void {
    const head = this.#uint(1)
    const shape = shapes[head]
    if (shape === undefined) this.#extension(head)
    else if (shape.kind === 'text') this.#text(this.#lengthOf(shape))
    else if (shape.kind === 'array') this.#array(this.#lengthOf(shape), depth)
    else if (shape.kind === 'map') this.#map(this.#lengthOf(shape), depth)
    else this.#skip(this.#lengthOf(shape))
  }

  #lengthOf(shape: Shape): number {
    return shape.lengthBytes === 0 ? shape.length : this.#uint(shape.lengthBytes)
  }

  #array(count: number, depth: number): void {
    this.#enter(count, depth)
    for (let i = 0; i < count; i++) this.#value(depth - 1)
  }

  #map(count: number, depth: number): void {
    this.#enter(count * 2, depth)
    for (let i = 0; i < count; i++) {
      this.#key()
      this.#value(depth - 1)
    }
  }

  /** Every item takes at least one byte, so a count beyond what is left is a lie, found before anybody allocates for it. */
  #enter(items: number, depth: number): void {
    if (items > this.#bytes.length - this.#at)
      this.#refuse(`${items} items are announced, and ${this.#bytes.length - this.#at} bytes follow`)
    if (depth === 0) this.#refuse(`nested deeper than ${this.#maxDepth} levels (option maxDepth)`)
  }

  #key(): void {
    const shape = shapes[this.#uint(1)]
    if (shape?.kind !== 'text') this.#refuse('a key that is no text')
    const length = this.#lengthOf(shape)
    const start = this.#at
    this.#text(length)
    if (length === PROTO.length && PROTO.every((byte, i) => this.#bytes[start + i] === byte)) this.#refuse('a key __proto__')
  }

  #extension(head: number): void {
    const length = head === 0xc7 ? this.#uint(1) : head >= 0xd4 && head <= 0xd8 ? 1 << (head - 0xd4) : 0
    if (length === 0) this.#refuse(`0x${head.toString(16)} is no value that this codec writes`)
    const type = this.#uint(1)
    if (head === 0xd4 && type === 0 && this.#uint(1) === 0) return
    if (type !== TIMESTAMP) this.#refuse(`an extension of type ${type}`)
    if (length === 4) this.#skip(4)
    else if (length === 8 || length === 12) this.#date(length === 12)
    else this.#refuse(`a date of ${length} bytes`)
  }

  #date(isLong: boolean): void {
    const first = this.#uint(4)
    const nanoseconds = isLong ? first : first >>> 2
    const high = isLong ? this.#uint(4) | 0 : first & 3
    const seconds = high * 2 ** 32 + this.#uint(4)
    if (nanoseconds >= NANOSECONDS || seconds < -FARTHEST_SECOND || seconds + nanoseconds / NANOSECONDS > FARTHEST_SECOND)
      this.#refuse('a date beyond what a date can be')
  }

  /** UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
  #text(length: number): void {
    const bytes = this.#bytes
    const start = this.#at
    this.#skip(length)
    const end = this.#at
    if (length >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
      this.#refuse('a text that starts with a byte order mark')
    let at = start
    while (at < end) {
      const lead = bytes[at++] as number
      if (lead < 0x80) continue
      const rest = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
      if (lead < 0xc2 || lead > 0xf4 || at + rest > end) this.#refuse('a text that is no UTF-8')
      const second = bytes[at] as number
      const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
      const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
      if (second < least || second > most) this.#refuse('a text that is no UTF-8')
      for (let i = 1; i < rest; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) this.#refuse('a text that is no UTF-8')
      at += rest
    }
  }

  /** A whole number of 1, 2 or 4 bytes, big-endian. */
  #uint(size: number): number {
    const at = this.#at
    this.#skip(size)
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + (this.#bytes[at + i] as number)
    return value
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) this.#refuse(`${length} bytes are announced, and ${this.#bytes.length - this.#at} follow`)
    this.#at += length
  }

  #refuse(reason: string): never {
    throw new CodecDataError(this.#codec, this.#at, reason)
  }
}
