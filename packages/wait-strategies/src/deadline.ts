import { type Clock, OptionError } from '@disruptorx/contracts'

/**
 * The moment at which a wait that starts now has to end, in the clock's nanoseconds. The clock is not read for a wait without limit.
 *
 * @throws {OptionError} the limit is no number, or negative
 */
export function deadlineNs(timeoutMs: number, clock: Clock): number {
  if (timeoutMs === Infinity) return Infinity
  if (!(timeoutMs >= 0)) throw new OptionError('timeoutMs', timeoutMs, 'a number from 0, or Infinity')
  return clock.monotonicNs() + timeoutMs * 1e6
}

/** How many milliseconds are left until `endNs`; never negative. */
export function leftMs(endNs: number, clock: Clock): number {
  return endNs === Infinity ? Infinity : Math.max(0, (endNs - clock.monotonicNs()) / 1e6)
}
