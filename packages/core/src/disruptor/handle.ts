import { type AnyEventHandler, OptionError } from '@disruptorx/contracts'
import { nonEmptyText, wholeNumber } from '@disruptorx/contracts/internal'
import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { AdaptiveBatchSize, type AdaptiveBatchSizeOptions } from '../processing/adaptive-batch-size.ts'
import { isHandler } from '../processing/batch-processor-options.ts'
import type { RewindStrategy } from '../processing/rewind.ts'
import { checkPolicy, type ExceptionPolicy } from './exception-policy.ts'
import { type EventProcessorFactory, isProcessorFactory } from './make-processor.ts'
import { checkRewind, isRewindStrategy, type RewindPolicy } from './rewind-policy.ts'
import type { ThreadHandler } from './thread-handler.ts'
import { checkWorkerWait } from './worker-wait.ts'

/** A handler for the event loop that the disruptor lives on, one for a worker, or what makes a processor of your own. */
export type AnyHandler<E> = AnyEventHandler<E> | ThreadHandler | EventProcessorFactory<E>

/** Marks what {@link handle} returns: a handler may have a field of any name. */
const CONFIGURED: unique symbol = Symbol.for('disruptorx.configured') as never

/** A handler, or a handler with options as {@link handle} makes it. */
export type HandlerLike<E> = AnyHandler<E> | ConfiguredHandler<E>

/** Options of one handler. All but the objects among them also do for handlers on workers. */
export interface HandlerOptions<E> {
  /** What others depend on, and what errors and `describe()` call it. @default its export, its class, or `handler`, with a number where that is taken */
  readonly name?: string
  /** The most events of one batch, after which their slots are released: 1 to the ring's capacity. @default a quarter of the ring */
  readonly maxBatch?: number
  /** Chooses smaller batches, by the time that they take. @default every batch is as large as it can be */
  readonly batchSize?: AdaptiveBatchSizeOptions
  /** What becomes of errors. @default what the disruptor's default is, which is `fatal` */
  readonly exceptionHandler?: ExceptionPolicy<E>
  /** Lets the handler have a batch again by a `RewindableError`. @default that is an error like any other */
  readonly rewind?: RewindStrategy | RewindPolicy
  /** After so many milliseconds without an event the handler's `onTimeout` is called, and again each time they pass: 1 to 2^31 - 1. @default as the wait strategy `timeoutBlocking` says, never with others */
  readonly timeoutMs?: number
  /** How its worker waits. For handlers on workers that block. @default the disruptor's */
  readonly waitStrategy?: WaitStrategyHandle
}

/** A handler with its options. */
export interface ConfiguredHandler<E> {
  readonly [CONFIGURED]: true
  readonly handler: AnyHandler<E>
  readonly options: HandlerOptions<E>
}

/**
 * Gives a handler options.
 *
 * @example disruptor.handleEventsWith(handle(new Journal(), { name: 'journal', maxBatch: 64 }))
 * @throws {OptionError}
 */
export function handle<E>(handler: AnyHandler<E>, options: HandlerOptions<E>): ConfiguredHandler<E> {
  checkHandler(handler)
  const { name, maxBatch, batchSize, exceptionHandler, rewind, timeoutMs, waitStrategy } = options
  if (name !== undefined) nonEmptyText('name', name)
  if (maxBatch !== undefined) wholeNumber('maxBatch', maxBatch, 1, 2 ** 26)
  if (timeoutMs !== undefined) wholeNumber('timeoutMs', timeoutMs, 1, 2 ** 31 - 1)
  if (batchSize !== undefined) new AdaptiveBatchSize(batchSize)
  if (exceptionHandler !== undefined) checkPolicy(exceptionHandler)
  if (rewind !== undefined) checkRewind(rewind)
  const onThread = isThreadHandler(handler)
  if (onThread && isRewindStrategy(rewind))
    throw new OptionError('rewind', 'an object with onRewind', 'one of { pauseMs, attempts } for a handler on a worker')
  if (waitStrategy !== undefined && !(onThread && !handler.eventLoop))
    throw new OptionError('waitStrategy', waitStrategy.kind, 'left out for a handler on an event loop, which never blocks')
  if (waitStrategy !== undefined) checkWorkerWait(waitStrategy)
  return { [CONFIGURED]: true, handler, options }
}

/** Takes a handler and its options apart. @throws {OptionError} it is no handler */
export function configured<E>(like: HandlerLike<E>): ConfiguredHandler<E> {
  if (typeof like === 'object' && like !== null && CONFIGURED in like) return like
  checkHandler(like)
  return { [CONFIGURED]: true, handler: like, options: {} }
}

/** Whether a handler has a thread of its own. */
export function isThreadHandler<E>(handler: AnyHandler<E>): handler is ThreadHandler {
  return 'startThread' in handler
}

function checkHandler<E>(handler: AnyHandler<E>): void {
  if (isHandler(handler) || isProcessorFactory(handler)) return
  if (typeof handler === 'object' && handler !== null && isThreadHandler(handler)) return
  const shown =
    typeof handler === 'object' && handler !== null ? `an object with ${Object.keys(handler).join(', ') || 'nothing'}` : typeof handler
  // Awaiting a group calls its then() with the functions of a promise.
  const hint = typeof handler === 'function' ? '; and handleEventsWith() and then() return no promise to await' : ''
  throw new OptionError('handler', shown, `an object with either onEvent or onBatch, or what workerHandler returns${hint}`)
}
