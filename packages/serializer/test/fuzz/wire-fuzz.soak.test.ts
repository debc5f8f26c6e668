import { SeedError, SeededRandom } from '@disruptorx/testkit'
import { expect, it } from 'vitest'
import { fuzzCodecs } from './codecs.ts'
import { fuzzFrames } from './frames.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000) * 0.9
const MOST_CASES = 1_000_000
/** Cases between two looks at the clock. */
const CASES = 500

it('decoders survive 10^6 cases, or as many as there is time for', { timeout: budgetMs + 60_000 }, () => {
  const end = performance.now() + budgetMs
  // `npm test` begins at 1.
  const first = 1_000_001
  let cases = 0
  for (; cases < MOST_CASES && performance.now() < end; cases += CASES) {
    for (let seed = first + cases; seed < first + cases + CASES; seed++) {
      try {
        if (seed % 2 === 0) fuzzFrames(new SeededRandom(seed))
        else fuzzCodecs(new SeededRandom(seed))
      } catch (error) {
        throw new SeedError(`fuzz of ${seed % 2 === 0 ? 'frames' : 'codecs'}`, seed, error)
      }
    }
  }
  console.log(`${cases.toLocaleString('en-US')} cases, seeds from ${first}`)
  expect(cases).toBeGreaterThan(0)
})
