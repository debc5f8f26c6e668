import type { Output } from '../cli/output.ts'
import { count } from './format.ts'

const BAR_CELLS = 30
const REDRAW_MS = 100
/** Without a known size there are no tenths; then a line for each so many. */
const LINES_PER_REPORT = 10_000

/** How far a replay is. */
export interface ReplayPosition {
  /** The last line that is durable: acknowledged. */
  readonly line: number
  /** Bytes of the source up to the end of that line. */
  readonly offset: number
}

/** Shows how far a replay is, on stderr. */
export interface ReplayProgress {
  /** Takes the position in; shows it now and then. Cheap enough for each few hundred messages. */
  update(position: ReplayPosition): void
  /** Says a line between two positions. */
  note(line: string): void
  /** Shows the last position; `complete` when that is the end of the source. */
  finish(position: ReplayPosition, complete: boolean): void
}

interface ProgressOptions {
  readonly err: Output
  /** Name of the source. */
  readonly source: string
  readonly sizeBytes: number | undefined
  /** Lines between two reports where no terminal is; undefined: about every tenth of the source. */
  readonly everyLines: number | undefined
}

/** A bar on a terminal, plain lines elsewhere. */
export function replayProgress(options: ProgressOptions): ReplayProgress {
  return options.err.isTerminal ? new ProgressBar(options) : new ProgressLines(options)
}

function share(offset: number, sizeBytes: number | undefined): number | undefined {
  return sizeBytes === undefined ? undefined : Math.min(1, offset / sizeBytes)
}

function acknowledged(position: ReplayPosition, { source, sizeBytes }: ProgressOptions): string {
  const part = share(position.offset, sizeBytes)
  return `acknowledged line ${count(position.line)} of ${source}${part === undefined ? '' : ` (${Math.floor(part * 100)} %)`}`
}

/** At the end of the source nothing is left to come, whatever stands behind its last message. */
function ended(position: ReplayPosition, complete: boolean, { sizeBytes }: ProgressOptions): ReplayPosition {
  return complete && sizeBytes !== undefined ? { ...position, offset: sizeBytes } : position
}

class ProgressLines implements ReplayProgress {
  readonly #options: ProgressOptions
  /** Of `line` or of `offset`: the next report is due when it is reached. */
  #dueAt = 0

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  update(position: ReplayPosition): void {
    const { everyLines, sizeBytes } = this.#options
    const byLine = everyLines !== undefined || sizeBytes === undefined
    const step = byLine ? (everyLines ?? LINES_PER_REPORT) : sizeBytes / 10
    const at = byLine ? position.line : position.offset
    if (this.#dueAt === 0) this.#dueAt = (Math.floor(at / step) + 1) * step
    if (at < this.#dueAt) return
    this.#dueAt = (Math.floor(at / step) + 1) * step
    this.note(acknowledged(position, this.#options))
  }

  note(line: string): void {
    this.#options.err.line(line)
  }

  finish(position: ReplayPosition, complete: boolean): void {
    if (position.line > 0) this.note(acknowledged(ended(position, complete, this.#options), this.#options))
  }
}

class ProgressBar implements ReplayProgress {
  readonly #options: ProgressOptions
  #drawnAt = Number.NEGATIVE_INFINITY
  #drawn = false

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  update(position: ReplayPosition): void {
    const now = performance.now()
    if (now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    this.#draw(position)
  }

  note(line: string): void {
    this.#options.err.write(this.#drawn ? `\r\x1b[K${line}\n` : `${line}\n`)
    this.#drawn = false
    this.#drawnAt = Number.NEGATIVE_INFINITY
  }

  finish(position: ReplayPosition, complete: boolean): void {
    if (position.line > 0) this.#draw(ended(position, complete, this.#options))
    if (this.#drawn) this.#options.err.write('\n')
    this.#drawn = false
  }

  #draw(position: ReplayPosition): void {
    const { err, sizeBytes } = this.#options
    const part = share(position.offset, sizeBytes)
    const cells = Math.round((part ?? 0) * BAR_CELLS)
    const percent = part === undefined ? '' : `${Math.floor(part * 100)} % `.padStart(6)
    const bar = part === undefined ? '' : `[${'#'.repeat(cells)}${'-'.repeat(BAR_CELLS - cells)}] ${percent}`
    // What matters comes first: a narrow terminal cuts the name of the source.
    const text = `${bar}acknowledged line ${count(position.line)} of ${this.#options.source}`
    err.write(`\r\x1b[K${text.slice(0, err.columns - 1)}`)
    this.#drawn = true
  }
}
