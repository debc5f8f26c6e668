/** Marks kept at a time; beyond it the newest two become one, which only makes an answer later. */
const MAX_MARKS = 4096

/**
 * Translates progress on the ring into progress of one client: each mark says "number n is settled when sequence s is".
 */
export class Marks {
  readonly #numbers = new Float64Array(MAX_MARKS)
  readonly #sequences = new Float64Array(MAX_MARKS)
  #head = 0
  #tail = 0
  #settled: number

  constructor(settled: number) {
    this.#settled = settled
  }

  /** Notes that the client's numbers up to `number` are settled when the ring's `sequence` is. Both never go back. */
  add(number: number, sequence: number): void {
    const full = this.#tail - this.#head === MAX_MARKS
    const at = (full ? this.#tail - 1 : this.#tail++) % MAX_MARKS
    this.#numbers[at] = number
    this.#sequences[at] = sequence
  }

  /** The highest number settled once `sequence` is. */
  settle(sequence: number): number {
    while (this.#head < this.#tail && (this.#sequences[this.#head % MAX_MARKS] as number) <= sequence)
      this.#settled = this.#numbers[this.#head++ % MAX_MARKS] as number
    return this.#settled
  }
}
