import type { AsyncWaitStrategy, Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { ComplianceError } from './compliance-error.ts'

/** One thing that a wait strategy has to do. */
export interface ComplianceCase {
  /** A sentence on what the strategy does. */
  readonly name: string
  /** Rejects with a {@link ComplianceError} where the strategy does not, and with what the strategy throws. */
  run(): Promise<void>
}

interface CommonOptions {
  /**
   * The limit that the strategy has by itself, in milliseconds: it may end a wait after that long, whatever the wait's own limit.
   *
   * @default Infinity
   */
  readonly ownLimitMs?: number
  /** Whether it measures time by a clock of its own, and not by the one it is made with: the cases that simulate time are left out then. @default false */
  readonly ownClock?: boolean
}

/** What the suite checks, and what it has to know about it. */
export interface ComplianceOptions extends CommonOptions {
  /**
   * Makes a new strategy that measures time by `clock`. One that looks very often before it sleeps needs few looks here: a wait that makes 200,000
   * calls counts as one that never ends, and what happens at the moment of going to sleep can only be tried with one that gets there.
   */
  readonly make: (clock: Clock) => WaitStrategy | Promise<WaitStrategy>
}

/** {@link ComplianceOptions} for a strategy of event loops. */
export interface AsyncComplianceOptions extends CommonOptions {
  /** As {@link ComplianceOptions.make}. */
  readonly make: (clock: Clock) => AsyncWaitStrategy | Promise<AsyncWaitStrategy>
}

/** A strategy of either sort, with what the suite has to know about it. */
export interface Subject {
  readonly blocking: boolean
  readonly ownLimitMs: number
  readonly ownClock: boolean
  make(clock?: Clock): Promise<Wait>
}

/** A call of a strategy. */
export type Wait = (sequence: Sequence, source: WaitSource, timeoutMs: number) => unknown

/** The subject that these options describe. */
export function subjectOf(options: ComplianceOptions): Subject {
  const { ownLimitMs = Infinity, ownClock = false } = options
  const make = async (clock: Clock = systemClock): Promise<Wait> => {
    const strategy = await options.make(clock)
    return (sequence, source, timeoutMs) => strategy.waitFor(sequence, source, timeoutMs)
  }
  return { blocking: true, ownLimitMs, ownClock, make }
}

/** The subject that these options describe. */
export function asyncSubjectOf(options: AsyncComplianceOptions): Subject {
  const { ownLimitMs = Infinity, ownClock = false } = options
  const make = async (clock: Clock = systemClock): Promise<Wait> => {
    const strategy = await options.make(clock)
    return (sequence, source, timeoutMs) => {
      const promise = strategy.waitForAsync(sequence, source, timeoutMs)
      if (typeof promise?.then !== 'function') throw new ComplianceError(`returned ${String(promise)}, not a promise`)
      return promise
    }
  }
  return { blocking: false, ownLimitMs, ownClock, make }
}
