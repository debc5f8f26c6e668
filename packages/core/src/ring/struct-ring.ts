import { OptionError, type Sequence, type SequenceCell } from '@disruptorx/contracts'
import { oneOf, powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import { type ReadonlyView, type StructSpec, type StructValue, struct, type ValueLayout, type View } from '@disruptorx/layout'
import { RoleTakenError } from '../errors.ts'
import { roundUp } from '../memory/cells.ts'
import { checkHeader, checkWord, hex, MAGIC, VERSION } from '../memory/header.ts'
import { ParkingLot, type ParkingLotHandle } from '../parking/parking-lot.ts'
import { Consumer, type ConsumerHandle } from '../sequencer/consumer.ts'
import { joinRing } from '../sequencer/join.ts'
import { MultiProducer } from '../sequencer/multi-producer.ts'
import type { Producer } from '../sequencer/producer.ts'
import {
  CAPACITY,
  LAYOUT_HASH,
  LEAST_CAPACITY,
  MAX_CONSUMERS,
  MOST_CAPACITY,
  MOST_SLOTS_BYTES,
  PRODUCER_TAKEN,
  PRODUCERS,
  RING_CLOSED,
  RING_HALTED,
  RING_MAGIC,
  RING_VERSION,
  type RingShape,
  ringOffsets,
  SLOT_BYTES,
} from '../sequencer/sequencer-descriptor.ts'
import { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import { SingleProducer } from '../sequencer/single-producer.ts'
import type { EventReader, EventRing } from './event-ring.ts'
import { makePublisher, type Publisher, type PublisherOptions } from './publisher.ts'
import { StructReader } from './struct-reader.ts'

/** How a {@link StructRing} is made. */
export interface StructRingOptions<T> {
  /** What a slot holds. */
  readonly layout: ValueLayout<T>
  /** How many slots: a power of two from 2 to 2^26. All slots together take at most 1 GiB. */
  readonly capacity: number
  /** Whether one thread publishes or several. @default 'single' */
  readonly producers?: 'single' | 'multi'
  /** Bytes of a slot, where it has room for more than the layout: at least the layout's size. Rounded up to a multiple of 8. @default the layout's size */
  readonly slotBytes?: number
  /** How many consumers may be there at a time: 1 to 256. @default 16 */
  readonly maxConsumers?: number
  /** Where the threads of this ring sleep. @default a parking lot of its own */
  readonly parkingLot?: ParkingLot
  /** The sequence of the first event: from 0. @default 0 */
  readonly initialSequence?: Sequence
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
  readonly parkingLot: ParkingLotHandle
}

/**
 * Events of one fixed layout, in order, from one thread or several to any number of consumers on any thread, over shared memory.
 *
 * Producers wait for the slowest consumer. A ring without consumers never makes them wait: events are overwritten unread. With several producers,
 * add the consumers before the first event.
 *
 * Algorithm: LMAX RingBuffer.
 */
export class StructRing<T> implements EventRing<ReadonlyView<T>> {
  readonly layout: ValueLayout<T>
  readonly handle: StructRingHandle
  readonly capacity: number
  readonly slotBytes: number
  readonly memory: SharedArrayBuffer
  readonly parkingLot: ParkingLot
  /** One producer: the highest sequence published. Several: the highest claimed. `-1` before the first. For reading. */
  readonly cursor: SequenceCell
  readonly #ring: SequencerMemory
  readonly #view: View<T>

  private constructor(handle: StructRingHandle, layout: ValueLayout<T>, ring: SequencerMemory) {
    this.handle = handle
    this.layout = layout
    this.capacity = handle.capacity
    this.slotBytes = handle.slotBytes
    this.memory = handle.memory
    this.parkingLot = ring.parkingLot
    this.cursor = ring.cursor
    this.#ring = ring
    this.#view = layout.view(handle.memory, ring.at.slotsByte)
  }

  /** Makes a ring. @throws {OptionError} */
  static create<T>(options: StructRingOptions<T>): StructRing<T> {
    const { layout } = options
    const capacity = powerOfTwo('capacity', options.capacity, LEAST_CAPACITY, MOST_CAPACITY)
    const slotBytes = roundUp(wholeNumber('slotBytes', options.slotBytes ?? layout.size, layout.size, MOST_SLOTS_BYTES), 8)
    if (capacity * slotBytes > MOST_SLOTS_BYTES)
      throw new OptionError('capacity', capacity, `at most ${MOST_SLOTS_BYTES} bytes in all, at ${slotBytes} bytes a slot`)
    const producers = oneOf('producers', options.producers ?? 'single', ['single', 'multi'])
    const maxConsumers = wholeNumber('maxConsumers', options.maxConsumers ?? 16, 1, 256)
    const initial = wholeNumber('initialSequence', options.initialSequence ?? 0, 0, Number.MAX_SAFE_INTEGER)
    const parkingLot = options.parkingLot ?? ParkingLot.create()
    const shape: RingShape = { capacity, slotBytes, multi: producers === 'multi', maxConsumers }
    const memory = new SharedArrayBuffer(ringOffsets(shape).totalBytes)
    const ring = new SequencerMemory(memory, shape, parkingLot, initial)
    format(ring, layout.hash, initial)
    const { spec, hash: layoutHash } = layout
    const handle = { memory, spec, layoutHash, capacity, slotBytes, producers, maxConsumers, parkingLot: parkingLot.handle }
    return new StructRing(handle, layout, ring)
  }

  /**
   * The same ring on another thread. With `layout`, the events have its type, and a ring of another layout is refused.
   *
   * @throws {AttachError} the memory is not what the handle or the layout says
   */
  static attach<T = StructValue<StructSpec>>(handle: StructRingHandle, layout?: ValueLayout<T>): StructRing<T> {
    const what = 'struct ring'
    const shape: RingShape = { ...handle, multi: handle.producers === 'multi' }
    const words = checkHeader(what, handle.memory, RING_MAGIC, RING_VERSION, ringOffsets(shape).totalBytes)
    const known = layout ?? (struct(handle.spec) as unknown as ValueLayout<T>)
    checkWord(what, 'layout hash', hex(words[LAYOUT_HASH] as number), hex(known.hash))
    checkWord(what, 'capacity', words[CAPACITY] as number, handle.capacity)
    checkWord(what, 'slot size in bytes', words[SLOT_BYTES] as number, handle.slotBytes)
    checkWord(what, 'kind of producers', words[PRODUCERS] === 1 ? 'multi' : 'single', handle.producers)
    checkWord(what, 'number of consumers', words[MAX_CONSUMERS] as number, handle.maxConsumers)
    return new StructRing(handle, known, new SequencerMemory(handle.memory, shape, ParkingLot.attach(handle.parkingLot)))
  }

  /** Where the slot of a sequence starts in {@link memory}, in bytes: a multiple of 8. */
  offsetOf(sequence: Sequence): number {
    return this.#ring.offsetOf(sequence)
  }

  /** The ring's one flyweight, laid over the slot of a sequence: valid until the next call. For writing only by who has claimed the slot. */
  get(sequence: Sequence): View<T> {
    return this.#view.moveTo(this.#ring.offsetOf(sequence))
  }

  /** Reads slots through a flyweight of its own. */
  reader(): EventReader<ReadonlyView<T>> {
    return new StructReader(this.#ring, this.layout)
  }

  /** How many slots the slowest consumer leaves free; the capacity when there is no consumer. A snapshot. */
  remainingCapacity(): number {
    return Math.min(this.capacity, this.#ring.remainingCapacity(this.cursor.get()))
  }

  /** A writing side for the calling thread. A ring for one producer gives it to one thread at a time. @throws {RoleTakenError} */
  producer(): Producer {
    if (this.#ring.shape.multi) return new MultiProducer(this.#ring)
    return this.#single()
  }

  /** A writing side that gathers events into bursts. As {@link producer} otherwise. @throws {RoleTakenError | OptionError} */
  publisher(options: PublisherOptions = {}): Publisher<T> {
    return makePublisher(this.#ring, this.layout, options, () => this.#single())
  }

  /**
   * Adds a consumer that starts after the cursor, or, with `after`, sees each event only when all of those have released it.
   *
   * @throws {TableFullError} there are `maxConsumers` already
   * @throws {OptionError} one of `after` is not a consumer of this ring
   */
  addConsumer(options: { readonly after?: readonly Consumer[] } = {}): Consumer {
    return new Consumer(this.#ring, joinRing(this.#ring, options.after ?? []))
  }

  /** A consumer that another thread added: from now on for this thread. */
  attachConsumer(handle: ConsumerHandle): Consumer {
    return new Consumer(this.#ring, handle)
  }

  /** Whether the ring takes no more events. */
  get stopped(): boolean {
    return this.#ring.stopped
  }

  /** Takes no more events from publishers, on any thread; consumers read on. They, and producers that wait, get a {@link ClosedError}. */
  close(): void {
    this.#ring.stop(RING_CLOSED)
  }

  /** As {@link close}, but because something failed: publishers get a {@link RingHaltedError}. */
  halt(): void {
    this.#ring.stop(RING_HALTED)
  }

  #single(): SingleProducer {
    if (Atomics.compareExchange(this.#ring.words, PRODUCER_TAKEN, 0, 1) !== 0) throw new RoleTakenError('ring', 'producer')
    return new SingleProducer(this.#ring)
  }
}

/** Writes the header, and gives every availability word the lap before its first. */
function format(ring: SequencerMemory, layoutHash: number, initial: Sequence): void {
  const { words, shape } = ring
  words[MAGIC] = RING_MAGIC
  words[VERSION] = RING_VERSION
  words[LAYOUT_HASH] = layoutHash
  words[CAPACITY] = shape.capacity
  words[SLOT_BYTES] = shape.slotBytes
  words[PRODUCERS] = shape.multi ? 1 : 0
  words[MAX_CONSUMERS] = shape.maxConsumers
  if (!shape.multi) return
  for (let ahead = 0; ahead < shape.capacity; ahead++) {
    const low = (initial + ahead) | 0
    words[ring.at.availability + (low & ring.mask)] = ring.lapOf((low - shape.capacity) | 0)
  }
}
