import { PoolExhaustedError } from './errors.ts'
import { ObjectPoolCache } from './object-pool-cache.ts'
import { type ObjectPoolOptions, ObjectStore } from './object-store.ts'

/**
 * Objects of one thread that are used again and again instead of being made anew, by any number of users. Bounded; nothing is allocated while the
 * objects suffice. For data that several threads share there is {@link SlotPool}.
 *
 * An object is known by a number that the pool writes on it as a private field of its own: so a second release, and a foreign object, are refused at the
 * cost of two loads, and nobody sees that field, not even on a copy.
 */
export class ObjectPool<T extends object> {
  readonly #store: ObjectStore<T>

  private constructor(store: ObjectStore<T>) {
    this.#store = store
  }

  /** Makes a pool with `initialSize` objects in it. @throws {OptionError | PoolFactoryError}, and what the factory throws */
  static create<T extends object>(options: ObjectPoolOptions<T>): ObjectPool<T> {
    return new ObjectPool(new ObjectStore(options))
  }

  /** The most objects that there can be. */
  get maxSize(): number {
    return this.#store.maxSize
  }

  /** How many objects there are, in use or idle. */
  get size(): number {
    return this.#store.size
  }

  get inUse(): number {
    return this.#store.inUse
  }

  /** The objects that nobody uses, those in caches included. */
  get idle(): number {
    return this.#store.size - this.#store.inUse
  }

  /** The most objects that were ever in use at a time: what `maxSize` has to be at least. */
  get highWater(): number {
    return this.#store.highWater
  }

  /** An object for its user, until it is released. @throws {PoolExhaustedError}, and what the factory throws */
  acquire(): T {
    const object = this.tryAcquire()
    if (object === undefined) throw new PoolExhaustedError('objects of the pool', 'maxSize', this.#store.maxSize)
    return object
  }

  /** {@link acquire}; undefined when all are in use. @throws what the factory throws */
  tryAcquire(): T | undefined {
    const number = this.#store.take()
    return number < 0 ? undefined : this.#store.lend(number)
  }

  /** Resets an object, and keeps it for the next user. @throws {NotOfPoolError | NotInUseError}, and what `reset` throws: then the object is let go */
  release(object: T): void {
    this.#store.put(this.#store.takeBack(object))
  }

  /** A place for one user's idle objects: up to `capacity` of them, 1 to `maxSize`. Close it when the user goes. @throws {OptionError} */
  cache(capacity: number): ObjectPoolCache<T> {
    return new ObjectPoolCache(this.#store, capacity)
  }
}
