import type { AnyEventHandler } from '@disruptorx/contracts'
import { AdaptiveBatchSize, type AdaptiveBatchSizeOptions } from '../processing/adaptive-batch-size.ts'
import { BatchProcessor } from '../processing/batch-processor.ts'
import type { ExceptionHandler } from '../processing/exception-handler.ts'
import type { PoisonSet } from '../processing/poison-set.ts'
import type { RewindStrategy } from '../processing/rewind.ts'
import type { SequenceSource } from '../processing/sequence-source.ts'
import type { EventRing } from '../ring/event-ring.ts'
import { createRewind, type RewindPolicy } from './rewind-policy.ts'

/** What a processor of a disruptor is made from, on whichever thread. */
export interface ProcessorParts<E> {
  readonly ring: EventRing<E>
  readonly consumer: SequenceSource
  readonly handler: AnyEventHandler<E>
  readonly exceptionHandler: ExceptionHandler<E>
  readonly rewind: RewindStrategy | RewindPolicy | undefined
  readonly maxBatch: number | undefined
  readonly batchSize: AdaptiveBatchSizeOptions | undefined
  readonly timeoutMs: number | undefined
  readonly poisonSet: PoisonSet | undefined
  readonly canAwait: boolean
}

/** Makes the processor of a handler. @throws {OptionError} */
export function makeProcessor<E>(parts: ProcessorParts<E>): BatchProcessor<E> {
  const { ring, consumer, handler, exceptionHandler, canAwait, rewind, maxBatch, batchSize, timeoutMs, poisonSet } = parts
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
