import { CodecDataError } from '../errors.ts'
import { ARRAY, kinds, lengthBytes, lengths, OTHER, PLAIN, TEXT } from './first-bytes.ts'
import type { Structures } from './structures.ts'

const PROTO = new TextEncoder().encode('__proto__')
const TIMESTAMP = 0xff
const NANOSECONDS = 1_000_000_000
/** The farthest date that JavaScript has, in seconds from 1970. */
const FARTHEST_SECOND = 8_640_000_000_000
/** First bytes from here to {@link LAST_RECORD} are records where there are structures, and else numbers. */
const FIRST_RECORD = 0x40
const LAST_RECORD = 0x7f

/**
 * Reads msgpack bytes once without building anything, and refuses what the codec does not write.
 *
 * After it, a decoder allocates no more than the bytes account for: every length was compared with what is left, every text is UTF-8,
 * nesting is bounded, no key is `__proto__`, and no extension but dates and undefined is there. A record is of a structure that was known
 * before: bytes define none.
 */
export class MsgpackScan {
  // Plain `private`, and tables of numbers: every byte that is decoded passes here first.
  private readonly codec: string
  private readonly maxDepth: number
  private readonly structures: Structures | undefined
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0

  constructor(codec: string, maxDepth: number, structures?: Structures) {
    this.codec = codec
    this.maxDepth = maxDepth
    this.structures = structures
  }

  /** @throws {CodecDataError} */
  run(bytes: Uint8Array): void {
    this.bytes = bytes
    this.at = 0
    this.value(this.maxDepth)
    if (this.at !== bytes.length) this.refuse('the value ends here, and more bytes follow')
  }

  private value(depth: number): void {
    const head = this.uint(1)
    const kind = kinds[head]
    if (head >= FIRST_RECORD && head <= LAST_RECORD && this.structures !== undefined)
      this.record(head - FIRST_RECORD, this.structures, depth)
    else if (kind === OTHER) this.extension(head)
    else {
      const size = lengthBytes[head] as number
      const length = size === 0 ? (lengths[head] as number) : this.uint(size)
      if (kind === PLAIN) this.skip(length)
      else if (kind === TEXT) this.text(length)
      else if (kind === ARRAY) this.array(length, depth)
      else this.map(length, depth)
    }
  }

  private array(count: number, depth: number): void {
    this.enter(count, depth)
    for (let i = 0; i < count; i++) this.value(depth - 1)
  }

  private map(count: number, depth: number): void {
    this.enter(count * 2, depth)
    for (let i = 0; i < count; i++) {
      this.key()
      this.value(depth - 1)
    }
  }

  private record(number: number, structures: Structures, depth: number): void {
    const count = structures.keysOf(number)
    if (count === undefined) this.refuse(`a record of structure ${number}, and ${structures.count} are known`)
    this.array(count, depth)
  }

  /** Every item takes at least one byte, so a count beyond what is left is a lie, found before anybody allocates for it. */
  private enter(items: number, depth: number): void {
    const left = this.bytes.length - this.at
    if (items > left) this.refuse(`${items} items are announced, and ${left} bytes follow`)
    if (depth === 0) this.refuse(`nested deeper than ${this.maxDepth} levels (option maxDepth)`)
  }

  private key(): void {
    const head = this.uint(1)
    if (kinds[head] !== TEXT) this.refuse('a key that is no text')
    const size = lengthBytes[head] as number
    const length = size === 0 ? (lengths[head] as number) : this.uint(size)
    const start = this.at
    this.text(length)
    if (length === PROTO.length && PROTO.every((byte, i) => this.bytes[start + i] === byte)) this.refuse('a key __proto__')
  }

  private extension(head: number): void {
    const length = head === 0xc7 ? this.uint(1) : head >= 0xd4 && head <= 0xd8 ? 1 << (head - 0xd4) : 0
    if (length === 0) this.refuse(`0x${head.toString(16)} is no value that this codec writes`)
    const type = this.uint(1)
    if (head === 0xd4 && type === 0 && this.uint(1) === 0) return
    if (type !== TIMESTAMP) this.refuse(`an extension of type ${type}`)
    if (length === 4) this.skip(4)
    else if (length === 8 || length === 12) this.date(length === 12)
    else this.refuse(`a date of ${length} bytes`)
  }

  private date(isLong: boolean): void {
    const first = this.uint(4)
    const nanoseconds = isLong ? first : first >>> 2
    const high = isLong ? this.uint(4) | 0 : first & 3
    const seconds = high * 2 ** 32 + this.uint(4)
    if (nanoseconds >= NANOSECONDS || seconds < -FARTHEST_SECOND || seconds + nanoseconds / NANOSECONDS > FARTHEST_SECOND)
      this.refuse('a date beyond what a date can be')
  }

  private text(length: number): void {
    const start = this.at
    this.skip(length)
    const { bytes, at: end } = this
    let at = start
    while (at < end && (bytes[at] as number) < 0x80) at++
    if (at < end) this.unicode(start, at, end)
  }

  /** UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
  private unicode(start: number, from: number, end: number): void {
    const { bytes } = this
    if (end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
      this.refuse('a text that starts with a byte order mark')
    let at = from
    while (at < end) {
      const lead = bytes[at++] as number
      if (lead < 0x80) continue
      const rest = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
      if (lead < 0xc2 || lead > 0xf4 || at + rest > end) this.refuse('a text that is no UTF-8')
      const second = bytes[at] as number
      const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
      const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
      if (second < least || second > most) this.refuse('a text that is no UTF-8')
      for (let i = 1; i < rest; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) this.refuse('a text that is no UTF-8')
      at += rest
    }
  }

  /** A whole number of 1, 2 or 4 bytes, big-endian. */
  private uint(size: number): number {
    const { bytes, at } = this
    if (size > bytes.length - at) this.skip(size)
    this.at = at + size
    let value = bytes[at] as number
    for (let i = 1; i < size; i++) value = value * 256 + (bytes[at + i] as number)
    return value
  }

  private skip(length: number): void {
    const left = this.bytes.length - this.at
    if (length > left) this.refuse(`${length} bytes are announced, and ${left} follow`)
    this.at += length
  }

  private refuse(reason: string): never {
    throw new CodecDataError(this.codec, this.at, reason)
  }
}
