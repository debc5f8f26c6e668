import { expect, it } from 'vitest'
import { fuzzCodecs, fuzzLayouts } from './codecs.ts'
import { fuzzFrames } from './frames.ts'
import { isWhole, runMany, sumOf } from './many.ts'

const CASES = 1_000_000
/** `npm test` begins at 1. */
const FIRST = 1_000_001
const kinds = [
  { name: 'frames', run: fuzzFrames },
  { name: 'codecs', run: fuzzCodecs },
  { name: 'layouts', run: fuzzLayouts },
]

it('decoders survive 10^6 cases', () => {
  const outcomes = runMany(kinds, CASES, FIRST)
  const cases = sumOf(outcomes)
  console.log(`${cases.toLocaleString('en-US')} cases, seeds from ${FIRST}:`, outcomes)
  expect(cases).toBe(isWhole ? CASES : 1)
})
