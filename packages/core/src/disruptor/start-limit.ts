import { isDisruptorError, TimeoutError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { later } from '../platform/event-loop.ts'
import type { StartOptions } from './options.ts'

/** The longest delay that a timer can have. */
const LONGEST_MS = 2 ** 31 - 1

/** Starts with a limit to the time that it may take. @throws {TimeoutError | OptionError} @throws what `start` throws */
export async function startWithin({ signal, timeoutMs }: StartOptions, start: (signal?: AbortSignal) => Promise<void>): Promise<void> {
  if (timeoutMs === undefined || timeoutMs === Infinity) return start(signal)
  const late = new TimeoutError('the start of the disruptor', wholeNumber('timeoutMs', timeoutMs, 0, LONGEST_MS))
  const limit = new AbortController()
  const cancel = later(timeoutMs, () => limit.abort(late))
  try {
    await start(AbortSignal.any(signal === undefined ? [limit.signal] : [signal, limit.signal]))
  } catch (error) {
    throw isDisruptorError(error, 'DX_ABORTED') && error.cause === late ? late : error
  } finally {
    cancel()
  }
}
