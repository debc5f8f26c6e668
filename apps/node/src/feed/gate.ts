import { setTimeout as sleep, setImmediate as yieldTurn } from 'node:timers/promises'
import type { ExchangeStream } from '../session/open-session.ts'
import { Pace } from './pace.ts'

/**
 * How many events may be published and not yet durable: enough to keep the journal busy, few enough that latency means something. While the disk or
 * the scheduler stalls, this many events wait for it.
 */
const WINDOW = 1024
/** Events between two looks at the clock and at the journal's progress. */
const MOST_AT_ONCE = 256
/** Signals, timers and HTTP get their turn at least this often. */
const MOST_BUSY_MS = 10

/** Lets events into a stream: at a rate, and never more than {@link WINDOW} of them ahead of the journal. */
export class Gate {
  readonly #stream: ExchangeStream
  readonly #pace: Pace
  readonly #signal: AbortSignal
  #turnAt = 0

  /** `rate` in events per second; undefined: as fast as the journal takes them. Waits end by `signal`. */
  constructor(stream: ExchangeStream, rate: number | undefined, signal: AbortSignal) {
    this.#stream = stream
    this.#pace = new Pace(rate, performance.now())
    this.#signal = signal
  }

  /**
   * Makes what was claimed visible, and waits until more may go out; resolves to how many may, from 1 to 256. Rejects when the signal
   * is aborted or the node stops.
   */
  async admit(): Promise<number> {
    const stream = this.#stream
    for (;;) {
      await this.#flush(this.#signal)
      const now = performance.now()
      if (now - this.#turnAt > MOST_BUSY_MS) {
        await yieldTurn()
        this.#turnAt = performance.now()
      }
      this.#signal.throwIfAborted()
      if (stream.published - stream.durable > WINDOW - MOST_AT_ONCE) {
        await stream.whenDurable(stream.published - WINDOW / 2, { signal: this.#signal })
        continue
      }
      const due = this.#pace.due(now)
      if (due >= 1) {
        const admitted = Math.min(due, MOST_AT_ONCE)
        this.#pace.took(admitted)
        return admitted
      }
      await sleep(this.#pace.waitMs(now), undefined, { signal: this.#signal })
    }
  }

  /** Makes what was claimed visible to the journal. Rejects when the signal is aborted or the node stops. */
  flush(): Promise<void> {
    return this.#flush(this.#signal)
  }

  /** Waits while the ring is full. Only a node that stops ends this wait: a full ring empties soon, and a message that was made must go out. */
  async room(): Promise<void> {
    await this.#flush(undefined)
    await this.#stream.ready()
  }

  /** Resolves when everything published is applied; nothing but a node that stops ends this wait. */
  async drain(): Promise<void> {
    await this.#flush(undefined)
    await this.#stream.whenApplied(this.#stream.published)
  }

  async #flush(signal: AbortSignal | undefined): Promise<void> {
    const stream = this.#stream
    while (!stream.flush()) await stream.ready(signal === undefined ? {} : { signal })
  }
}
