import { SeedError, SeededRandom, seeds } from '@disruptorx/testkit'
import type { Outcome } from './frames.ts'

/** A kind of cases, and what it is called. */
export interface Fuzz {
  readonly name: string
  readonly run: (random: SeededRandom) => Outcome
}

/** How many cases ended how. */
export type Tally = Readonly<Record<string, number>>

/**
 * Runs one case for each seed, of the kinds in turn, to the last: how many ran is for the caller to check.
 *
 * Refusals are most of what happens, and the trace of a stack is most of what they cost: there is none but in a case that fails, which is run once more.
 *
 * @throws {SeedError} for the first that fails
 */
export function runMany(kinds: readonly Fuzz[], count: number, first = 1): Tally {
  const outcomes: Record<string, number> = {}
  const { stackTraceLimit } = Error
  try {
    for (const seed of seeds(count, first)) {
      const fuzz = kinds[seed % kinds.length] as Fuzz
      Error.stackTraceLimit = 0
      try {
        const outcome = fuzz.run(new SeededRandom(seed))
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      } catch (error) {
        Error.stackTraceLimit = stackTraceLimit
        throw new SeedError(`fuzz of ${fuzz.name}`, seed, traced(() => fuzz.run(new SeededRandom(seed))) ?? error)
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  return outcomes
}

/** Cases that ran. */
export function sumOf(outcomes: Tally): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, 0)
}

/** Whether the environment names no seed. One that it names repeats one case: then there is nothing to say about how many ran, and ended how. */
export const isWhole = seeds(2).length === 2

/** What something throws. */
function traced(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
