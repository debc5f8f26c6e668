import { wholeNumber } from '@disruptorx/contracts/internal'

/** Bounds of a whole simulated run. */
export interface SimulationLimits {
  /** Events that a run may take: more is a failure. From 1. @default 20_000_000 */
  readonly maxEvents?: number
  /** Virtual time that a run may take, in milliseconds: more is a failure. From 1 to 104 days. @default 7 days */
  readonly maxSimulatedMs?: number
  /** Events that may wait at once: more is a failure. From 1. @default 1_000_000 */
  readonly maxQueued?: number
  /** The run is cut after so many events, which is no failure: how the shortest failing prefix is found. From 0. @default never */
  readonly stopAfterEvents?: number
}

/** Limits as they are used: all given. */
export type ResolvedLimits = Readonly<Required<SimulationLimits>>

const MOST = Number.MAX_SAFE_INTEGER
/** Nanoseconds are whole numbers of 53 bits: 104 days. */
const MOST_MS = Math.floor(MOST / 1e6)

/** Checks limits and fills in the defaults. @throws {OptionError} */
export function resolveLimits(limits: SimulationLimits = {}): ResolvedLimits {
  const { stopAfterEvents } = limits
  return {
    maxEvents: wholeNumber('maxEvents', limits.maxEvents ?? 20_000_000, 1, MOST),
    maxSimulatedMs: wholeNumber('maxSimulatedMs', limits.maxSimulatedMs ?? 7 * 24 * 3_600_000, 1, MOST_MS),
    maxQueued: wholeNumber('maxQueued', limits.maxQueued ?? 1_000_000, 1, MOST),
    stopAfterEvents: stopAfterEvents === undefined ? Number.POSITIVE_INFINITY : wholeNumber('stopAfterEvents', stopAfterEvents, 0, MOST),
  }
}
