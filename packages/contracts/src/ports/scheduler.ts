/** A bounded piece of a thread's work. Every thread body of DisruptorX is one of these, over ports only. */
export interface Step {
  /**
   * Takes what its rings and timers hold, does a bounded amount, and says when it wants to be called again:
   * 0 at once (there was work), a number of milliseconds, or `Infinity` for "when somebody wakes me".
   */
  step(): number
}

/** Calls something later. A worker, an event loop and the simulation each have their own. */
export interface Scheduler {
  /** Calls `task` once after `delayMs`; the result cancels it and may be called twice. */
  schedule(delayMs: number, task: () => void): () => void
}
