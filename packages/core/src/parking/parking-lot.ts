import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { TableFullError } from '../errors.ts'
import { checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { NONE, outOfLine } from '../memory/out-of-line.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { currentThread } from '../platform/current-thread.ts'
import { loadAfterStore } from '../platform/load-after-store.ts'
import { SharedSequence } from '../sequences/shared-sequence.ts'
import { ParkingParker } from './parker.ts'
import {
  BLOCK_FALLBACK_WAKES,
  BLOCK_FLAG,
  BLOCK_OWNER,
  BLOCK_WAKES,
  blockAt,
  LOT_MAGIC,
  LOT_VERSION,
  lotBytes,
  MAX_THREADS,
  OPENED,
  RAISED,
  sleepsByte,
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

/** What happens in a {@link ParkingLot}: a snapshot, for monitoring. */
export interface ParkingStats {
  /** Parkers that are open. */
  readonly threads: number
  /** How many of them sleep or are about to. */
  readonly sleeping: number
  /** Sleeps that have ended, since the lot was made, also those of parkers that are closed. */
  readonly sleeps: number
  /** How many of these found something to do though nobody had woken them; see {@link ParkingParker.fallbackWakes}. */
  readonly fallbackWakes: number
}

/**
 * The place where threads sleep until something moves: one for all rings that the same threads read and write.
 *
 * A sleeper raises its flag and then the lot's, looks at everything once more, and sleeps on its own wake count. A mover moves its sequence; if
 * the lot's flag is up, it takes that down and then wakes whoever has one of his own up. Every access is a sequentially consistent atomic, so
 * all of them stand in one order, and:
 *
 * - If the sleeper's last look missed the move, the look came before the move, hence both flags went up before the move. The mover, which reads
 *   the lot's flag after its move, sees it; or another mover has taken it down since, and goes through the sleepers' flags after that. Either
 *   way somebody finds the sleeper's flag after it went up, and bumps the wake count.
 * - The sleeper read its wake count before it raised the flag. A bump between that and its sleep makes the sleep end at once, as
 *   `Atomics.wait` compares and sleeps in one step.
 * - The lot's flag says only that somebody may sleep, so nothing a dying thread leaves behind is wrong for longer than the next move: that one
 *   takes down what is up. A sleeper that changes its mind takes down its own flag alone.
 * - A mover that finds a flag already taken down relies on another mover's bump, which is still to come; only the death of that thread between
 *   two instructions can lose it. Against that there is {@link reclaim}, by whoever sees the thread end, and the fallback where nobody does.
 */
export class ParkingLot {
  readonly handle: ParkingLotHandle
  /** One word that is not 0 while somebody may sleep: as long as it is 0, {@link unparkAll} does nothing. For hot paths. */
  readonly sleepers: Int32Array
  private readonly words: Int32Array

  private constructor(handle: ParkingLotHandle, words: Int32Array) {
    this.handle = handle
    this.words = words
    this.sleepers = words.subarray(RAISED, RAISED + 1)
  }

  /** Makes a parking lot. @throws {OptionError | SharedMemoryUnavailableError} */
  static create(options: ParkingLotOptions = {}): ParkingLot {
    const maxThreads = wholeNumber('maxThreads', options.maxThreads ?? 64, 1, 1024)
    const fallbackMs = options.fallbackMs === Infinity ? Infinity : wholeNumber('fallbackMs', options.fallbackMs ?? 1000, 1, 2 ** 31 - 1)
    const memory = sharedMemory(lotBytes(maxThreads), 'parking lot')
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
      if (Atomics.compareExchange(this.words, blockAt(index) + BLOCK_OWNER, 0, currentThread()) !== 0) continue
      this.#open(index + 1)
      return new ParkingParker(this.handle.memory, index, this.handle.fallbackMs)
    }
    throw new TableFullError('parkers of the parking lot', 'maxThreads', this.handle.maxThreads)
  }

  // Hot: benchmark `ring`. One load when nobody sleeps.
  /** Wakes every thread that sleeps or is about to. Call it after moving anything that others may wait for, by an atomic store. */
  unparkAll(): void {
    if (loadAfterStore(this.sleepers, 0) !== 0) outOfLine(this.#wake, this, NONE)
  }

  /**
   * Frees the sleeping places of a thread that has ended, however it ended, and returns how many there were. Wakes everybody else, as the
   * thread may have died after it had moved something and before it had woken who waits for that.
   *
   * @param thread the thread's number, as `currentThread()` said there: `threadId + 1` of a worker of Node
   * @throws {OptionError} that is no thread's number, or the calling thread's own
   */
  reclaim(thread: number): number {
    const words = this.words
    const self = currentThread()
    if (wholeNumber('thread', thread, 1, 2 ** 31 - 1) === self)
      throw new OptionError('thread', thread, 'a thread that has ended, not this one')
    let freed = 0
    for (let index = 0; index < this.handle.maxThreads; index++) {
      const block = blockAt(index)
      // Ours first, so that of two who reclaim one thread only one frees the block, and dying here would leave it to who reclaims us.
      if (Atomics.compareExchange(words, block + BLOCK_OWNER, thread, self) !== thread) continue
      Atomics.store(words, block + BLOCK_FLAG, 0)
      Atomics.store(words, block + BLOCK_OWNER, 0)
      freed++
    }
    // Whatever its flag says: the dead thread may have taken that down and bumped nothing.
    for (let index = 0, opened = Atomics.load(words, OPENED); index < opened; index++) this.#bump(blockAt(index))
    return freed
  }

  /** Counts who is here, and how often they slept. */
  stats(): ParkingStats {
    const words = this.words
    const stats = { threads: 0, sleeping: 0, sleeps: 0, fallbackWakes: 0 }
    for (let index = 0, opened = Atomics.load(words, OPENED); index < opened; index++) {
      const block = blockAt(index)
      if (Atomics.load(words, block + BLOCK_OWNER) !== 0) stats.threads++
      stats.sleeping += Atomics.load(words, block + BLOCK_FLAG)
      stats.sleeps += new SharedSequence(this.handle.memory, sleepsByte(index)).get()
      stats.fallbackWakes += Atomics.load(words, block + BLOCK_FALLBACK_WAKES) >>> 0
    }
    return stats
  }

  #wake(): void {
    const words = this.words
    if (Atomics.exchange(words, RAISED, 0) === 0) return
    const opened = Atomics.load(words, OPENED)
    for (let index = 0; index < opened; index++) {
      const block = blockAt(index)
      if (Atomics.load(words, block + BLOCK_FLAG) === 0) continue
      if (Atomics.compareExchange(words, block + BLOCK_FLAG, 1, 0) === 1) this.#bump(block)
    }
  }

  #bump(block: number): void {
    Atomics.add(this.words, block + BLOCK_WAKES, 1)
    Atomics.notify(this.words, block + BLOCK_WAKES)
  }

  #open(count: number): void {
    for (let seen = Atomics.load(this.words, OPENED); seen < count; ) {
      const before = Atomics.compareExchange(this.words, OPENED, seen, count)
      if (before === seen) return
      seen = before
    }
  }
}
