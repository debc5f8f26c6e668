import { ClosedError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { PoolExhaustedError } from './errors.ts'
import type { IdlePlace, ObjectStore } from './object-store.ts'

/**
 * Idle objects of a pool kept aside for one user, so that it finds the ones again that it used last. It takes from the pool and gives back to it by
 * halves. What lies here is not lost to others: a pool that has nothing left takes it.
 */
export class ObjectPoolCache<T extends object> implements IdlePlace {
  readonly #store: ObjectStore<T>
  readonly #numbers: Int32Array
  #idle = 0
  #closed = false

  constructor(store: ObjectStore<T>, capacity: number) {
    this.#store = store
    this.#numbers = new Int32Array(wholeNumber('capacity', capacity, 1, store.maxSize))
    store.places.push(this)
  }

  /** How many objects lie here. */
  get idle(): number {
    return this.#idle
  }

  /** An object for its user, until it is released: to this cache, to another one or to the pool. @throws {PoolExhaustedError | ClosedError} */
  acquire(): T {
    const object = this.tryAcquire()
    if (object === undefined) throw new PoolExhaustedError('objects of the pool', 'maxSize', this.#store.maxSize)
    return object
  }

  /** {@link acquire}; undefined when all are in use. @throws {ClosedError}, and what the factory throws */
  tryAcquire(): T | undefined {
    if (this.#idle === 0) this.#refill()
    const number = this.#idle > 0 ? this.take() : this.#store.take()
    return number < 0 ? undefined : this.#store.lend(number)
  }

  /** Resets an object of the pool, wherever it was acquired, and keeps it here. @throws {NotOfPoolError | NotInUseError | ClosedError}, and what `reset` throws */
  release(object: T): void {
    if (this.#closed) throw new ClosedError('the cache of the object pool')
    const number = this.#store.takeBack(object)
    if (this.#idle === this.#numbers.length) this.#giveBack(this.#numbers.length >> 1)
    this.#numbers[this.#idle++] = number
  }

  /** For the pool. */
  take(): number {
    return this.#idle === 0 ? -1 : (this.#numbers[--this.#idle] as number)
  }

  /** Gives everything that lies here back to the pool. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#giveBack(0)
    this.#store.places.splice(this.#store.places.indexOf(this), 1)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #refill(): void {
    if (this.#closed) throw new ClosedError('the cache of the object pool')
    for (let wanted = (this.#numbers.length + 1) >> 1; wanted > 0; wanted--) {
      const number = this.#store.takeIdle()
      if (number < 0) return
      this.#numbers[this.#idle++] = number
    }
  }

  #giveBack(downTo: number): void {
    while (this.#idle > downTo) this.#store.put(this.take())
  }
}
