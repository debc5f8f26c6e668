import { ClosedError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { PoolExhaustedError } from './errors.ts'
import type { SlotTable } from './slot-table.ts'

/** The most slots that a cache may hold. */
const MOST_CACHED = 4096

/** How a {@link SlotCache} is made. */
export interface SlotCacheOptions {
  /** The low water mark: how many slots an empty cache takes from the pool, and a full one keeps: 1 to `high`. @default half of `high` */
  readonly low?: number
  /** The high water mark: a cache that holds so many gives some back before it takes more: 1 to 4,096, and to the pool's capacity. @default 32, or a sixteenth of the capacity where that is less */
  readonly high?: number
}

/**
 * Free slots kept aside for one thread, so that taking and releasing one seldom touches what other threads touch. For the thread that made it.
 *
 * What lies here is out of reach for others: {@link trim} gives it back, {@link close} for good, and `SlotPool.reclaim` when the thread has died.
 */
export class SlotCache {
  readonly low: number
  readonly high: number
  readonly #table: SlotTable
  readonly #slots: Int32Array
  #idle = 0
  #closed = false

  constructor(table: SlotTable, options: SlotCacheOptions) {
    this.#table = table
    const most = Math.min(MOST_CACHED, table.capacity)
    this.high = wholeNumber('high', options.high ?? Math.max(1, Math.min(32, table.capacity >> 4)), 1, most)
    this.low = wholeNumber('low', options.low ?? Math.max(1, this.high >> 1), 1, this.high)
    this.#slots = new Int32Array(this.high)
  }

  /** How many free slots lie here. */
  get idle(): number {
    return this.#idle
  }

  /** A slot for its user, until it is released. @throws {PoolExhaustedError | ClosedError} */
  acquire(): number {
    const slot = this.tryAcquire()
    if (slot < 0) throw new PoolExhaustedError('slots of the pool', 'capacity', this.#table.capacity)
    return slot
  }

  /** {@link acquire}; -1 when neither cache nor pool has one. @throws {ClosedError} */
  tryAcquire(): number {
    if (this.#idle === 0 && !this.#refill()) return -1
    const slot = this.#slots[--this.#idle] as number
    this.#table.use(slot)
    return slot
  }

  /** Takes back a slot, whichever thread acquired it. @throws {NotOfPoolError | NotInUseError | ClosedError} */
  release(slot: number): void {
    this.#checkOpen()
    this.#table.takeBack(slot)
    if (this.#idle === this.high) this.#giveBack(this.low - 1)
    this.#slots[this.#idle++] = slot
  }

  /** Gives slots back to the pool until at most `keep` are left: the ones used last. For a thread that is going to rest. @default 0 */
  trim(keep = 0): void {
    this.#giveBack(wholeNumber('keep', keep, 0, MOST_CACHED))
  }

  /** Gives everything back to the pool. Safe to call twice. */
  close(): void {
    this.#closed = true
    this.#giveBack(0)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #refill(): boolean {
    this.#checkOpen()
    this.#idle = this.#table.take(this.#slots, 0, this.low)
    return this.#idle > 0
  }

  #giveBack(downTo: number): void {
    const surplus = this.#idle - downTo
    if (surplus <= 0) return
    this.#table.giveBack(this.#slots, 0, surplus)
    this.#slots.copyWithin(0, surplus, this.#idle)
    this.#idle = downTo
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('the cache of the slot pool')
  }
}
