import type { BookSummary } from '@disruptorx/exchange'
import type { Output } from '../cli/output.ts'
import { count } from './format.ts'
import { LiveView } from './live-view.ts'
import { plainLine } from './plain-line.ts'
import type { StatusSample } from './status-sample.ts'

const REDRAW_MS = 250
const LINE_MS = 1000

/** Tells of a live node on stdout: drawn over itself on a terminal, a line a second elsewhere, a JSON object a line on demand. */
export interface LiveReport {
  /** How often it wants a status. */
  readonly everyMs: number
  /** Aborted when nobody reads stdout any more. */
  readonly gone: AbortSignal
  /** Begins; `address` is where HTTP answers. */
  open(address: string): void
  show(sample: StatusSample): void
  /** Says how it ended. */
  end(summary: BookSummary, eventsBefore: number, reason: string | undefined): void
  /** Gives the terminal back. Safe to call twice. */
  close(): void
}

/** The report that suits where stdout goes. */
export function liveReport(out: Output, json: boolean): LiveReport {
  return !json && out.isTerminal ? new TerminalReport(out) : new LineReport(out, json)
}

function lastWords(summary: BookSummary, eventsBefore: number, reason: string | undefined): string {
  const run = count(summary.events - eventsBefore)
  const why = reason === undefined ? 'ended' : `ended by ${reason}`
  return `${why}: ${run} events in this run, ${count(summary.events)} in all, digest ${summary.digest}; the next start goes on from there`
}

class TerminalReport implements LiveReport {
  readonly everyMs = REDRAW_MS
  readonly gone: AbortSignal
  readonly #out: Output
  #view: LiveView | undefined

  constructor(out: Output) {
    this.#out = out
    this.gone = out.gone
  }

  open(address: string): void {
    this.#view = new LiveView(this.#out, address)
  }

  show(sample: StatusSample): void {
    this.#view?.draw(sample)
  }

  end(summary: BookSummary, eventsBefore: number, reason: string | undefined): void {
    this.close()
    this.#out.line(lastWords(summary, eventsBefore, reason))
  }

  close(): void {
    this.#view?.close()
    this.#view = undefined
  }
}

class LineReport implements LiveReport {
  readonly everyMs = LINE_MS
  readonly gone: AbortSignal
  readonly #out: Output
  readonly #json: boolean

  constructor(out: Output, json: boolean) {
    this.#out = out
    this.#json = json
    this.gone = out.gone
  }

  open(): void {}

  show(sample: StatusSample): void {
    this.#out.line(this.#json ? JSON.stringify(sample) : plainLine(sample))
  }

  end(summary: BookSummary, eventsBefore: number, reason: string | undefined): void {
    this.#out.line(this.#json ? JSON.stringify({ state: 'ended', ...summary }) : lastWords(summary, eventsBefore, reason))
  }

  close(): void {}
}
