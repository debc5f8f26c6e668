import { type AnyEventHandler, type Clock, OptionError } from '@disruptorx/contracts'
import { systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import { checkRing, type EventRing } from '../ring/event-ring.ts'
import type { BatchSize } from './batch-size.ts'
import { type ExceptionHandler, fatalExceptionHandler } from './exception-handler.ts'
import type { PoisonSet } from './poison-set.ts'
import type { RewindStrategy } from './rewind.ts'
import type { SequenceSource } from './sequence-source.ts'

/** How a {@link BatchProcessor} is made. */
export interface BatchProcessorOptions<E> {
  readonly ring: EventRing<E>
  /** A consumer of that ring, or a worker of a pool over it, which nobody else uses. */
  readonly consumer: SequenceSource
  readonly handler: AnyEventHandler<E>
  /** The most events of one step, after which their slots are released: 1 to the ring's capacity. @default a quarter of the ring */
  readonly maxBatch?: number
  /** Chooses smaller batches than `maxBatch`. Costs two readings of the clock a batch. @default every batch is as large as it can be */
  readonly batchSize?: BatchSize
  /** Decides what becomes of errors of the handler. @default the first one ends the processor */
  readonly exceptionHandler?: ExceptionHandler<E>
  /** Lets the handler have a batch again by a {@link RewindableError}. @default that is an error like any other */
  readonly rewind?: RewindStrategy
  /** After so many milliseconds without an event the handler's `onTimeout` is called, and again each time they pass: 1 to 2^31 - 1. @default never */
  readonly timeoutMs?: number
  /** Measures `timeoutMs`, pauses before a rewind, and batches for `batchSize`. @default the platform's clock */
  readonly clock?: Clock
  /** Where poisoned events are marked: one set for all processors of the ring. @default events cannot be poisoned */
  readonly poisonSet?: PoisonSet
  /** Whether promises can settle on this thread: false where it blocks between steps, as {@link runStep} does. @default true */
  readonly canAwait?: boolean
}

/** What a processor works with once its options are checked. */
export interface ResolvedBatchProcessorOptions<E> {
  readonly maxBatch: number
  readonly exceptionHandler: ExceptionHandler<E>
  readonly timeoutMs: number
  readonly clock: Clock
  readonly canAwait: boolean
}

/** Checks options once and fills in the defaults. @throws {OptionError} */
export function resolveBatchProcessorOptions<E>(options: BatchProcessorOptions<E>): ResolvedBatchProcessorOptions<E> {
  const { ring, handler, poisonSet, timeoutMs, rewind, batchSize, exceptionHandler = fatalExceptionHandler } = options
  checkRing(ring)
  const { capacity } = ring
  if (!isHandler(handler)) throw new OptionError('handler', typeof handler, 'an object with either onEvent or onBatch')
  checkMethods('exceptionHandler', exceptionHandler, ['handleEventException', 'handleOnStartException', 'handleOnShutdownException'])
  if (rewind !== undefined) checkMethods('rewind', rewind, ['onRewind'])
  if (batchSize !== undefined) checkMethods('batchSize', batchSize, ['next', 'record'])
  if (poisonSet !== undefined && poisonSet.handle.capacity !== capacity)
    throw new OptionError('poisonSet', poisonSet.handle.capacity, `a set for the ring's capacity of ${capacity}`)
  return {
    maxBatch: wholeNumber('maxBatch', options.maxBatch ?? Math.max(1, capacity / 4), 1, capacity),
    exceptionHandler,
    timeoutMs: timeoutMs === undefined ? Infinity : wholeNumber('timeoutMs', timeoutMs, 1, 2 ** 31 - 1),
    clock: options.clock ?? systemClock,
    canAwait: options.canAwait ?? true,
  }
}

/** Whether a value is a handler of events or of batches: not both, which would leave open what it means. */
export function isHandler(value: unknown): value is AnyEventHandler<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { onEvent, onBatch } = value as Record<string, unknown>
  return typeof onEvent === 'function' ? onBatch === undefined : onEvent === undefined && typeof onBatch === 'function'
}

/** Checks early what is called late: a method that is missing would hide the error that it is called for. */
function checkMethods(option: string, value: object, methods: readonly string[]): void {
  const given = value as Readonly<Record<string, unknown>> | null
  for (const method of methods)
    if (typeof given?.[method] !== 'function') throw new OptionError(option, typeof value, `an object with ${methods.join(', ')}`)
}
