import type { BookLevel } from '@disruptorx/exchange'
import type { Output } from '../cli/output.ts'
import { bytes, count, duration, elapsed, price } from './format.ts'
import type { Percentiles, StatusSample } from './status-sample.ts'

const CLEAR_BELOW = '\x1b[J'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const LEVELS = 3

/** A status that is drawn over itself on a terminal. */
export class LiveView {
  readonly #out: Output
  readonly #address: string
  #rows = 0

  /** `address` is where HTTP answers. */
  constructor(out: Output, address: string) {
    this.#out = out
    this.#address = address
    out.write(HIDE_CURSOR)
  }

  /** Draws a status over the one before. */
  draw(sample: StatusSample): void {
    const lines = liveLines(sample, this.#address).slice(0, Math.max(1, this.#out.rows - 1))
    const body = lines.map(line => line.slice(0, this.#out.columns - 1)).join('\n')
    const up = this.#rows > 0 ? `\x1b[${this.#rows}A\r` : ''
    this.#out.write(`${up}${CLEAR_BELOW}${body}\n`)
    this.#rows = lines.length
  }

  /** Leaves the last status where it is, and gives the cursor back. */
  close(): void {
    this.#out.write(SHOW_CURSOR)
  }
}

/** The rows of the live view. */
export function liveLines(sample: StatusSample, address: string): string[] {
  const { events, lag, latencyNs, book } = sample
  return [
    `DisruptorX  ${sample.state}  ${elapsed(sample.uptimeSeconds)}   durability ${sample.durability}${sample.durability === 'fsync' ? '' : ' (weaker than fsync)'}   ${address}`,
    `data        ${sample.dataDir}   journal ${bytes(sample.journalBytes)}   snapshot at entry ${count(Math.max(0, sample.log.snapshotIndex))}`,
    '',
    `events/s    ${count(sample.eventsPerSecond)} of ${count(sample.rate)} asked for`,
    `events      published ${count(events.published)}   durable ${count(events.durable)}   applied ${count(events.applied)}`,
    `lag         journal ${count(lag.durable)}   handler ${count(lag.applied)}`,
    `            ${'P50'.padStart(10)}${'P99'.padStart(10)}${'P99.9'.padStart(10)}`,
    `to durable  ${percentiles(latencyNs.durable)}`,
    `to applied  ${percentiles(latencyNs.applied)}`,
    '',
    `book        ${count(book.restingOrders)} resting orders`,
    `            ${'orders'.padStart(7)}${'shares'.padStart(9)}${'bid'.padStart(11)}   ${'ask'.padEnd(11)}${'shares'.padEnd(9)}orders`,
    ...Array.from({ length: LEVELS }, (_, at) => `            ${bid(book.bids[at])}   ${ask(book.asks[at])}`),
    '',
    'Ctrl-C drains, snapshots and ends; the next start goes on from there.',
  ]
}

function percentiles({ p50, p99, p999 }: Percentiles): string {
  return [p50, p99, p999].map(ns => duration(ns).padStart(10)).join('')
}

function bid(level: BookLevel | undefined): string {
  if (level === undefined) return '-'.padStart(27)
  return `${count(level.orders).padStart(7)}${count(level.size).padStart(9)}${price(level.price).padStart(11)}`
}

function ask(level: BookLevel | undefined): string {
  if (level === undefined) return '-'
  return `${price(level.price).padEnd(11)}${count(level.size).padEnd(9)}${count(level.orders)}`
}
