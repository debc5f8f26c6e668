/**
 * The LMAX Disruptor for Node.js: lock-free rings between threads over shared memory, and a way to sleep until they move.
 *
 * @example
 * import { StructRing, struct } from '@disruptorx/core'
 *
 * const ring = StructRing.create({ layout: struct({ id: 'u53', price: 'u32' }), capacity: 1024 })
 * const consumer = ring.addConsumer()
 * const publisher = ring.publisher()
 * publisher.publish({ id: 1, price: 100 })
 * publisher.flush()
 * const last = consumer.available()
 * for (let sequence = consumer.next; sequence <= last; sequence++) console.log(ring.get(sequence).copy())
 * consumer.advance(last)
 * @packageDocumentation
 */
export {
  AbortedError,
  type AnyEventHandler,
  type AsyncWaitStrategy,
  type BatchHandler,
  type Clock,
  type Closeable,
  ClosedError,
  type Counter,
  DisruptorError,
  type EventBatch,
  type EventHandler,
  type Gauge,
  type HandlerHooks,
  type Histogram,
  isDisruptorError,
  type Logger,
  type MetricLabels,
  type Metrics,
  OptionError,
  type Parker,
  type ProcessorControl,
  type Sequence,
  type SequenceCell,
  type Step,
  TimeoutError,
  type WaitSource,
  type WaitStrategy,
} from '@disruptorx/contracts'
export {
  FieldError,
  type Infer,
  LayoutError,
  type ReadonlyView,
  type StructLayout,
  type StructSpec,
  type StructValue,
  struct,
  type ValueLayout,
  type View,
} from '@disruptorx/layout'
export {
  type AsyncWaitStrategyHandle,
  createAsyncWaitStrategy,
  createWaitStrategy,
  loadWaitStrategy,
  type WaitStrategyHandle,
} from '@disruptorx/wait-strategies'
export type { BroadcastProducer } from './bytes/broadcast-producer.ts'
export type { BroadcastReceiver, BroadcastReceiverOptions } from './bytes/broadcast-receiver.ts'
export { BroadcastRing, type BroadcastRingHandle, type BroadcastRingOptions, type BroadcastRingStats } from './bytes/broadcast-ring.ts'
export type { ByteConsumer, RecordHandler } from './bytes/byte-consumer.ts'
export type { ByteProducer } from './bytes/byte-producer.ts'
export { ByteRing, type ByteRingHandle, type ByteRingOptions, type ByteRingStats } from './bytes/byte-ring.ts'
export {
  type DisruptorDescription,
  type HandlerDescription,
  type HandlerKind,
  type NodeDescription,
  toMermaid,
} from './disruptor/describe.ts'
export { Disruptor, type DisruptorConstructor, type ObjectDisruptor } from './disruptor/disruptor.ts'
export type { DisruptorOver } from './disruptor/disruptor-over.ts'
export {
  DisruptorClosedError,
  DisruptorHaltedError,
  type DisruptorState,
  DisruptorStateError,
  HandlerInUseError,
  HandlerStuckError,
  StartInterruptedError,
} from './disruptor/errors.ts'
export type { ExceptionPolicy, ModuleExport, ThreadExceptionPolicy } from './disruptor/exception-policy.ts'
export type { FailedAt } from './disruptor/fault.ts'
export { DependencyCycleError, UnknownDependencyError } from './disruptor/graph.ts'
export { type AnyHandler, type ConfiguredHandler, type HandlerLike, type HandlerOptions, handle } from './disruptor/handle.ts'
export type { HandlerGroup } from './disruptor/handler-group.ts'
export type { EventProcessor, EventProcessorFactory, EventProcessorParts } from './disruptor/make-processor.ts'
export type { AddOptions, DisruptorOptions, GroupOptions, StartOptions } from './disruptor/options.ts'
export type { RewindPolicy } from './disruptor/rewind-policy.ts'
export { SelfWaitError } from './disruptor/self-wait.ts'
export type { ProcessorFigures } from './disruptor/shared-stats.ts'
export type { Reclaimable, RunningThread, ThreadHandler, ThreadJob, ThreadStart } from './disruptor/thread-handler.ts'
export type { HandlerRef } from './disruptor/topology.ts'
export {
  AttachError,
  BlockingForbiddenError,
  ConsumerInUseError,
  NotStartedError,
  RecordTooLargeError,
  RingHaltedError,
  RoleTakenError,
  SequenceRangeError,
  TableFullError,
  WorkerExitedError,
  WouldDeadlockError,
} from './errors.ts'
export { SharedMemoryUnavailableError } from './memory/shared-memory.ts'
export type { ParkingParker } from './parking/parker.ts'
export { ParkingLot, type ParkingLotHandle, type ParkingLotOptions, type ParkingStats } from './parking/parking-lot.ts'
export { currentThread } from './platform/current-thread.ts'
export { NotInUseError, NotOfPoolError, PoolExhaustedError, PoolFactoryError } from './pool/errors.ts'
export { ObjectPool } from './pool/object-pool.ts'
export type { ObjectPoolCache } from './pool/object-pool-cache.ts'
export type { ObjectPoolOptions } from './pool/object-store.ts'
export type { SlotCache, SlotCacheOptions } from './pool/slot-cache.ts'
export { SlotPool, type SlotPoolHandle, type SlotPoolOptions } from './pool/slot-pool.ts'
export { AdaptiveBatchSize, type AdaptiveBatchSizeOptions } from './processing/adaptive-batch-size.ts'
export { AggregateHandler } from './processing/aggregate-handler.ts'
export { BatchProcessor, type BatchProcessorOptions } from './processing/batch-processor.ts'
export type { BatchSize } from './processing/batch-size.ts'
export { type EventBatches, type EventBatchesOptions, eventBatches } from './processing/event-batches.ts'
export { EventPoller, type EventPollerOptions, type PollHandler, type PollState } from './processing/event-poller.ts'
export {
  type EventFailure,
  type EventResponse,
  type ExceptionHandler,
  ExceptionHandlerWrapper,
  fatalExceptionHandler,
  ignoreExceptionHandler,
  retryExceptionHandler,
} from './processing/exception-handler.ts'
export { PoisonSet, type PoisonSetHandle } from './processing/poison-set.ts'
export type { PoolWorker, PoolWorkerOptions } from './processing/pool-worker.ts'
export { EventPoisonedError, NoPoisonSetError, PromiseForbiddenError } from './processing/processing-errors.ts'
export type { ProcessorStats } from './processing/processor-stats.ts'
export { eventuallyGiveUpRewind, pausingRewind, RewindableError, type RewindStrategy, simpleRewind } from './processing/rewind.ts'
export { SequenceBarrier, type SequenceBarrierOptions, type WaitOptions } from './processing/sequence-barrier.ts'
export type { SequenceSource } from './processing/sequence-source.ts'
export { type AttachableRing, WorkPool, type WorkPoolHandle, type WorkPoolOptions } from './processing/work-pool.ts'
export type { EventReader, EventRing } from './ring/event-ring.ts'
export type { EventView } from './ring/event-view.ts'
export { ObjectRing, type ObjectRingOptions } from './ring/object-ring.ts'
export { observeRing, type RingObserver } from './ring/observe.ts'
export type { Publisher, PublisherOptions, ReadyOptions } from './ring/publisher.ts'
export type { SequencedRing } from './ring/sequenced-ring.ts'
export { StructRing, type StructRingHandle, type StructRingOptions } from './ring/struct-ring.ts'
export type { Consumer, ConsumerHandle } from './sequencer/consumer.ts'
export type { NextAsyncOptions, NextOptions, Producer } from './sequencer/producer.ts'
export type { Reclaimed } from './sequencer/reclaim.ts'
export type { RingOptions } from './sequencer/shape.ts'
export type { ConsumerStats, RingStats } from './sequencer/stats.ts'
export { SharedFlag, type SharedFlagHandle } from './sequences/shared-flag.ts'
export { SharedSequence } from './sequences/shared-sequence.ts'
export { type RunStepAsyncOptions, type RunStepOptions, runStep, runStepAsync } from './steps/run-step.ts'
