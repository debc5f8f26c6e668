import { TooManyLogsError } from '../errors.ts'

/** Counts what all logs and their values take where the store keeps them, so that what does not fit is refused before it is taken. */
export class StateRoom {
  /** What they may take: without a bound in most stores. */
  readonly mostBytes: number
  #usedBytes: number

  constructor(mostBytes = Number.POSITIVE_INFINITY, usedBytes = 0) {
    this.mostBytes = mostBytes
    this.#usedBytes = usedBytes
  }

  /** Whether a change of a log may take so many bytes more; one that takes none always may. @throws {TooManyLogsError} */
  check(logId: number, moreBytes: number): void {
    if (moreBytes > 0 && this.#usedBytes + moreBytes > this.mostBytes) throw new TooManyLogsError(logId, this.mostBytes)
  }

  /** A change was taken. */
  add(moreBytes: number): void {
    this.#usedBytes += moreBytes
  }
}
