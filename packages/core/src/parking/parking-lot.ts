import { wholeNumber } from '@disruptorx/contracts/internal'
import { TableFullError } from '../errors.ts'
import { checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { ParkingParker } from './parker.ts'
import {
  BLOCK_FLAG,
  BLOCK_TAKEN,
  BLOCK_WAKES,
  blockAt,
  LOT_MAGIC,
  LOT_VERSION,
  lotBytes,
  MAX_THREADS,
  OPENED,
  RAISED,
} from './parking-lot-descriptor.ts'

/** How a {@link ParkingLot} is made. */
export interface ParkingLotOptions {
  /** How many threads may have a parker at a time: 1 to 1,024. @default 64 */
  readonly maxThreads?: number
  /**
   * A sleeping thread looks up after so many milliseconds even if nobody woke it: 1 to 2^31 - 1, or Infinity for never. It guards against a
   * thread that died while it was waking others; see {@link ParkingParker.fallbackWakes}. @default 1,000
   */
  readonly fallbackMs?: number
}

/** A {@link ParkingLot} as it crosses a thread. */
export interface ParkingLotHandle {
  readonly memory: SharedArrayBuffer
  readonly maxThreads: number
  readonly fallbackMs: number
}

/**
 * The place where threads sleep until something moves: one for all rings that the same threads read and write.
 *
 * A sleeper raises its flag, looks at everything once more, and sleeps on its own wake count. A mover moves its sequence, and then
 * wakes whoever has a flag up. Every access is a sequentially consistent atomic, so all of them stand in one order, and:
 *
 * - If the sleeper's last look missed the move, the look came before the move, hence the flag (and before it the count in `raised`) went up
 *   before the move, hence the mover, which reads `raised` and the flags after its move, sees both and bumps the wake count.
 * - The sleeper read its wake count before it raised the flag. A bump between that and its sleep makes the sleep end at once, as
 *   `Atomics.wait` compares and sleeps in one step.
 * - `raised` goes up before a flag does and down after one does, so it is never less than the number of flags that are up: a mover that
 *   reads 0 misses nobody. Whoever takes a flag down, by compare-and-swap, also lowers `raised`; only one does.
 * - A mover that finds a flag already taken relies on the other mover's bump, which is still to come; only the death of that thread between
 *   two instructions can lose it. Against that there is the fallback.
 */
export class ParkingLot {
  readonly handle: ParkingLotHandle
  readonly #words: Int32Array

  private constructor(handle: ParkingLotHandle, words: Int32Array) {
    this.handle = handle
    this.#words = words
  }

  /** Makes a parking lot. @throws {OptionError} */
  static create(options: ParkingLotOptions = {}): ParkingLot {
    const maxThreads = wholeNumber('maxThreads', options.maxThreads ?? 64, 1, 1024)
    const fallbackMs = options.fallbackMs === Infinity ? Infinity : wholeNumber('fallbackMs', options.fallbackMs ?? 1000, 1, 2 ** 31 - 1)
    const memory = new SharedArrayBuffer(lotBytes(maxThreads))
    const words = new Int32Array(memory)
    words[MAGIC] = LOT_MAGIC
    words[VERSION] = LOT_VERSION
    words[MAX_THREADS] = maxThreads
    return new ParkingLot({ memory, maxThreads, fallbackMs }, words)
  }

  /** The same parking lot on another thread. @throws {AttachError} */
  static attach(handle: ParkingLotHandle): ParkingLot {
    const words = checkHeader('parking lot', handle.memory, LOT_MAGIC, LOT_VERSION, lotBytes(handle.maxThreads))
    checkWord('parking lot', 'number of threads', words[MAX_THREADS] as number, handle.maxThreads)
    return new ParkingLot(handle, words)
  }

  /** A sleeping place for the calling thread. Close it when the thread no longer needs it. @throws {TableFullError} */
  parker(): ParkingParker {
    for (let index = 0; index < this.handle.maxThreads; index++) {
      if (Atomics.compareExchange(this.#words, blockAt(index) + BLOCK_TAKEN, 0, 1) !== 0) continue
      this.#open(index + 1)
      return new ParkingParker(this.#words, index, this.handle.fallbackMs)
    }
    throw new TableFullError('parkers of the parking lot', 'maxThreads', this.handle.maxThreads)
  }

  // Hot: benchmark `ring`. One load when nobody sleeps.
  /** Wakes every thread that sleeps or is about to. Call it after moving anything that others may wait for. */
  unparkAll(): void {
    if (Atomics.load(this.#words, RAISED) !== 0) this.#wake()
  }

  #wake(): void {
    const words = this.#words
    const opened = Atomics.load(words, OPENED)
    for (let index = 0; index < opened; index++) {
      const block = blockAt(index)
      if (Atomics.load(words, block + BLOCK_FLAG) === 0) continue
      if (Atomics.compareExchange(words, block + BLOCK_FLAG, 1, 0) !== 1) continue
      Atomics.sub(words, RAISED, 1)
      Atomics.add(words, block + BLOCK_WAKES, 1)
      Atomics.notify(words, block + BLOCK_WAKES)
    }
  }

  #open(count: number): void {
    for (let seen = Atomics.load(this.#words, OPENED); seen < count; ) {
      const before = Atomics.compareExchange(this.#words, OPENED, seen, count)
      if (before === seen) return
      seen = before
    }
  }
}
