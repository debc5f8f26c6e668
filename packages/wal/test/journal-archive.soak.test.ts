import { seeds, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { compareWithModel } from './archive/model.ts'

const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)

describe('a journal and its archive, for long', () => {
  it('show what a model says', async () => {
    const end = performance.now() + budgetMs * 0.9
    const [first = 1] = seeds()
    let round = 0
    do await withSeed('archive', compareWithModel, { first: first + round++ })
    while (performance.now() < end)
    console.log(`${round} journals, from seed ${first}`)
    expect(round).toBeGreaterThan(0)
  })
})
