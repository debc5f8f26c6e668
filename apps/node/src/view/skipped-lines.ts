import { count } from './format.ts'

/** So many are named one by one; the rest are counted. */
const NAMED = 20

/** Reports lines that are no message, without drowning all else. */
export class SkippedLines {
  readonly #say: (line: string) => void
  #found = 0

  /** `say` writes one line. */
  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Reports one, or counts it. `line` from 1. */
  add(line: number, reason: string): void {
    this.#found++
    if (this.#found <= NAMED) this.#say(`line ${count(line)} is not an order message, skipped: ${reason}`)
    else if (this.#found === NAMED + 1) this.#say('more lines are not order messages; they are counted')
  }

  /** Says how many there were, where not all were named. */
  finish(): void {
    if (this.#found > NAMED) this.#say(`${count(this.#found)} lines are not order messages and were skipped`)
  }
}
