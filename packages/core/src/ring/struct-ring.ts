import type { Sequence } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { type StructSpec, type StructValue, struct, type ValueLayout, type View, withLateAccessChecks } from '@disruptorx/layout'
import { roundUp } from '../memory/cells.ts'
import { checkHandle, checkHeader, checkLayout, checkLayoutHash, checkWord } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { checkEnded } from '../parking/ended-thread.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'
import { formatRing, takeSingle } from '../sequencer/format.ts'
import { MultiProducer } from '../sequencer/multi-producer.ts'
import type { Producer } from '../sequencer/producer.ts'
import { type Reclaimed, reclaimThread } from '../sequencer/reclaim.ts'
import {
  CAPACITY,
  LAYOUT_HASH,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  PRODUCERS,
  RING_MAGIC,
  RING_VERSION,
  type RingShape,
  ringOffsets,
  SLOT_BYTES,
} from '../sequencer/sequencer-descriptor.ts'
import { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import { MOST_SLOTS_BYTES, type RingOptions, resolveRing } from '../sequencer/shape.ts'
import { SingleProducer } from '../sequencer/single-producer.ts'
import type { EventReader } from './event-ring.ts'
import type { EventView } from './event-view.ts'
import { makePublisher, type Publisher, type PublisherOptions } from './publisher.ts'
import { SequencedRing } from './sequenced-ring.ts'
import { SharedProducer } from './shared-producer.ts'
import { ExpiringReader, StructReader } from './struct-reader.ts'

/** How a {@link StructRing} is made. All slots together take at most 1 GiB. */
export interface StructRingOptions<T> extends RingOptions {
  /** What a slot holds. */
  readonly layout: ValueLayout<T>
  /** Bytes of a slot, where it has room for more than the layout: at least the layout's size. Rounded up to a multiple of 8. @default the layout's size */
  readonly slotBytes?: number
  /**
   * Finds handlers that keep an event instead of its `copy()`, on every thread: any use of an event whose batch is released, or after which another was
   * read, throws a `LateAccessError`. For development and tests: each event costs some hundred nanoseconds and an object or two. @default false
   */
  readonly development?: boolean
}

/** A {@link StructRing} as it crosses a thread. */
export interface StructRingHandle {
  readonly memory: SharedArrayBuffer
  readonly spec: StructSpec
  readonly layoutHash: number
  readonly capacity: number
  readonly slotBytes: number
  readonly producers: 'single' | 'multi'
  readonly maxConsumers: number
  readonly maxProducers: number
  readonly development: boolean
  readonly parkingLot: ParkingLotHandle
}

/**
 * Events of one fixed layout, in order, from one thread or several to any number of consumers on any thread, over shared memory.
 *
 * Producers wait for the slowest consumer. A ring without consumers makes them wait for each other only: events are overwritten unread.
 *
 * Algorithm: LMAX RingBuffer.
 */
export class StructRing<T> extends SequencedRing<EventView<T>> {
  readonly layout: ValueLayout<T>
  readonly handle: StructRingHandle
  readonly slotBytes: number
  readonly memory: SharedArrayBuffer
  private readonly ring: SequencerMemory
  private readonly shared: SharedProducer
  private readonly view: View<T>
  private readonly slotsByte: number
  private readonly mask: number

  private constructor(handle: StructRingHandle, layout: ValueLayout<T>, ring: SequencerMemory) {
    super(ring)
    this.handle = handle
    this.layout = handle.development ? withLateAccessChecks(layout) : layout
    this.slotBytes = handle.slotBytes
    this.memory = handle.memory
    this.ring = ring
    this.shared = new SharedProducer(ring)
    this.view = this.layout.view(handle.memory, ring.at.slotsByte)
    this.slotsByte = ring.at.slotsByte
    this.mask = ring.mask
  }

  /** Makes a ring. @throws {OptionError} */
  static create<T>(options: StructRingOptions<T>): StructRing<T> {
    const { layout } = options
    checkLayout(layout)
    const slotBytes = roundUp(wholeNumber('slotBytes', options.slotBytes ?? layout.size, layout.size, MOST_SLOTS_BYTES), 8)
    const { shape, parkingLot, initial } = resolveRing(options, slotBytes)
    const memory = sharedMemory(ringOffsets(shape).totalBytes, 'ring')
    const ring = new SequencerMemory(memory, shape, parkingLot, initial)
    formatRing(ring, layout.hash, initial)
    const { spec, hash: layoutHash } = layout
    const { capacity, multi, maxConsumers, maxProducers } = shape
    const producers = multi ? ('multi' as const) : ('single' as const)
    const own = { spec, layoutHash, slotBytes, producers, development: options.development === true }
    return new StructRing({ memory, ...own, capacity, maxConsumers, maxProducers, parkingLot: parkingLot.handle }, layout, ring)
  }

  /**
   * The same ring on another thread. With `layout`, the events have its type, and a ring of another layout is refused.
   *
   * @throws {AttachError} the memory is not what the handle or the layout says
   * @throws {OptionError} it is no handle, or no layout
   */
  static attach<T = StructValue<StructSpec>>(handle: StructRingHandle, layout?: ValueLayout<T>): StructRing<T> {
    const what = 'struct ring'
    checkHandle(what, handle)
    if (layout !== undefined) checkLayout(layout)
    const shape: RingShape = { ...handle, multi: handle.producers === 'multi' }
    const words = checkHeader(what, handle.memory, RING_MAGIC, RING_VERSION, ringOffsets(shape).totalBytes)
    const known = layout ?? (struct(handle.spec) as unknown as ValueLayout<T>)
    checkLayoutHash(what, words[LAYOUT_HASH] as number, handle.spec, known)
    checkWord(what, 'capacity', words[CAPACITY] as number, handle.capacity)
    checkWord(what, 'slot size in bytes', words[SLOT_BYTES] as number, handle.slotBytes)
    checkWord(what, 'kind of producers', words[PRODUCERS] === 1 ? 'multi' : 'single', handle.producers)
    checkWord(what, 'number of consumers', words[MAX_CONSUMERS] as number, handle.maxConsumers)
    checkWord(what, 'number of producers', words[MAX_PRODUCERS] as number, handle.maxProducers)
    return new StructRing(handle, known, new SequencerMemory(handle.memory, shape, ParkingLot.attach(handle.parkingLot)))
  }

  /** Where the slot of a sequence starts in {@link memory}, in bytes: a multiple of 8. */
  offsetOf(sequence: Sequence): number {
    return this.ring.offsetOf(sequence)
  }

  // Hot: benchmark `ring`.
  /** The ring's one flyweight, laid over the slot of a sequence: valid until the next call. For writing only by who has claimed the slot. */
  get(sequence: Sequence): View<T> {
    return this.view.moveTo(this.slotsByte + (sequence & this.mask) * this.slotBytes)
  }

  /** Reads slots through a flyweight of its own. */
  reader(): EventReader<EventView<T>> {
    return this.handle.development ? new ExpiringReader(this.ring, this.layout) : new StructReader(this.ring, this.layout)
  }

  /** A writing side for the calling thread. A ring for one producer gives it to one thread at a time. @throws {RoleTakenError} */
  producer(): Producer<View<T>> {
    if (this.ring.shape.multi) return new MultiProducer(this.ring, new StructReader(this.ring, this.layout))
    return this.single()
  }

  /** A writing side that gathers events into bursts. As {@link producer} otherwise. @throws {RoleTakenError | OptionError} */
  publisher(options: PublisherOptions = {}): Publisher<T> {
    return makePublisher(this.ring, this.layout, options, () => this.single(), this.shared)
  }

  /**
   * Takes what a thread had held out of the ring: for whoever has seen that thread end. Its writing sides are free again; consumers skip the slots
   * that it claimed and did not publish, and count them; producers no longer wait for its consumers.
   *
   * @param thread what `currentThread()` was there: in Node its `threadId + 1`, noted while it ran; of a worker that has ended, `threadId` is -1
   * @throws {OptionError} that is no thread's number, or the calling thread's own
   */
  reclaim(thread: number): Reclaimed {
    checkEnded(thread)
    return reclaimThread(this.ring, thread)
  }

  private single(): SingleProducer<View<T>> {
    takeSingle(this.ring)
    return new SingleProducer(this.ring, new StructReader(this.ring, this.layout))
  }
}
