import { nowNs, type Round } from './round.ts'

/** More than a producer could write in a round. */
const MOST_CHUNKS = 1_000_000

/** What a thread did in a round. */
export interface Played {
  /** Events that it wrote or read. */
  readonly events: number
  /** What the fields that it read add up to. Of consumers only. */
  readonly sum?: number
  /** How long a chunk took in the middle of all, while it was written. Of producers only. */
  readonly chunkNs?: number
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

/** Writes events: the hot half of a producer. */
export interface Writer {
  /** Writes so many events, numbered from 0: a multiple of 10 and 32. */
  write(events: number): void
  /** Makes visible what may still be hidden. */
  flush?(): void
  close?(): void
}

/** What a reader has to do, and what it has done. */
export interface Tally {
  /** How many events it shall have seen, or more. */
  until: number
  seen: number
  /** What the fields of the events add up to. */
  sum: number
}

/** Reads events: the hot half of a consumer. */
export interface Reader {
  /** Reads on until `tally` is reached. */
  read(tally: Tally): void
  close?(): void
}

/**
 * Calls a hot loop by way of a builtin, which the compiler does not look through. Otherwise it may put the loop into its caller, or may not, as
 * chance has it; and there, the loop's own calls can exceed what the compiler puts into one function, which makes it several times slower.
 */
export function callAlone<Argument>(argument: Argument, loop: (argument: Argument) => void, self: object): void {
  Array.from([argument], loop, self)
}

/** A producer: writes chunks until the time is over. */
export function producing(writer: Writer): Part {
  const times = new Float64Array(MOST_CHUNKS)
  return {
    play(round) {
      let chunks = 0
      for (; chunks < MOST_CHUNKS && round.announce(chunks); chunks++) {
        const startNs = nowNs()
        callAlone(round.chunk, writer.write, writer)
        times[chunks] = nowNs() - startNs
      }
      if (chunks === MOST_CHUNKS) throw new Error(`a round of more than ${MOST_CHUNKS} chunks`)
      writer.flush?.()
      return { events: chunks * round.chunk, chunkNs: percentile(times.subarray(0, chunks), 0.5) }
    },
    close: () => writer.close?.(),
  }
}

/** A consumer: reads everything that was announced. */
export function consuming(reader: Reader): Part {
  return {
    play(round) {
      const tally: Tally = { until: round.limit(0), seen: 0, sum: 0 }
      for (; tally.seen < tally.until; tally.until = round.limit(tally.seen)) callAlone(tally, reader.read, reader)
      return { events: tally.seen, sum: tally.sum }
    },
    close: () => reader.close?.(),
  }
}

/** The share of samples, 0 to 1, that are not above the result. Sorts the samples. */
export function percentile(samples: Float64Array, share: number): number {
  samples.sort()
  return samples[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN
}
