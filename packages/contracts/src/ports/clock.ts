/** Time, from outside. Nothing else in a package may read a clock. */
export interface Clock {
  /** Wall clock: milliseconds since 1970, with a fraction. May jump in either direction. */
  nowMs(): number
  /** Nanoseconds since a fixed moment of this machine's run, the same for all of its threads and processes. Never goes back. */
  monotonicNs(): number
}
