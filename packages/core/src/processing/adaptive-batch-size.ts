import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { BatchSize } from './batch-size.ts'

/** What a batch grows and shrinks by. */
const GROWTH = 1.1
const SHRINKAGE = 0.9

/** How an {@link AdaptiveBatchSize} decides. */
export interface AdaptiveBatchSizeOptions {
  /** How long a batch may take, in microseconds: 1 to 10^9. @default 50 */
  readonly targetUs?: number
  /** The size of the first batch: `least` to `most`. @default 32, or the nearest that is allowed */
  readonly initial?: number
  /** The fewest events that a batch is limited to: from 1. @default 1 */
  readonly least?: number
  /** The most events that a batch may have: `least` to 2^26. @default 1,024 */
  readonly most?: number
}

/**
 * Finds the largest batch that a handler deals with in a given time.
 *
 * The slots of a batch are released together, when it is done. So the time that a batch takes is what its first event makes others wait: the producer that
 * needs its slot, and the consumers that come after. Large batches cost fewer releases and look-ups; the target says how much waiting that may cost.
 *
 * A batch that took longer makes the next one a tenth smaller. One that took less than half makes the next a tenth larger, but only if it was full: a
 * short batch says nothing about a longer one. Between half and all of the target nothing changes, so that the size comes to rest although batches vary; and
 * a single batch that was stopped by the garbage collector costs a tenth.
 */
export class AdaptiveBatchSize implements BatchSize {
  readonly #targetNs: number
  readonly #least: number
  readonly #most: number
  #size: number

  /** @throws {OptionError} */
  constructor(options: AdaptiveBatchSizeOptions = {}) {
    const { targetUs = 50 } = options
    if (!(targetUs >= 1 && targetUs <= 1e9)) throw new OptionError('targetUs', targetUs, 'a number from 1 to 1,000,000,000')
    this.#targetNs = targetUs * 1000
    this.#least = wholeNumber('least', options.least ?? 1, 1, 2 ** 26)
    this.#most = wholeNumber('most', options.most ?? Math.max(1024, this.#least), this.#least, 2 ** 26)
    const usual = Math.min(Math.max(32, this.#least), this.#most)
    this.#size = wholeNumber('initial', options.initial ?? usual, this.#least, this.#most)
  }

  next(): number {
    return this.#size
  }

  record(events: number, elapsedNs: number): void {
    const size = this.#size
    // A step of one at least: a tenth of less than ten is nothing.
    if (elapsedNs > this.#targetNs) this.#size = Math.max(this.#least, Math.min(size - 1, Math.floor(size * SHRINKAGE)))
    else if (events >= size && elapsedNs < this.#targetNs / 2)
      this.#size = Math.min(this.#most, Math.max(size + 1, Math.floor(size * GROWTH)))
  }
}
