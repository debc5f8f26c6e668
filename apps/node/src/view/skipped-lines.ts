import { count } from './format.ts'

/** From so many on, their number is said at the end. */
const MANY = 20

/** Reports lines that are no message: each by its number, because each may be an order that somebody misses. */
export class SkippedLines {
  readonly #say: (line: string) => void
  #found = 0

  /** `say` writes one line. */
  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Reports one. `line` from 1. */
  add(line: number, reason: string): void {
    this.#found++
    this.#say(`line ${count(line)} is not an order message, skipped: ${reason}`)
  }

  /** Says how many there were, where they are too many to count by eye. */
  finish(): void {
    if (this.#found >= MANY) this.#say(`${count(this.#found)} lines are not order messages and were skipped`)
  }
}
