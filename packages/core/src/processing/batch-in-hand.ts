import type { Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import type { EventReader } from '../ring/event-ring.ts'
import type { PoisonSet } from './poison-set.ts'
import type { ProcessorStats } from './processor-stats.ts'
import type { SequenceSource } from './sequence-source.ts'

/** How far a processor is with its batch, and what of it is released. With nothing in hand, `at` is `last + 1`. */
export class BatchInHand {
  /** The event to hand over next. */
  at: Sequence = 0
  /** The last event. */
  last: Sequence = -1
  /** The event that is told to be the last one: not `last` where that is poisoned. */
  flushAt: Sequence = -1
  readonly #consumer: SequenceSource
  readonly #stats: ProcessorStats
  readonly #poisonSet: PoisonSet | undefined
  readonly #reader: Pick<EventReader<unknown>, 'expire'>
  /** Whether an event of it may be poisoned. */
  #careful = false

  constructor(
    consumer: SequenceSource,
    stats: ProcessorStats,
    poisonSet: PoisonSet | undefined,
    reader: Pick<EventReader<unknown>, 'expire'>,
  ) {
    this.#reader = reader
    this.#consumer = consumer
    this.#stats = stats
    this.#poisonSet = poisonSet
  }

  begin(first: Sequence, last: Sequence): void {
    this.at = first
    this.last = this.flushAt = last
  }

  /** All of it is dealt with. */
  finish(): void {
    this.#stats.batches++
    this.release(this.last)
  }

  /** Gives up what is not released, or nothing if all is. */
  abandon(): void {
    this.at = this.#consumer.next
    this.last = this.at - 1
  }

  /** Looks which events of the batch are poisoned. */
  examine(): void {
    const set = this.#poisonSet
    this.#careful = set?.mayHaveFrom(this.at) === true
    if (set === undefined || !this.#careful) return
    while (this.flushAt >= this.at && set.has(this.flushAt)) this.flushAt--
  }

  /** Moves `at` past poisoned events, and returns the last event before the next poisoned one; less than `at` when the batch is over. */
  nextRun(): Sequence {
    const set = this.#poisonSet
    if (set === undefined || !this.#careful) return this.last
    for (; this.at <= this.last && set.has(this.at); this.at++) this.#stats.passedOver++
    let end = this.at
    while (end < this.last && !set.has(end + 1)) end++
    return Math.min(end, this.last)
  }

  /** Releases everything up to `sequence` that is not released already. */
  release(sequence: Sequence): void {
    const next = this.#consumer.next
    if (sequence < next) return
    this.#stats.events += sequence - next + 1
    this.#reader.expire?.(sequence)
    this.#consumer.advance(sequence)
  }

  /** {@link release} for the handler. @throws {SequenceRangeError} */
  releaseEarly(sequence: Sequence): void {
    this.#check('releasing', sequence, this.#consumer.next - 1)
    this.release(sequence)
  }

  /** @throws {SequenceRangeError} this is not an event of the batch, or it is released */
  held(sequence: Sequence): Sequence {
    this.#check('poisoning', sequence, this.#consumer.next)
    return sequence
  }

  #check(what: string, sequence: Sequence, least: Sequence): void {
    if (!(sequence >= least && sequence <= this.last) || !Number.isInteger(sequence))
      throw new SequenceRangeError(what, sequence, least, Math.max(this.last, least))
  }
}
