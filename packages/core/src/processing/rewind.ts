import { DisruptorError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'

/** A handler throws this to get its batch again from the start: from the first event that it has not released. Algorithm: LMAX RewindableException. */
export class RewindableError extends DisruptorError {
  constructor(reason: string, options?: ErrorOptions) {
    super('DX_REWINDABLE', `the handler asked for its batch again: ${reason}; give its processor a rewind strategy`, { reason }, options)
  }
}

/** Decides about a {@link RewindableError}. A processor without one takes it for any other error. */
export interface RewindStrategy {
  /**
   * How many milliseconds to wait before the batch is handed over again: from 0; or `throw`: the error goes to the exception handler.
   *
   * @param attempt how often this batch was thrown back, this time included: from 1
   */
  onRewind(error: RewindableError, attempt: number): number | 'throw'
}

/** Rewinds at once, however often. Algorithm: LMAX SimpleBatchRewindStrategy. */
export const simpleRewind: RewindStrategy = { onRewind: () => 0 }

/** Rewinds after a pause, however often, without blocking the thread. Algorithm: LMAX NanosecondPauseBatchRewindStrategy. @throws {OptionError} */
export function pausingRewind(pauseMs: number): RewindStrategy {
  if (!(pauseMs >= 0 && pauseMs <= MOST_PAUSE_MS)) throw new OptionError('pauseMs', pauseMs, `a number from 0 to ${MOST_PAUSE_MS}`)
  return { onRewind: () => pauseMs }
}

/** Rewinds as `strategy` says, but a batch that is thrown back for the `attempts`th time is an error. Algorithm: LMAX EventuallyGiveUpBatchRewindStrategy. @throws {OptionError} */
export function eventuallyGiveUpRewind(attempts: number, strategy: RewindStrategy = simpleRewind): RewindStrategy {
  const most = wholeNumber('attempts', attempts, 1, 1_000_000)
  return { onRewind: (error, attempt) => (attempt >= most ? 'throw' : strategy.onRewind(error, attempt)) }
}

/** The longest pause before a rewind, in milliseconds: what a timer can do. */
export const MOST_PAUSE_MS = 2 ** 31 - 1
