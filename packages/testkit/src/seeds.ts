import { DisruptorError, OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { environmentVariable } from './platform/environment.ts'
import { SeededRandom } from './seeded-random.ts'

const VARIABLE = 'DISRUPTORX_SEED'

/** A check failed with one seed. Code `DX_SEED`; the message says how to repeat it, `cause` is the failure itself. */
export class SeedError extends DisruptorError {
  constructor(name: string, seed: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super('DX_SEED', `${name} failed with seed ${seed}; repeat it with ${VARIABLE}=${seed}: ${reason}`, { name, seed }, { cause })
  }
}

/**
 * The seeds that a test runs with: the one that the environment variable `DISRUPTORX_SEED` names, else `count` (1 to 1,000,000) seeds
 * from `first` on, the same at every run.
 *
 * @throws {OptionError} also when the variable is not a seed
 */
export function seeds(count = 1, first = 1): readonly number[] {
  wholeNumber('count', count, 1, 1_000_000)
  wholeNumber('first', first, 0, Number.MAX_SAFE_INTEGER - count)
  const named = environmentVariable(VARIABLE)
  if (named === undefined || named === '') return Array.from({ length: count }, (_, i) => first + i)
  if (!/^\d{1,16}$/.test(named) || !Number.isSafeInteger(Number(named)))
    throw new OptionError(VARIABLE, named, `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  return [Number(named)]
}

/** Which seeds {@link withSeed} takes: the arguments of {@link seeds}. */
export interface WithSeedOptions {
  /** @default 1 */
  readonly count?: number
  /** @default 1 */
  readonly first?: number
}

/**
 * Runs a check once per seed, each time with a fresh source of chance, until one fails.
 *
 * @example
 * it('keeps its order', () => withSeed('order', random => check(random.below(100)), { count: 20 }))
 * @throws {SeedError} names the seed and how to repeat it
 */
export async function withSeed(
  name: string,
  check: (random: SeededRandom) => void | Promise<void>,
  options: WithSeedOptions = {},
): Promise<void> {
  for (const seed of seeds(options.count, options.first)) {
    try {
      await check(new SeededRandom(seed))
    } catch (error) {
      throw new SeedError(name, seed, error)
    }
  }
}
