import { OptionError, type Sequence } from '@disruptorx/contracts'
import { sharedMemory } from '../memory/shared-memory.ts'
import { formatRing, takeSingle } from '../sequencer/format.ts'
import { MultiProducer } from '../sequencer/multi-producer.ts'
import type { Producer } from '../sequencer/producer.ts'
import { ringOffsets } from '../sequencer/sequencer-descriptor.ts'
import { SequencerMemory } from '../sequencer/sequencer-memory.ts'
import { type RingOptions, resolveRing } from '../sequencer/shape.ts'
import { SingleProducer } from '../sequencer/single-producer.ts'
import type { EventReader } from './event-ring.ts'
import { SequencedRing } from './sequenced-ring.ts'

/** How an {@link ObjectRing} is made. */
export interface ObjectRingOptions<T> extends RingOptions {
  /** Makes the object of a slot. Called once for each slot, when the ring is made. All of them should have the same shape. */
  readonly factory: (slot: number) => T
}

class ObjectReader<T> implements EventReader<T> {
  private readonly objects: readonly T[]
  private readonly mask: number

  constructor(slots: readonly T[]) {
    this.objects = slots
    this.mask = slots.length - 1
  }

  at(sequence: Sequence): T {
    return this.objects[sequence & this.mask] as T
  }
}

/**
 * Events that are objects of any kind, made once and used again and again, between the producers and consumers of one thread.
 *
 * The sequencers, barriers and processors are those of a {@link StructRing}; only the slots cannot leave their thread, so there is no handle.
 * What a slot holds stays reachable until it is written again: clear large things when they have been dealt with.
 *
 * Algorithm: LMAX RingBuffer.
 */
export class ObjectRing<T> extends SequencedRing<T> {
  private readonly ring: SequencerMemory
  private readonly objects: readonly T[]
  private readonly objectReader: ObjectReader<T>

  private constructor(ring: SequencerMemory, slots: readonly T[]) {
    super(ring)
    this.ring = ring
    this.objects = slots
    this.objectReader = new ObjectReader(slots)
  }

  /** Makes a ring and all its objects. @throws {OptionError} @throws what `factory` throws */
  static create<T>(options: ObjectRingOptions<T>): ObjectRing<T> {
    const { factory } = options
    if (typeof factory !== 'function') throw new OptionError('factory', typeof factory, 'a function that makes the object of a slot')
    const { shape, parkingLot, initial } = resolveRing(options, 0)
    const ring = new SequencerMemory(sharedMemory(ringOffsets(shape).totalBytes, 'ring'), shape, parkingLot, initial)
    formatRing(ring, 0, initial)
    const slots = Array.from({ length: shape.capacity }, (_, slot) => factory(slot))
    const empty = (slots as readonly unknown[]).indexOf(undefined)
    if (empty >= 0)
      throw new OptionError('factory', `one that made nothing for slot ${empty}`, 'a function that returns the object of a slot')
    return new ObjectRing(ring, slots)
  }

  /** The object of a sequence's slot. For writing only by who has claimed it. */
  get(sequence: Sequence): T {
    return this.objectReader.at(sequence)
  }

  reader(): EventReader<T> {
    return new ObjectReader(this.objects)
  }

  /** A writing side. A ring for one producer gives it out once at a time. @throws {RoleTakenError} */
  producer(): Producer<T> {
    if (this.ring.shape.multi) return new MultiProducer(this.ring, this.reader())
    takeSingle(this.ring)
    return new SingleProducer(this.ring, this.reader())
  }
}
