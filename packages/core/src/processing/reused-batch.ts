import type { EventBatch, Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import type { EventReader } from '../ring/event-ring.ts'

/** The one batch object of a processor. */
export class ReusedBatch<E> implements EventBatch<E> {
  readonly #reader: EventReader<E>
  #first: Sequence = 0
  #length = 0

  constructor(reader: EventReader<E>) {
    this.#reader = reader
  }

  get first(): Sequence {
    return this.#first
  }

  get last(): Sequence {
    return this.#first + this.#length - 1
  }

  get length(): number {
    return this.#length
  }

  /** Makes it the batch of these events. */
  begin(first: Sequence, last: Sequence): void {
    this.#first = first
    this.#length = last - first + 1
  }

  /** The batch is over: it has no events any more. */
  end(): void {
    this.#reader.expire?.(this.last)
    this.#length = 0
  }

  // Hot: once per event.
  at(index: number): E {
    if (!(index >= 0 && index < this.#length)) this.#refuse(index)
    return this.#reader.at(this.#first + index)
  }

  [Symbol.iterator](): Iterator<E> {
    return new BatchIterator(this)
  }

  #refuse(index: number): never {
    throw new SequenceRangeError('reading an event of a batch', this.#first + index, this.#first, this.last)
  }
}

/** An iterator that is its own result, so that a loop over a batch allocates one object in all. It ends where the batch does, also if that was meanwhile. */
class BatchIterator<E> implements Iterator<E>, IteratorYieldResult<E> {
  readonly #batch: ReusedBatch<E>
  #index = 0
  done = false as false
  // Read only where `done` is false, and then it is set.
  value = undefined as E

  constructor(batch: ReusedBatch<E>) {
    this.#batch = batch
  }

  next(): IteratorResult<E, undefined> {
    if (this.#index >= this.#batch.length) return { done: true, value: undefined }
    this.value = this.#batch.at(this.#index++)
    return this
  }
}
