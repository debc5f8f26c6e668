/** After a stall of this long, what was missed stays missed: no burst makes up for it. */
const MOST_DEBT_MS = 1000

/** Says how many events are due at a steady rate. */
export class Pace {
  readonly #perMs: number
  #startedAt: number
  #done = 0

  /** `rate` in events per second; undefined: as many as there is room for. `nowMs` is any clock that never goes back. */
  constructor(rate: number | undefined, nowMs: number) {
    this.#perMs = rate === undefined ? Number.POSITIVE_INFINITY : rate / 1000
    this.#startedAt = nowMs
  }

  /** How many more events are due by now; Infinity without a rate. */
  due(nowMs: number): number {
    if (this.#perMs === Number.POSITIVE_INFINITY) return this.#perMs
    const due = Math.floor((nowMs - this.#startedAt) * this.#perMs) - this.#done
    const most = Math.max(1, MOST_DEBT_MS * this.#perMs)
    if (due <= most) return due
    this.#startedAt = nowMs
    this.#done = -Math.floor(most)
    return Math.floor(most)
  }

  /** Takes note of events that went out. */
  took(events: number): void {
    this.#done += events
  }

  /** Milliseconds until the next event is due, at least 1. */
  waitMs(nowMs: number): number {
    if (this.#perMs === Number.POSITIVE_INFINITY) return 1
    return Math.max(1, Math.ceil((this.#done + 1) / this.#perMs - (nowMs - this.#startedAt)))
  }
}
