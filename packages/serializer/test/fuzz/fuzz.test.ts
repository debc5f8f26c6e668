import { expect, it } from 'vitest'
import { fuzzCodecs, fuzzLayouts } from './codecs.ts'
import { fuzzFrames } from './frames.ts'
import { isWhole, runMany, sumOf } from './many.ts'

const CASES = 10_000

it('a decoder survives 10,000 streams that are cut, damaged, forged or noise', () => {
  const outcomes = runMany([{ name: 'frames', run: fuzzFrames }], CASES)
  if (!isWhole) return
  expect(sumOf(outcomes)).toBe(CASES)
  expect(outcomes.read).toBeGreaterThan(2000)
  expect(Object.keys(outcomes).sort()).toEqual(['DX_FRAME_COMPRESSION', 'DX_FRAME_DATA', 'DX_FRAME_SIZE', 'DX_FRAME_VERSION', 'read'])
})

it('records of a hundred layouts survive 5,000 changes', () => {
  const outcomes = runMany([{ name: 'layouts', run: fuzzLayouts }], CASES / 2)
  if (!isWhole) return
  expect(sumOf(outcomes)).toBe(CASES / 2)
  expect(Object.keys(outcomes).sort()).toEqual(['DX_CODEC_DATA', 'read'])
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(1000)
})

it('codecs survive 10,000 values that are damaged, forged or noise', () => {
  const outcomes = runMany([{ name: 'codecs', run: fuzzCodecs }], CASES)
  if (!isWhole) return
  expect(sumOf(outcomes)).toBe(CASES)
  expect(outcomes.read).toBeGreaterThan(1000)
  expect(outcomes.DX_CODEC_DATA).toBeGreaterThan(3000)
})
