import type { AsyncWaitStrategy, Clock, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'

/**
 * Strategies that are each wrong in one way; without a flaw, right: what the compliance suite must reject.
 */
interface Flaws {
  /** What a wait returns in place of what it found. */
  readonly result?: (available: Sequence, sequence: Sequence) => unknown
  readonly skipFirstLook?: boolean
  readonly neverRaise?: boolean
  readonly raiseOnce?: boolean
  /** Gives others time to move between its look and its flag. */
  readonly slowToRaise?: boolean
  readonly noLookAfterRaise?: boolean
  readonly noAlertAfterRaise?: boolean
  readonly neverAlerted?: boolean
  /** Raises it once more at the end. */
  readonly leaveFlagUp?: boolean
  readonly ignoreLimit?: boolean
  readonly sleepPastLimit?: boolean
  readonly acceptAnyLimit?: boolean
  readonly endEarlyMs?: number
  /** Takes a wake-up for a move. */
  readonly trustWakes?: boolean
  readonly allocate?: boolean
  /** Works for so many waits. */
  readonly waits?: number
}

/** What keeps allocations alive, so that the compiler cannot remove them. */
const kept: unknown[] = []

class Broken implements WaitStrategy {
  readonly #flaws: Flaws
  readonly #clock: Clock
  #waits = 0
  #raised = false

  constructor(flaws: Flaws, clock: Clock) {
    this.#flaws = flaws
    this.#clock = clock
  }

  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence {
    const flaws = this.#flaws
    if (++this.#waits > (flaws.waits ?? Infinity)) return -1
    if (flaws.allocate) kept[0] = { waits: this.#waits }
    if (!flaws.acceptAnyLimit && !(timeoutMs >= 0)) throw new RangeError(`limit ${timeoutMs}`)
    const available = this.#wait(sequence, source, this.#end(timeoutMs))
    source.parker.lower()
    if (flaws.leaveFlagUp) source.parker.raise()
    return (flaws.result === undefined ? available : flaws.result(available, sequence)) as Sequence
  }

  #wait(sequence: Sequence, source: WaitSource, end: number): Sequence {
    const flaws = this.#flaws
    let available = flaws.skipFirstLook ? -1 : source.available()
    while (available < sequence && (flaws.neverAlerted || !source.alerted())) {
      if (flaws.slowToRaise) for (let i = 0; i < 50_000; i++) source.alerted()
      if (!flaws.neverRaise && !(flaws.raiseOnce && this.#raised)) source.parker.raise()
      this.#raised = true
      if (!flaws.noLookAfterRaise) available = source.available()
      const left = end === Infinity ? Infinity : (end - this.#clock.monotonicNs()) / 1e6
      if (available >= sequence || left <= 0 || (!flaws.noAlertAfterRaise && !flaws.neverAlerted && source.alerted())) break
      source.parker.park(flaws.sleepPastLimit ? left * 2 : left)
      if (flaws.trustWakes) return sequence
      available = source.available()
    }
    return available
  }

  #end(timeoutMs: number): number {
    if (timeoutMs === Infinity || this.#flaws.ignoreLimit) return Infinity
    return this.#clock.monotonicNs() + (timeoutMs - (this.#flaws.endEarlyMs ?? 0)) * 1e6
  }
}

/** A strategy with these flaws; without any it is right. */
export function broken(flaws: Flaws): (clock: Clock) => WaitStrategy {
  return clock => new Broken(flaws, clock)
}

/** A strategy for event loops that calls `waitForAsync` of this. */
export function brokenAsync(waitForAsync: AsyncWaitStrategy['waitForAsync'] | (() => unknown)): () => AsyncWaitStrategy {
  return () => ({ waitForAsync: waitForAsync as AsyncWaitStrategy['waitForAsync'] })
}

/** Looks for ever and asks nothing. */
export const deafSpinner: WaitStrategy = {
  waitFor(sequence, source) {
    for (;;) {
      const available = source.available()
      if (available >= sequence) return available
    }
  },
}
