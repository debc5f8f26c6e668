import type { AnyEventHandler, Step } from '@disruptorx/contracts'
import { AdaptiveBatchSize, type AdaptiveBatchSizeOptions } from '../processing/adaptive-batch-size.ts'
import { BatchProcessor } from '../processing/batch-processor.ts'
import type { ExceptionHandler } from '../processing/exception-handler.ts'
import type { PoisonSet } from '../processing/poison-set.ts'
import type { RewindStrategy } from '../processing/rewind.ts'
import type { SequenceSource } from '../processing/sequence-source.ts'
import type { EventRing } from '../ring/event-ring.ts'
import { createRewind, type RewindPolicy } from './rewind-policy.ts'
import type { ProcessorFigures } from './shared-stats.ts'

/** What a processor of your own gets. */
export interface EventProcessorParts<E> {
  readonly ring: EventRing<E>
  /** Where it is in the graph: what it may see, and what it has released. */
  readonly consumer: SequenceSource
  /** Whether promises can settle on its thread: false on a worker that blocks. */
  readonly canAwait: boolean
}

/** What a disruptor runs at a place of its graph: a {@link BatchProcessor}, or one of your own. All but `step` may be left out. */
export interface EventProcessor extends Step {
  /** Whether it does nothing any more. Then its consumer moves no further. */
  readonly ended?: boolean
  /** Whether its handler is being called right now. */
  readonly busy?: boolean
  /** What it has done, for monitoring. */
  readonly stats?: ProcessorFigures
  /** Called once before the first step. */
  start?(): void
  /** Nothing is to be handled after what is in hand. */
  halt?(): void
  /** Called once after the last step. */
  close?(): void
  /** Called instead of `close` where promises can settle: resolves when nothing of it is pending any more. */
  closeAsync?(): Promise<void>
}

/** Makes a processor of your own for a place of the graph. Algorithm: LMAX EventProcessorFactory. */
export interface EventProcessorFactory<E> {
  createEventProcessor(parts: EventProcessorParts<E>): EventProcessor
}

/** What a processor of a disruptor is made from, on whichever thread. */
export interface ProcessorParts<E> extends EventProcessorParts<E> {
  readonly handler: AnyEventHandler<E> | EventProcessorFactory<E>
  readonly exceptionHandler: ExceptionHandler<E>
  readonly rewind: RewindStrategy | RewindPolicy | undefined
  readonly maxBatch: number | undefined
  readonly batchSize: AdaptiveBatchSizeOptions | undefined
  readonly timeoutMs: number | undefined
  readonly poisonSet: PoisonSet | undefined
}

/** Whether a value makes processors. */
export function isProcessorFactory(value: unknown): value is EventProcessorFactory<unknown> {
  return typeof value === 'object' && value !== null && 'createEventProcessor' in value && typeof value.createEventProcessor === 'function'
}

/** Makes the processor of a handler. @throws {OptionError} @throws what a factory throws */
export function makeProcessor<E>(parts: ProcessorParts<E>): EventProcessor {
  const { ring, consumer, handler, exceptionHandler, canAwait, rewind, maxBatch, batchSize, timeoutMs, poisonSet } = parts
  if (isProcessorFactory(handler)) return handler.createEventProcessor({ ring, consumer, canAwait })
  return new BatchProcessor({
    ring,
    consumer,
    handler,
    exceptionHandler,
    canAwait,
    ...(rewind && { rewind: createRewind(rewind) }),
    ...(maxBatch !== undefined && { maxBatch }),
    ...(batchSize && { batchSize: new AdaptiveBatchSize(batchSize) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(poisonSet && { poisonSet }),
  })
}
