import { OptionError } from '@disruptorx/contracts'
import { eventuallyGiveUpRewind, pausingRewind, type RewindStrategy, simpleRewind } from '../processing/rewind.ts'

/** A rewind strategy as plain data, which crosses threads. */
export interface RewindPolicy {
  /** How long to wait before a batch is handed over again, in milliseconds: 0 to 2^31 - 1. @default 0 */
  readonly pauseMs?: number
  /** How often a batch may be thrown back before that is an error: 1 to 1,000,000. @default no limit */
  readonly attempts?: number
}

/** Whether a value is a strategy, which stays on its thread. */
export function isRewindStrategy(value: unknown): value is RewindStrategy {
  return typeof value === 'object' && value !== null && 'onRewind' in value
}

/** @throws {OptionError} */
export function checkRewind(rewind: RewindStrategy | RewindPolicy): void {
  if (typeof rewind !== 'object' || rewind === null) throw new OptionError('rewind', rewind, 'a rewind strategy, or { pauseMs, attempts }')
  createRewind(rewind)
}

/** The strategy of a policy. @throws {OptionError} */
export function createRewind(rewind: RewindStrategy | RewindPolicy): RewindStrategy {
  if (isRewindStrategy(rewind)) return rewind
  const { pauseMs, attempts } = rewind as RewindPolicy
  const strategy = pauseMs === undefined ? simpleRewind : pausingRewind(pauseMs)
  return attempts === undefined ? strategy : eventuallyGiveUpRewind(attempts, strategy)
}
