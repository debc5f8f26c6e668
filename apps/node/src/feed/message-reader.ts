import { createMessage, type OrderMessage, parseLine } from '@disruptorx/exchange'
import type { ByteSource } from './byte-source.ts'
import { LineReader, LONGEST_LINE_BYTES } from './line-reader.ts'

/** Hears of each line that is no message, with the reason in words. */
export type OnSkipped = (line: number, reason: string) => void

const SHOWN_BYTES = 60

/** Reads the messages of a source one after the other, and skips what is none. */
export class MessageReader {
  /** The current message: filled again by each `next()`. */
  readonly message: OrderMessage = createMessage()
  /** Lines so far that are no message. Blank lines at the end of the source are no lines at all. */
  skipped = 0
  /** How many messages were read. */
  count = 0
  readonly #lines = new LineReader()
  readonly #source: ByteSource
  readonly #onSkipped: OnSkipped
  /** Blank lines that count only if something follows them. */
  #blank = 0
  #ended = false

  constructor(source: ByteSource, onSkipped: OnSkipped) {
    this.#source = source
    this.#onSkipped = onSkipped
  }

  /** Line number of the current message, from 1. */
  get line(): number {
    return this.#lines.number
  }

  /** Bytes of the source up to the end of the current message, its terminator not counted. */
  get offset(): number {
    return this.#lines.offset
  }

  /** Hash of those bytes, lower half. */
  get hashLow(): number {
    return this.#lines.hashLow
  }

  /** Hash of those bytes, upper half. */
  get hashHigh(): number {
    return this.#lines.hashHigh
  }

  // Hot: once per message. Guarded by benchmark `pipeline`.
  /** Goes on to the next message in what was read so far; false when there is none: {@link fill} first. */
  next(): boolean {
    const lines = this.#lines
    for (;;) {
      const kind = lines.next()
      if (kind === 'more') return false
      if (kind === 'line' && lines.end === lines.start) {
        this.#blank++
        continue
      }
      if (this.#blank > 0) this.#skipBlank()
      if (kind === 'line' && parseLine(lines.bytes, lines.start, lines.end, this.message)) {
        this.count++
        return true
      }
      this.skipped++
      this.#onSkipped(lines.number, kind === 'long' ? `longer than ${LONGEST_LINE_BYTES} bytes` : this.#shown())
    }
  }

  /** Reads more of the source; false when it has ended and `next()` has nothing more to say. @throws {SourceError} */
  async fill(signal: AbortSignal): Promise<boolean> {
    if (this.#ended) return false
    const chunk = await this.#source.read(signal)
    if (chunk === undefined) {
      this.#ended = true
      this.#lines.finish()
    } else {
      this.#lines.push(chunk)
    }
    return true
  }

  /** Goes on to the next message, wherever it is; false at the end of the source. @throws {SourceError} */
  async advance(signal: AbortSignal): Promise<boolean> {
    while (!this.next()) if (!(await this.fill(signal))) return false
    return true
  }

  #skipBlank(): void {
    for (let line = this.#lines.number - this.#blank; this.#blank > 0; line++, this.#blank--) {
      this.skipped++
      this.#onSkipped(line, 'blank')
    }
  }

  #shown(): string {
    const { bytes, start, end } = this.#lines
    const text = Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN_BYTES))).toString('utf8')
    const visible = text.replace(/[\p{Cc}\p{Cf}\uFFFD\u2028\u2029]/gu, '?')
    return `'${visible}${end - start > SHOWN_BYTES ? '...' : ''}'`
  }
}
