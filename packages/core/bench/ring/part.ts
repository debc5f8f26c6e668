import type { Round } from './round.ts'

/** What a thread did in a round. */
export interface Played {
  /** Events that it wrote or read. */
  readonly events: number
  /** What the fields that it read add up to. Of consumers only. */
  readonly sum?: number
  /** What it measured, one by one. */
  readonly samples?: Float64Array
}

/** What one thread of a case does. It stays alive from round to round, and so does its optimized code. */
export interface Part {
  /** It needs its event loop, also between rounds. */
  readonly async?: boolean
  play(round: Round): Played | Promise<Played>
  close?(): void
}

/** A producer: `produce(events)` writes a chunk, numbered from 0. `flush` makes visible what may still be hidden at the end of a round. */
export function producing(produce: (events: number) => void, flush: () => void = () => {}): Part {
  return {
    play(round) {
      let chunks = 0
      for (; round.announce(chunks); chunks++) produce(round.chunk)
      flush()
      return { events: chunks * round.chunk }
    },
  }
}

/** A consumer: `consume(events)` reads at least so many events, and returns their number. `sum` is asked for, and set to zero, after a round. */
export function consuming(consume: (events: number) => number, sum: () => number): Part {
  return {
    play(round) {
      let seen = 0
      for (let limit = round.limit(seen); seen < limit; limit = round.limit(seen)) seen += consume(limit - seen)
      return { events: seen, sum: sum() }
    },
  }
}
