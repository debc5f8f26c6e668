import { AbortedError, type EventBatch, type Sequence, type WaitSource } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { createAsyncWaitStrategy } from '@disruptorx/wait-strategies'
import { holdOpen, nextTurn } from '../platform/event-loop.ts'
import { checkRing, type EventRing } from '../ring/event-ring.ts'
import type { Consumer } from '../sequencer/consumer.ts'
import { ReusedBatch } from './reused-batch.ts'

/** How many batches are handed over in one turn of the event loop before everything else on it gets its turn. */
const BATCHES_PER_TURN = 32

/** How {@link eventBatches} reads. */
export interface EventBatchesOptions {
  /** A consumer of the ring, which nobody else uses; closed at the end. @default a new one, which starts after the cursor at the time of the call */
  readonly consumer?: Consumer
  /** Ends the loop by an {@link AbortedError}. */
  readonly signal?: AbortSignal
  /** The most events of a batch: 1 to the ring's capacity. @default a quarter of the ring */
  readonly maxBatch?: number
}

/** Batches of events for a `for await` loop. */
export interface EventBatches<E> extends AsyncIterableIterator<EventBatch<E>, undefined>, AsyncDisposable {}

/**
 * The events of a ring as batches: `for await (const batch of eventBatches(ring)) for (const event of batch) ...`.
 *
 * A batch is valid, and its slots are kept, until the loop asks for the next one. The loop ends when the ring takes no more events and all are read.
 * When it ends, however it does, the consumer leaves the ring; what is not used in a loop has to be closed by `return()`. Waiting keeps a Node process alive.
 *
 * @throws {OptionError | TableFullError}
 */
export function eventBatches<E>(ring: EventRing<E>, options: EventBatchesOptions = {}): EventBatches<E> {
  return new BatchStream(ring, options)
}

class BatchStream<E> implements EventBatches<E> {
  readonly #ring: EventRing<E>
  readonly #consumer: Consumer
  readonly #signal: AbortSignal | undefined
  readonly #maxBatch: number
  readonly #batch: ReusedBatch<E>
  /** The last event of the batch that the loop has. */
  #held: Sequence
  #ended = false
  /** Batches since then, also across waits: one that finds something at its first looks has let nothing else in. */
  #inTurn = 0
  /** All calls so far: they are answered one after the other. Never rejects. */
  #calls: Promise<unknown> = Promise.resolve()

  constructor(ring: EventRing<E>, options: EventBatchesOptions) {
    checkRing(ring)
    this.#ring = ring
    this.#maxBatch = wholeNumber('maxBatch', options.maxBatch ?? Math.max(1, ring.capacity / 4), 1, ring.capacity)
    this.#signal = options.signal
    this.#consumer = options.consumer ?? ring.addConsumer()
    this.#batch = new ReusedBatch(ring.reader())
    this.#held = this.#consumer.next - 1
  }

  next(): Promise<IteratorResult<EventBatch<E>, undefined>> {
    return this.#queue(() => this.#next())
  }

  /** Ends the loop, also one that waits, and leaves the ring. @throws {ConsumerInUseError} others come after its consumer */
  return(): Promise<IteratorResult<EventBatch<E>, undefined>> {
    this.#ended = true
    this.#ring.parkingLot.unparkAll()
    return this.#queue(async () => this.#end())
  }

  async throw(error: unknown): Promise<IteratorResult<EventBatch<E>, undefined>> {
    await this.return()
    throw error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #queue<R>(call: () => Promise<R>): Promise<R> {
    const answer = this.#calls.then(call)
    this.#calls = answer.catch(() => {})
    return answer
  }

  async #next(): Promise<IteratorResult<EventBatch<E>, undefined>> {
    this.#batch.end()
    if (this.#ended) return this.#end()
    const consumer = this.#consumer
    if (this.#held >= consumer.next) consumer.advance(this.#held)
    if (++this.#inTurn > BATCHES_PER_TURN) {
      this.#inTurn = 0
      await nextTurn()
    }
    let available = consumer.available()
    if (available < consumer.next) available = await this.#wait()
    if (this.#signal?.aborted) this.#abort(this.#signal)
    if (this.#ended || available < consumer.next) return this.#end()
    const first = consumer.next
    this.#held = Math.min(available, first + this.#maxBatch - 1)
    this.#batch.begin(first, this.#held)
    return { done: false, value: this.#batch }
  }

  /** Waits for an event, or for a reason to end, and returns how far the ring is then. */
  async #wait(): Promise<Sequence> {
    const lot = this.#ring.parkingLot
    const parker = lot.parker()
    const wake = () => lot.unparkAll()
    const letGo = holdOpen()
    this.#signal?.addEventListener('abort', wake)
    const source: WaitSource = { available: () => this.#consumer.available(), alerted: () => this.#isOver(), parker }
    const strategy = createAsyncWaitStrategy()
    try {
      for (;;) {
        // The sequence is that of the moment: a look may find that it will never come, and move on.
        const available = await strategy.waitForAsync(this.#consumer.next, source, Infinity)
        if (available >= this.#consumer.next || this.#isOver()) return this.#consumer.available()
      }
    } finally {
      this.#signal?.removeEventListener('abort', wake)
      letGo()
      parker.close()
    }
  }

  /** Whether no further event is to come. */
  #isOver(): boolean {
    if (this.#ended || this.#signal?.aborted === true) return true
    return this.#ring.stopped && this.#consumer.next > this.#ring.cursor.get()
  }

  #end(): IteratorReturnResult<undefined> {
    this.#ended = true
    this.#batch.end()
    this.#consumer.close()
    return { done: true, value: undefined }
  }

  #abort(signal: AbortSignal): never {
    this.#end()
    throw new AbortedError('reading batches of a ring', signal.reason)
  }
}
