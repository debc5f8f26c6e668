import type { Round } from './round.ts'

/** What a thread did in a round. */
export interface Played {
  /** Events that it wrote or read. */
  readonly events: number
  /** What the fields that it read add up to. Of consumers only. */
  readonly sum?: number
  /** What it measured, by the names of the results. */
  readonly figures?: Readonly<Record<string, number>>
}

/** What one thread of a case does. It stays alive from round to round, and so does its optimized code. */
export interface Part {
  /** It needs its event loop, also between rounds. @default false */
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

/** What a consumer has read of a round: at least as many events as it was asked to. */
export interface Tally {
  seen: number
  sum: number
}

/** A consumer: `consume(tally, events)` reads on until `tally` has seen `events`, or more. */
export function consuming(consume: (tally: Tally, events: number) => void): Part {
  return {
    play(round) {
      const tally: Tally = { seen: 0, sum: 0 }
      for (let limit = round.limit(0); tally.seen < limit; limit = round.limit(tally.seen)) consume(tally, limit)
      return { events: tally.seen, sum: tally.sum }
    },
  }
}

/** The share of samples, 0 to 1, that are not above the result. Sorts the samples. */
export function percentile(samples: Float64Array, share: number): number {
  samples.sort()
  return samples[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN
}
