import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { NotInUseError, NotOfPoolError, PoolFactoryError } from './errors.ts'
import { stamp, stampOf } from './stamp.ts'

/** How an object pool is made. */
export interface ObjectPoolOptions<T extends object> {
  /** Makes an object, a new one at each call; `number` is its place in the pool, from 0. */
  readonly factory: (number: number) => T
  /** Makes an object as good as new, when it is released. If it throws, the object is let go and the error passes on. @default nothing is done */
  readonly reset?: (object: T) => void
  /** The most objects that there are at a time: 1 to 2^20. */
  readonly maxSize: number
  /** How many are made at once: 0 to `maxIdle`. The others are made when they are needed. @default 0 */
  readonly initialSize?: number
  /** How many objects may lie idle in the pool; what is released above that is left to the garbage collector: 0 to `maxSize`. @default maxSize */
  readonly maxIdle?: number
}

/** The most objects that a pool may hold. */
const MOST_OBJECTS = 2 ** 20

/** Somewhere else than in the store where idle objects lie. */
export interface IdlePlace {
  /** How many. */
  readonly idle: number
  /** Takes one out; -1 when there is none. */
  take(): number
}

/**
 * The objects of a pool, by their numbers: which are in use, which lie idle, which numbers have no object. Three arrays of `maxSize`, so that
 * nothing is allocated once the objects are made.
 */
export class ObjectStore<T extends object> {
  readonly maxSize: number
  /** Caches, which hold idle objects as well. */
  readonly places: IdlePlace[] = []
  readonly #factory: (number: number) => T
  readonly #reset: ((object: T) => void) | undefined
  readonly #maxIdle: number
  readonly #objects: (T | undefined)[]
  /** 1 for each object that is in use. */
  readonly #used: Uint8Array
  /** Stacks that grow towards each other: numbers of idle objects from the start, vacant numbers from the end. Together never more than `maxSize`. */
  readonly #stack: Int32Array
  #idle = 0
  #vacant: number
  #inUse = 0
  #highWater = 0

  /** @throws {OptionError | PoolFactoryError} */
  constructor(options: ObjectPoolOptions<T>) {
    this.maxSize = wholeNumber('maxSize', options.maxSize, 1, MOST_OBJECTS)
    this.#factory = functionOf('factory', options.factory)
    this.#reset = options.reset === undefined ? undefined : functionOf('reset', options.reset)
    this.#maxIdle = wholeNumber('maxIdle', options.maxIdle ?? this.maxSize, 0, this.maxSize)
    this.#objects = new Array(this.maxSize).fill(undefined)
    this.#used = new Uint8Array(this.maxSize)
    this.#stack = Int32Array.from({ length: this.maxSize }, (_, place) => place)
    this.#vacant = this.maxSize
    const initialSize = wholeNumber('initialSize', options.initialSize ?? 0, 0, this.#maxIdle)
    const made = Array.from({ length: initialSize }, () => this.#make())
    for (const number of made.reverse()) this.put(number)
  }

  /** How many objects there are. */
  get size(): number {
    return this.maxSize - this.#vacant
  }

  get inUse(): number {
    return this.#inUse
  }

  get highWater(): number {
    return this.#highWater
  }

  /** The number of an idle object of the store; -1 when there is none. */
  takeIdle(): number {
    return this.#idle === 0 ? -1 : (this.#stack[--this.#idle] as number)
  }

  /** {@link takeIdle}, or a new object, or one that lies idle in a cache; -1 when all are in use. @throws {PoolFactoryError}, and what the factory throws */
  take(): number {
    if (this.#idle > 0) return this.takeIdle()
    if (this.#vacant > 0) return this.#make()
    for (let i = 0; i < this.places.length; i++) {
      const number = (this.places[i] as IdlePlace).take()
      if (number >= 0) return number
    }
    return -1
  }

  /** Lays an object down idle, or lets it go when enough lie there. */
  put(number: number): void {
    if (this.#idle < this.#maxIdle) this.#stack[this.#idle++] = number
    else this.#letGo(number)
  }

  /** Gives an idle object to a user. */
  lend(number: number): T {
    this.#used[number] = 1
    if (++this.#inUse > this.#highWater) this.#highWater = this.#inUse
    return this.#objects[number] as T
  }

  /**
   * Takes an object back from a user, and resets it: its number, to be put somewhere.
   *
   * @throws {NotOfPoolError | NotInUseError}, and what `reset` throws
   */
  takeBack(object: T): number {
    const number = isObject(object) ? stampOf(object) : -1
    if (number < 0 || this.#objects[number] !== object) throw new NotOfPoolError('object pool', nameOf(object))
    if (this.#used[number] === 0) throw new NotInUseError('object', number)
    this.#used[number] = 0
    this.#inUse--
    if (this.#reset !== undefined) this.#clean(this.#reset, object, number)
    return number
  }

  #clean(reset: (object: T) => void, object: T, number: number): void {
    try {
      reset(object)
    } catch (error) {
      this.#letGo(number)
      throw error
    }
  }

  #letGo(number: number): void {
    this.#objects[number] = undefined
    this.#stack[this.maxSize - ++this.#vacant] = number
  }

  #make(): number {
    // Off the stack before the factory runs, which may itself take from this pool.
    const number = this.#stack[this.maxSize - this.#vacant--] as number
    try {
      this.#objects[number] = this.#made(number)
    } catch (error) {
      this.#letGo(number)
      throw error
    }
    return number
  }

  #made(number: number): T {
    const object = this.#factory(number)
    if (!isObject(object)) throw new PoolFactoryError(nameOf(object))
    if (stampOf(object) >= 0) throw new PoolFactoryError('an object that is in a pool already')
    try {
      stamp(object, number)
    } catch (error) {
      throw new PoolFactoryError('an object that nothing can be written on', error)
    }
    return object
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** How messages name a value that is not what was asked for. */
function nameOf(value: unknown): string {
  return value === null ? 'null' : isObject(value) ? 'an object' : `a ${typeof value}`
}

function functionOf<F>(option: string, value: F): F {
  if (typeof value !== 'function') throw new OptionError(option, nameOf(value), 'a function')
  return value
}
