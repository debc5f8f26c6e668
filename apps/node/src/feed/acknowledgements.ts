import type { ReplayPosition } from '../view/replay-progress.ts'

/** A power of two above the gate's window: an event's place is kept until it is durable. */
const PLACES = 8192

/** Remembers where in the source each event in flight comes from. */
export class Acknowledgements {
  readonly #lines = new Float64Array(PLACES)
  readonly #offsets = new Float64Array(PLACES)
  readonly #first: number
  readonly #start: ReplayPosition

  /** `resumed` is the number of the last event of earlier runs, `start` where it stands. */
  constructor(resumed: number, start: ReplayPosition) {
    this.#first = resumed + 1
    this.#start = start
  }

  // Hot: once per message. Guarded by benchmark `pipeline`.
  /** Notes where event `number` comes from. */
  note(number: number, line: number, offset: number): void {
    const place = number % PLACES
    this.#lines[place] = line
    this.#offsets[place] = offset
  }

  /** Where event `durable` comes from: the last one that the journal holds. */
  position(durable: number): ReplayPosition {
    if (durable < this.#first) return this.#start
    const place = durable % PLACES
    return { line: this.#lines[place] as number, offset: this.#offsets[place] as number }
  }
}
