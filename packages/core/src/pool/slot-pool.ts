import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { type StructSpec, type StructValue, struct, type ValueLayout, type View } from '@disruptorx/layout'
import { roundUp } from '../memory/cells.ts'
import { checkHandle, checkHeader, checkLayout, checkLayoutHash, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { currentThread } from '../platform/current-thread.ts'
import { NotOfPoolError, PoolExhaustedError } from './errors.ts'
import { SlotCache, type SlotCacheOptions } from './slot-cache.ts'
import {
  CAPACITY,
  LAYOUT_HASH,
  MOST_BYTES,
  MOST_SLOTS,
  POOL_MAGIC,
  POOL_VERSION,
  SLOT_BYTES,
  slotPoolOffsets,
} from './slot-pool-descriptor.ts'
import { SlotTable } from './slot-table.ts'

/** How a {@link SlotPool} is made. */
export interface SlotPoolOptions<T> {
  /** What a slot holds. */
  readonly layout: ValueLayout<T>
  /** How many slots: 1 to 2^20. All of them together take at most 1 GiB. */
  readonly capacity: number
  /** Bytes of a slot, where it has room for more than the layout: at least the layout's size. Rounded up to a multiple of 8. @default the layout's size */
  readonly slotBytes?: number
}

/** A {@link SlotPool} as it crosses a thread. */
export interface SlotPoolHandle {
  readonly memory: SharedArrayBuffer
  readonly spec: StructSpec
  readonly layoutHash: number
  readonly capacity: number
  readonly slotBytes: number
}

/**
 * Preallocated structs in shared memory that any thread takes and any thread releases, without locks: what is too large, or lives too long, for the
 * slots of a ring, whose events carry the number of a slot instead. A released slot keeps its bytes: write every field anew.
 *
 * Algorithm: a word per slot that says whose it is, changed by compare-and-swap, and a bitmap that says where to look: see {@link SlotTable} for why that is
 * right. Threads that take and release often do so through a {@link cache} of their own.
 */
export class SlotPool<T> {
  readonly layout: ValueLayout<T>
  readonly handle: SlotPoolHandle
  readonly capacity: number
  readonly slotBytes: number
  readonly memory: SharedArrayBuffer
  readonly #table: SlotTable
  readonly #view: View<T>

  private constructor(handle: SlotPoolHandle, layout: ValueLayout<T>) {
    this.handle = handle
    this.layout = layout
    this.capacity = handle.capacity
    this.slotBytes = handle.slotBytes
    this.memory = handle.memory
    this.#table = new SlotTable(handle.memory, handle.capacity, handle.slotBytes, currentThread())
    this.#view = layout.view(handle.memory, this.#table.at.slotsByte)
  }

  /** Makes a pool of free slots. @throws {OptionError | SharedMemoryUnavailableError} */
  static create<T>(options: SlotPoolOptions<T>): SlotPool<T> {
    const { layout } = options
    checkLayout(layout)
    const capacity = wholeNumber('capacity', options.capacity, 1, MOST_SLOTS)
    const slotBytes = roundUp(wholeNumber('slotBytes', options.slotBytes ?? layout.size, layout.size, MOST_BYTES), 8)
    if (capacity * slotBytes > MOST_BYTES)
      throw new OptionError('capacity', capacity, `at most ${MOST_BYTES} bytes in all, at ${slotBytes} bytes a slot`)
    const memory = sharedMemory(slotPoolOffsets(capacity, slotBytes).totalBytes, 'slot pool')
    const words = new Int32Array(memory)
    words[MAGIC] = POOL_MAGIC
    words[VERSION] = POOL_VERSION
    words[LAYOUT_HASH] = layout.hash
    words[CAPACITY] = capacity
    words[SLOT_BYTES] = slotBytes
    const pool = new SlotPool({ memory, spec: layout.spec, layoutHash: layout.hash, capacity, slotBytes }, layout)
    pool.#table.format()
    return pool
  }

  /**
   * The same pool on another thread. With `layout`, slots have its type, and a pool of another layout is refused.
   *
   * @throws {AttachError} the memory is not what the handle or the layout says
   * @throws {OptionError} it is no handle, or no layout
   */
  static attach<T = StructValue<StructSpec>>(handle: SlotPoolHandle, layout?: ValueLayout<T>): SlotPool<T> {
    const what = 'slot pool'
    checkHandle(what, handle)
    if (layout !== undefined) checkLayout(layout)
    const { totalBytes } = slotPoolOffsets(handle.capacity, handle.slotBytes)
    const words = checkHeader(what, handle.memory, POOL_MAGIC, POOL_VERSION, totalBytes)
    const known = layout ?? (struct(handle.spec) as unknown as ValueLayout<T>)
    checkLayoutHash(what, words[LAYOUT_HASH] as number, handle.spec, known)
    checkWord(what, 'capacity', words[CAPACITY] as number, handle.capacity)
    checkWord(what, 'slot size in bytes', words[SLOT_BYTES] as number, handle.slotBytes)
    return new SlotPool(handle, known)
  }

  /** How many slots anybody may take now: neither in use nor in a cache. Looks at every slot: a snapshot, for monitoring. */
  get free(): number {
    return this.#table.free
  }

  /** How many slots are in use, on all threads. Looks at every slot: a snapshot, for monitoring. */
  get inUse(): number {
    return this.#table.inUse
  }

  /** The most slots that were ever in use or in caches at a time: what `capacity` has to be at least. Too many where threads died at it. */
  get highWater(): number {
    return this.#table.highWater
  }

  /** The number of a slot, for its user until it is released. @throws {PoolExhaustedError} */
  acquire(): number {
    const slot = this.#table.acquireOne()
    if (slot < 0) throw new PoolExhaustedError('slots of the pool', 'capacity', this.capacity)
    return slot
  }

  /** {@link acquire}; -1 when no slot is free. */
  tryAcquire(): number {
    return this.#table.acquireOne()
  }

  /** Takes back a slot, whichever thread acquired it. @throws {NotOfPoolError | NotInUseError} */
  release(slot: number): void {
    this.#table.release(slot)
  }

  /** A place for free slots of the calling thread. Close it when the thread goes. @throws {OptionError} */
  cache(options: SlotCacheOptions = {}): SlotCache {
    return new SlotCache(this.#table, options)
  }

  /** Where a slot starts in {@link memory}, in bytes: a multiple of 8. @throws {NotOfPoolError} */
  offsetOf(slot: number): number {
    if ((slot | 0) !== slot || slot < 0 || slot >= this.capacity) refuseSlot(slot)
    return this.#table.at.slotsByte + slot * this.slotBytes
  }

  /** The pool's one flyweight on this thread, laid over a slot: valid until the next call. @throws {NotOfPoolError} */
  get(slot: number): View<T> {
    return this.#view.moveTo(this.offsetOf(slot))
  }

  /**
   * Frees what a thread that has ended, however it ended, left in its caches, and returns how many slots that were. What it had acquired may be in the
   * hands of others by now, so it stays in use unless `inUse` is true.
   *
   * @param thread the thread's number: `threadId + 1` of a worker of Node
   * @throws {OptionError} that is no thread's number, or the calling thread's own
   */
  reclaim(thread: number, options: { readonly inUse?: boolean } = {}): number {
    if (wholeNumber('thread', thread, 1, 2 ** 31 - 1) === currentThread())
      throw new OptionError('thread', thread, 'a thread that has ended, not this one')
    return this.#table.reclaim(thread, options.inUse === true)
  }
}

// Apart from the check, which is on hot paths: what the compiler puts into a loop is limited by size.
function refuseSlot(slot: number): never {
  throw new NotOfPoolError('slot pool', `slot ${slot}`)
}
