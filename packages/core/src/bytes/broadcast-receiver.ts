import { oneOf } from '@disruptorx/contracts/internal'
import type { ReadyOptions } from '../ring/publisher.ts'
import type { NextOptions } from '../sequencer/producer.ts'
import { DATA_WORD, HEADER_BYTES, sizeOf } from './broadcast-descriptor.ts'
import { type BroadcastMemory, numberOf } from './broadcast-memory.ts'
import { ByteWaiter } from './byte-waiter.ts'

/** How much is copied out at a time, unless a record is longer. */
const COPY_BYTES = 16_384

/** How often a receiver that is lapped while it copies tries again in one call. */
const MOST_TRIES = 8

const WAITING = 'waiting for a record'

/** How a {@link BroadcastReceiver} is made. */
export interface BroadcastReceiverOptions {
  /** Where it begins: with the next record to be published, with the newest that was, or with the oldest still there. @default 'next' */
  readonly from?: 'next' | 'newest' | 'oldest'
  /**
   * Where it goes on after it was lapped: with the newest record, or with the oldest still there, of which the producer is likely to
   * overwrite the next ones soon. @default 'newest'
   */
  readonly afterLap?: 'newest' | 'oldest'
}

/**
 * A reading side of a broadcast ring. For one thread.
 *
 * It copies what is published into memory of its own, as much as there is at a time, and then looks whether any of that was overwritten
 * meanwhile. So what it shows is intact, and stays until the next call.
 *
 * ```
 * while (receiver.receive()) use(receiver.bytes, receiver.offset, receiver.length)
 * ```
 * Algorithm: Agrona BroadcastReceiver and CopyBroadcastReceiver.
 */
export class BroadcastReceiver implements AsyncIterable<Uint8Array> {
  readonly #ring: BroadcastMemory
  readonly #afterLap: 'newest' | 'oldest'
  #waiter: ByteWaiter | undefined
  /** What was copied out, and intact: from `#at` on it was not yet received, up to `#end`. */
  #copy: Int32Array
  #bytes: Uint8Array
  #at = 0
  #end = 0
  /** Where in the ring the record at `#at` starts. */
  #position: number
  /** The number of the next record, if none is missed. */
  #next: number
  #offset = 0
  #length = 0
  #number = -1
  #missed = 0
  #laps = 0

  /** @throws {OptionError} */
  constructor(ring: BroadcastMemory, options: BroadcastReceiverOptions) {
    const from = oneOf('from', options.from ?? 'next', ['next', 'newest', 'oldest'])
    this.#afterLap = oneOf('afterLap', options.afterLap ?? 'newest', ['newest', 'oldest'])
    this.#ring = ring
    this.#copy = new Int32Array(Math.min(ring.capacity, COPY_BYTES) / 4)
    this.#bytes = new Uint8Array(this.#copy.buffer)
    const first = from === 'oldest' ? oldest(ring) : ring.newest()
    const skips = from === 'next' || first.padding
    this.#position = skips ? first.position + first.size : first.position
    this.#next = skips && !first.padding ? first.number + 1 : first.number
  }

  /** Where the record is: memory of this receiver's own, which is another one after a record that is longer than all before. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Where in {@link bytes} the record that {@link receive} found starts: a multiple of 8. */
  get offset(): number {
    return this.#offset
  }

  /** How many bytes it has. */
  get length(): number {
    return this.#length
  }

  /** Its number: records count from 0, or from the ring's `initialNumber`. -1 before the first. */
  get number(): number {
    return this.#number
  }

  /** How many records between the first one due and the newest one received were overwritten before this receiver came to them. */
  get missed(): number {
    return this.#missed
  }

  /** How often the producer was found to have overtaken this receiver by a whole ring. */
  get laps(): number {
    return this.#laps
  }

  /** How many bytes of the ring are published and not yet received. */
  get behindBytes(): number {
    return this.#ring.tail.get() - this.#position
  }

  // Hot. No allocation; the ring is looked at only when everything copied is used up.
  /**
   * Goes on to the next record; false when there is none. Also false, though there is one, when the producer has overtaken this
   * receiver again and again while it was copying: ask again.
   */
  receive(): boolean {
    for (;;) {
      if (this.#at === this.#end && !this.#fill()) return false
      const word = this.#at >> 2
      const length = this.#copy[word] as number
      const size = sizeOf(length)
      if (size > this.#end - this.#at) {
        this.#fit(size)
        continue
      }
      const number = numberOf(this.#copy[word + 1] as number, this.#copy[word + (size >> 2) - 1] as number)
      this.#offset = this.#at + HEADER_BYTES
      this.#at += size
      this.#position += size
      if (length < 0) continue
      this.#length = length
      this.#number = number
      if (number !== this.#next) this.#missed += number - this.#next
      this.#next = number + 1
      return true
    }
  }

  /** A copy of the record that {@link receive} found, to keep. */
  copy(): Uint8Array {
    return this.#bytes.slice(this.#offset, this.#offset + this.#length)
  }

  /**
   * Blocks the thread until there is a record. False when there is none and the ring takes no more.
   *
   * @throws {TimeoutError} there was none in time
   * @throws {RingHaltedError} there is none, and the ring was halted
   * @throws {BlockingForbiddenError} this thread may not block: the main thread of a browser
   */
  wait(options: NextOptions = {}): boolean {
    if (this.#due()) return true
    this.#waiter ??= this.#newWaiter()
    return this.#waiter.wait(WAITING, options) || this.#ended()
  }

  /** {@link wait} on an event loop, keeping its process alive meanwhile. @throws {TimeoutError | AbortedError | RingHaltedError} */
  async ready(options: ReadyOptions = {}): Promise<boolean> {
    return (await this.#newWaiter().waitAsync(WAITING, options)) || this.#ended()
  }

  /** Copies of all records, as they come, until the ring is closed. @throws {RingHaltedError} */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    while (await this.ready()) while (this.receive()) yield this.copy()
  }

  /** Gives its sleeping place back. Safe to call twice. */
  close(): void {
    this.#waiter?.close()
    this.#waiter = undefined
  }

  #due(): boolean {
    return this.#at !== this.#end || this.#ring.tail.get() !== this.#position
  }

  #newWaiter(): ByteWaiter {
    return new ByteWaiter(this.#ring.status, () => this.#due())
  }

  #ended(): false {
    if (this.#ring.status.halted) this.#ring.status.checkOpen()
    return false
  }

  /** Copies what is published from `#position` on, as far as it goes without a break. False when there is nothing, or no luck. */
  #fill(): boolean {
    const ring = this.#ring
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const published = ring.tail.get() - this.#position
      if (published === 0) return false
      const start = this.#position & ring.mask
      const size = Math.min(published, ring.capacity - start, this.#bytes.length)
      this.#copyOut(start, size)
      if (ring.intact(this.#position)) {
        this.#at = 0
        this.#end = size
        return true
      }
      this.#laps++
      // Where the oldest is overwritten again and again while it is copied, only the newest is left to try.
      this.#position = this.#afterLap === 'oldest' && tries < MOST_TRIES / 2 ? ring.oldest.get() : ring.newest().position
    }
    return false
  }

  /** A loop over words: a bulk copy out of shared memory is slower, and needs an object for each. */
  #copyOut(start: number, size: number): void {
    const { words } = this.#ring
    const copy = this.#copy
    const first = DATA_WORD + (start >> 2)
    const count = size >> 2
    for (let word = 0; word < count; word++) copy[word] = words[first + word] as number
  }

  /** Has a record that was not copied in whole copied again, into memory that is large enough. */
  #fit(size: number): void {
    this.#at = this.#end = 0
    if (size <= this.#bytes.length) return
    this.#copy = new Int32Array(2 ** Math.ceil(Math.log2(size / 4)))
    this.#bytes = new Uint8Array(this.#copy.buffer)
  }
}

/** The oldest record still there. Each try that fails means that the producer has just given it up. */
function oldest(ring: BroadcastMemory): NonNullable<ReturnType<BroadcastMemory['find']>> {
  for (;;) {
    const found = ring.find(ring.oldest.get())
    if (found !== undefined) return found
  }
}
