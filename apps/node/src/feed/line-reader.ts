import { Hash64 } from '@disruptorx/exchange'

/** A longer line is no message, and is not kept. */
export const LONGEST_LINE_BYTES = 65_536

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const terminators = Uint8Array.of(CARRIAGE_RETURN, LINE_FEED)

/** What {@link LineReader.next} found. `more`: hand over the next chunk, or say that there is none. */
export type LineKind = 'line' | 'long' | 'more'

/**
 * Cuts bytes into lines, in bounded memory, with a running hash of everything consumed.
 *
 * Lines end in LF or CR LF. After `next()` said `line`, its content is `bytes` from `start` up to `end`, valid until the next call. The
 * hash is then over all bytes of the source up to `end`: a terminator counts with the line that follows it, so a source that
 * later grows keeps the hashes of its lines.
 */
export class LineReader {
  /** Number of the current line, from 1. */
  number = 0
  /** Where the current line's content is. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Bytes of the source up to the end of the current line's content. */
  offset = 0
  readonly #hash = new Hash64()
  /** The beginning of a line that goes on in the next chunk. */
  readonly #carry = new Uint8Array(LONGEST_LINE_BYTES)
  #carried = 0
  /** The current line has outgrown the carry; its bytes went straight into the hash. */
  #long = false
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0
  #ended = false
  /** Bytes of the terminator of the line before, not yet in the hash. */
  #terminator = 0

  /** The lower half of the hash up to the current line's content. */
  get hashLow(): number {
    return this.#hash.low
  }

  /** The upper half. */
  get hashHigh(): number {
    return this.#hash.high
  }

  /** Hands over the next bytes. Only after `next()` said `more`. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /** Says that no bytes follow: what is left is the last line. */
  finish(): void {
    this.#ended = true
  }

  // Hot: once per line. Guarded by benchmark `pipeline`.
  /** Goes on to the next line. */
  next(): LineKind {
    const chunk = this.#chunk
    const feed = this.#at < chunk.length ? chunk.indexOf(LINE_FEED, this.#at) : -1
    if (feed === -1) {
      this.#keep(this.#at, chunk.length)
      this.#at = chunk.length
      return this.#ended ? this.#last() : 'more'
    }
    const from = this.#at
    this.#at = feed + 1
    if (this.#carried > 0 || this.#long) {
      this.#keep(from, feed)
      return this.#complete(this.#carry, 0, this.#carried, 1)
    }
    return feed - from > LONGEST_LINE_BYTES ? this.#completeLong(chunk, from, feed) : this.#complete(chunk, from, feed, 1)
  }

  /** Ends the current line at `end`, which its terminator of `feeds` (0 or 1) line feeds follows. */
  #complete(bytes: Uint8Array, start: number, end: number, feeds: number): LineKind {
    if (this.#long) {
      this.#long = false
      this.#carried = 0
      this.#terminator = feeds
      return 'long'
    }
    this.#enter()
    const content = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    this.#hash.bytes(bytes, start, content)
    this.offset += content - start
    this.#terminator = end - content + feeds
    this.#carried = 0
    this.bytes = bytes
    this.start = start
    this.end = content
    return 'line'
  }

  #completeLong(bytes: Uint8Array, start: number, end: number): LineKind {
    this.#enter()
    this.#swallow(bytes, start, end)
    this.#long = true
    return this.#complete(bytes, start, end, 1)
  }

  /** Begins a line: the terminator of the one before goes into the hash. */
  #enter(): void {
    this.number++
    if (this.#terminator === 0) return
    this.#hash.bytes(terminators, 2 - this.#terminator, 2)
    this.offset += this.#terminator
    this.#terminator = 0
  }

  /** Keeps a piece of a line that goes on, or only hashes it once the line is too long. */
  #keep(from: number, to: number): void {
    if (to === from) return
    if (!this.#long && this.#carried + to - from <= this.#carry.length) {
      this.#carry.set(this.#chunk.subarray(from, to), this.#carried)
      this.#carried += to - from
      return
    }
    if (!this.#long) {
      this.#enter()
      this.#swallow(this.#carry, 0, this.#carried)
      this.#long = true
    }
    this.#swallow(this.#chunk, from, to)
  }

  #swallow(bytes: Uint8Array, from: number, to: number): void {
    this.#hash.bytes(bytes, from, to)
    this.offset += to - from
  }

  #last(): LineKind {
    if (this.#carried === 0 && !this.#long) return 'more'
    return this.#complete(this.#carry, 0, this.#carried, 0)
  }
}
