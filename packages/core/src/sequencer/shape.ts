import { OptionError, type Sequence } from '@disruptorx/contracts'
import { oneOf, powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import { ParkingLot } from '../parking/parking-lot.ts'
import { LEAST_CAPACITY, MOST_CAPACITY, MOST_CONSUMERS, MOST_PRODUCERS, type RingShape } from './sequencer-descriptor.ts'

/** Slots take at most this much, so that every offset is a small integer. */
export const MOST_SLOTS_BYTES = 2 ** 30

/** What the makers of all rings have to say. */
export interface RingOptions {
  /** How many slots: a power of two from 2 to 2^26. */
  readonly capacity: number
  /** Whether one thread publishes or several. @default 'single' */
  readonly producers?: 'single' | 'multi'
  /** How many consumers may be there at a time: 1 to 256. @default 16 */
  readonly maxConsumers?: number
  /** With several producers: how many may be there at a time, 1 to 256. The publishers of one thread count as one. @default 64 */
  readonly maxProducers?: number
  /** Where the threads of this ring sleep. @default a parking lot of its own */
  readonly parkingLot?: ParkingLot
  /** The sequence of the first event: from 0. @default 0 */
  readonly initialSequence?: Sequence
}

/** What a ring is made from, once its options are checked. */
export interface ResolvedRing {
  readonly shape: RingShape
  readonly parkingLot: ParkingLot
  readonly initial: Sequence
}

/** @throws {OptionError} */
export function resolveRing(options: RingOptions, slotBytes: number): ResolvedRing {
  const capacity = powerOfTwo('capacity', options.capacity, LEAST_CAPACITY, MOST_CAPACITY)
  if (capacity * slotBytes > MOST_SLOTS_BYTES)
    throw new OptionError('capacity', capacity, `at most ${MOST_SLOTS_BYTES} bytes in all, at ${slotBytes} bytes a slot`)
  const multi = oneOf('producers', options.producers ?? 'single', ['single', 'multi']) === 'multi'
  const maxConsumers = wholeNumber('maxConsumers', options.maxConsumers ?? 16, 1, MOST_CONSUMERS)
  const maxProducers = wholeNumber('maxProducers', options.maxProducers ?? 64, 1, MOST_PRODUCERS)
  const initial = wholeNumber('initialSequence', options.initialSequence ?? 0, 0, Number.MAX_SAFE_INTEGER)
  const shape = { capacity, slotBytes, multi, maxConsumers, maxProducers }
  return { shape, parkingLot: options.parkingLot ?? ParkingLot.create(), initial }
}
