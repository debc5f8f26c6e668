import { seeds, withSeed } from '@disruptorx/testkit'
import { expect, it } from 'vitest'
import { fuzzCodecs } from './codecs.ts'
import { fuzzFrames } from './frames.ts'

/** How many cases ended how. */
async function tally(name: string, fuzz: typeof fuzzFrames, count: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  await withSeed(
    name,
    random => {
      const outcome = fuzz(random)
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    },
    { count },
  )
  return outcomes
}

/** A named seed repeats one case: then there is nothing to say about how often what happens. */
const isWhole = seeds(2).length === 2

it('a decoder survives 10,000 streams that are cut, damaged, forged or noise', async () => {
  const outcomes = await tally('fuzz of frames', fuzzFrames, 10_000)
  if (!isWhole) return
  expect(outcomes.read).toBeGreaterThan(2000)
  expect(Object.keys(outcomes).sort()).toEqual(['DX_FRAME_COMPRESSION', 'DX_FRAME_DATA', 'DX_FRAME_SIZE', 'DX_FRAME_VERSION', 'read'])
})

it('codecs survive 10,000 values that are damaged, forged or noise', async () => {
  const outcomes = await tally('fuzz of codecs', fuzzCodecs, 10_000)
  if (!isWhole) return
  expect(outcomes.read).toBeGreaterThan(1000)
  expect(outcomes.DX_CODEC_DATA).toBeGreaterThan(3000)
})
