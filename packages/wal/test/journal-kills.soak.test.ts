import { fileURLToPath } from 'node:url'
import { type SeededRandom, seeds, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { KilledJournal } from './kills/killed-journal.ts'

const threaded = fileURLToPath(new URL('./kills/threaded-life.ts', import.meta.url))
const stepped = fileURLToPath(new URL('./kills/stepped-life.ts', import.meta.url))
const budgetMs = Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000)
const opening = (random: SeededRandom) => [`${random.u32()}`, `${random.between(1, 60)}`]

describe('a journal whose process is killed with kill -9, for long', () => {
  it('has what it called durable', async () => {
    const end = performance.now() + budgetMs * 0.9
    const [first = 1] = seeds()
    let lives = 0
    let durable = 0
    for (let round = 0; performance.now() < end; round++)
      await withSeed(
        'kills',
        async random => {
          using dir = temporaryDirectory()
          const journal = new KilledJournal(dir)
          for (let life = 0; life < 20; life++, lives++) {
            const openings = Array.from({ length: random.below(3) }, () => opening(random))
            if (random.chance(0.2)) await journal.live(threaded, [`${random.u32()}`], random.between(2, 400))
            else if (random.chance(0.3)) await journal.live(stepped, [`${random.u32()}`, '0'], random.between(2, 400), openings)
            else await journal.live(stepped, [`${random.u32()}`, `${random.between(30, 3000)}`], 4000, openings)
          }
          durable += journal.durable
        },
        { first: first + round },
      )
    console.log(`${lives} lives, ${durable} changes that were called durable, from seed ${first}`)
    expect(durable).toBeGreaterThan(lives)
  })
})
