import type { Sequence } from '../brands.ts'

/**
 * A place where one thread can sleep until another thread moves a sequence.
 *
 * The order is: {@link raise}, look at everything once more, {@link park}. Whoever moves a sequence after that look sees the announcement, so
 * no wake-up is lost. Each sleep needs its own announcement.
 */
export interface Parker {
  /** Announces that this thread is about to sleep. Everything must be looked at once more after this, before {@link park}. */
  raise(): void
  /** Takes the announcement back. */
  lower(): void
  /**
   * Sleeps until woken or until the time is over, then takes the announcement back. Blocks the thread. May end without cause: look again.
   *
   * @param timeoutMs how long at most, with a fraction: Infinity for no limit; no sleep unless above 0
   */
  park(timeoutMs: number): void
  /** The same without blocking: for event loops. */
  parkAsync(timeoutMs: number): Promise<void>
}

/** What a thread waits for. */
export interface WaitSource {
  /** The highest sequence that may be used now. */
  available(): Sequence
  /** Whether the wait has to end at once, with whatever is available. Whoever changes that also wakes the parker. */
  alerted(): boolean
  /** Where this thread sleeps. */
  readonly parker: Parker
}

/**
 * How a thread waits. One object serves one thread.
 *
 * Your own is checked against this contract by the suite of `@disruptorx/wait-strategies/compliance`.
 */
export interface WaitStrategy {
  /**
   * Waits until `source.available()` reaches `sequence`, the source is alerted, or `timeoutMs` is over; a strategy may have a limit of its own besides.
   * Returns what was available at its last look, which is lower than `sequence` in the last two cases, and leaves no announcement behind.
   * Allocates nothing.
   *
   * @param timeoutMs how long at most: from 0, which looks and does not wait, to Infinity
   * @throws {OptionError} it has to wait, and `timeoutMs` is no number, or negative
   */
  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence
}

/** How an event loop waits. */
export interface AsyncWaitStrategy {
  /** As {@link WaitStrategy.waitFor}, without blocking the thread. */
  waitForAsync(sequence: Sequence, source: WaitSource, timeoutMs: number): Promise<Sequence>
}
