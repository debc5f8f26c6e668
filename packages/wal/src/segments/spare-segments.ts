/**
 * Prepares files for segments ahead of use, off the journal's thread: writing into a file that was written before costs half of
 * what growing one does.
 *
 * Everything in `dir` that ends in `.spare` belongs to it between `start` and `stop`. The journal calls it from its own thread;
 * no call but `stop` waits.
 */
export interface SpareSegments {
  /** Makes sure that they are for this journal. @throws {OptionError} they were set up for another one */
  checkFor(dir: string, segmentBytes: number): void
  /** Begins, once the directory is locked. Takes over the spare files that it finds there. */
  start(): void
  /** Number of a file `NUMBER.spare` that is ready, which is the caller's from now on; `undefined` when there is none. */
  take(): number | undefined
  /** Takes over a segment that no log needs, to be made a spare or removed. Called in the order of segments, without gaps. */
  retire(segment: number): void
  /** How many of the segments taken over, the last ones, are not gone yet. */
  readonly retiring: number
  /** The oldest of them, when the journal has to take it away itself, because nobody here does or it lags too far behind; else 0. */
  readonly overdue: number
  /** The journal took away the segment that {@link overdue} named. */
  retired(segment: number): void
  /** Spare files that lie ready. */
  readonly ready: number
  /** Ends: no file in `dir` is touched after this. */
  stop(): void
}
