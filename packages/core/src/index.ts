/**
 * The LMAX Disruptor for Node.js: lock-free rings between threads over shared memory, and a way to sleep until they move.
 *
 * @example
 * import { ByteRing } from '@disruptorx/core'
 *
 * const ring = ByteRing.create({ capacityBytes: 1024 })
 * const producer = ring.producer()
 * const offset = producer.tryClaim(4)
 * ring.bytes.set([1, 2, 3, 4], offset)
 * producer.publish()
 * @packageDocumentation
 */
export { ByteConsumer } from './bytes/byte-consumer.ts'
export { ByteProducer } from './bytes/byte-producer.ts'
export { ByteRing, type ByteRingHandle, type ByteRingOptions } from './bytes/byte-ring.ts'
export {
  AttachError,
  BlockingForbiddenError,
  ConsumerInUseError,
  RecordTooLargeError,
  RingHaltedError,
  RoleTakenError,
  SequenceRangeError,
  TableFullError,
  WouldDeadlockError,
} from './errors.ts'
export { ParkingParker } from './parking/parker.ts'
export { ParkingLot, type ParkingLotHandle, type ParkingLotOptions } from './parking/parking-lot.ts'
export { SharedFlag, type SharedFlagHandle } from './sequences/shared-flag.ts'
export { SharedSequence } from './sequences/shared-sequence.ts'
export { type RunStepAsyncOptions, type RunStepOptions, runStep, runStepAsync } from './steps/run-step.ts'
