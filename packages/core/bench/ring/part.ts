import { nowNs, type Round } from './round.ts'

/** More than a producer could write in a round. */
const MOST_CHUNKS = 1_000_000

/** What a thread did in a round. */
export interface Played {
  /** Events that it wrote or read. */
  readonly events: number
  /** What the fields that it read add up to. Of consumers only. */
  readonly sum?: number
  /** How long it took to write a chunk: a fifth of the chunks took no longer. Of producers only. */
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

/** What a reader found in one call. */
export interface Tally {
  /** Events. */
  seen: number
  /** What their fields add up to. */
  sum: number
}

/** Reads events: the hot half of a consumer. */
export interface Reader {
  /** Of the last call of `read`. */
  readonly tally: Tally
  /** Reads so many events, or more. */
  read(events: number): void
  close?(): void
}

/**
 * Makes a function that calls a hot loop by way of a builtin, which the compiler does not look through and which allocates nothing. Otherwise it may put the
 * loop into its caller, or may not, as chance has it; and there, the loop's own calls can exceed what the compiler puts into one function, which makes it several
 * times slower.
 *
 * The loop is called for nothing at first. If it is replaced by compiled code during its first call, V8 has not seen how it ends, and may then leave and enter
 * that code at every call, for good.
 */
export function alone(loop: (events: number) => void): (events: number) => void {
  const argument = new Int32Array(1)
  const call = (events: number) => {
    argument[0] = events
    argument.some(loop)
  }
  for (let times = 0; times < 100; times++) call(0)
  return call
}

/** A producer: writes chunks until the time is over. */
export function producing(writer: Writer): Part {
  const times = new Float64Array(MOST_CHUNKS)
  const write = alone(writer.write)
  return {
    play(round) {
      let chunks = 0
      for (; chunks < MOST_CHUNKS && round.announce(chunks); chunks++) {
        const startNs = nowNs()
        write(round.chunk)
        times[chunks] = nowNs() - startNs
      }
      if (chunks === MOST_CHUNKS) throw new Error(`a round of more than ${MOST_CHUNKS} chunks`)
      writer.flush?.()
      return { events: chunks * round.chunk, chunkNs: percentile(times.subarray(0, chunks), 0.2) }
    },
    close: () => writer.close?.(),
  }
}

/** A consumer: reads everything that was announced. */
export function consuming(reader: Reader): Part {
  const { tally } = reader
  const read = alone(reader.read)
  return {
    play(round) {
      let events = 0
      let sum = 0
      for (let limit = round.limit(0); events < limit; limit = round.limit(events)) {
        read(limit - events)
        events += tally.seen
        sum += tally.sum
      }
      return { events, sum }
    },
    close: () => reader.close?.(),
  }
}

/** The share of samples, 0 to 1, that are not above the result. Sorts the samples. */
export function percentile(samples: Float64Array, share: number): number {
  samples.sort()
  return samples[Math.max(0, Math.ceil(samples.length * share) - 1)] ?? Number.NaN
}
