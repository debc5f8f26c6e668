import type { Sequence } from '../brands.ts'

/** A place where one thread can sleep until another thread moves a sequence. */
export interface Parker {
  /** Announces that this thread is about to sleep. Everything must be looked at once more after this, before {@link park}. */
  raise(): void
  /** Takes the announcement back. */
  lower(): void
  /** Sleeps until woken or until the time is over, then takes the announcement back. Blocks the thread. */
  park(timeoutMs: number): void
  /** The same without blocking: for event loops. */
  parkAsync(timeoutMs: number): Promise<void>
}

/** What a thread waits for. */
export interface WaitSource {
  /** The highest sequence that may be used now. */
  available(): Sequence
  /** Whether the wait has to end at once, with whatever is available. */
  alerted(): boolean
  /** Where this thread sleeps. */
  readonly parker: Parker
}

/** How a thread waits. One object serves one thread. */
export interface WaitStrategy {
  /**
   * Waits until `source.available()` reaches `sequence`, the source is alerted, or `timeoutMs` is over.
   * Returns what is available then, which is lower than `sequence` in the last two cases. Allocates nothing.
   */
  waitFor(sequence: Sequence, source: WaitSource, timeoutMs: number): Sequence
}

/** How an event loop waits. */
export interface AsyncWaitStrategy {
  /** As {@link WaitStrategy.waitFor}, without blocking the thread. */
  waitForAsync(sequence: Sequence, source: WaitSource, timeoutMs: number): Promise<Sequence>
}
