import { fileURLToPath } from 'node:url'
import { type SeededRandom, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { KilledJournal } from './kills/killed-journal.ts'

const threaded = fileURLToPath(new URL('./kills/threaded-life.ts', import.meta.url))
const stepped = fileURLToPath(new URL('./kills/stepped-life.ts', import.meta.url))

/** Arguments of a life that kills itself while it opens the journal. */
const opening = (random: SeededRandom) => [`${random.u32()}`, `${random.between(1, 60)}`]

describe('a journal whose process is killed with kill -9, again and again', () => {
  it(
    'at any request to the file system, has what it called durable: entries, cuts, values, over segments that come and go',
    () =>
      withSeed(
        'kills at requests',
        async random => {
          using dir = temporaryDirectory()
          const journal = new KilledJournal(dir)
          for (let life = 0; life < 5; life++) {
            const openings = Array.from({ length: random.below(3) }, () => opening(random))
            await journal.live(stepped, [`${random.u32()}`, `${random.between(30, 800)}`], 2000, openings)
          }
          expect(journal.fruitful).toBeGreaterThan(2)
          expect(journal.oldestSegment).toBeGreaterThan(5)
        },
        { count: 2 },
      ),
    120_000,
  )

  it(
    'from outside, at any moment, has what it called durable',
    () =>
      withSeed('kills from outside', async random => {
        using dir = temporaryDirectory()
        const journal = new KilledJournal(dir)
        for (let life = 0; life < 5; life++)
          await journal.live(stepped, [`${random.u32()}`, '0'], random.between(2, 150), [opening(random)])
        expect(journal.fruitful).toBeGreaterThan(3)
      }),
    120_000,
  )

  it(
    'on a thread of its own, has what it called durable',
    () =>
      withSeed('kills of threads', async random => {
        using dir = temporaryDirectory()
        const journal = new KilledJournal(dir)
        for (let life = 0; life < 4; life++) await journal.live(threaded, [`${random.u32()}`], random.between(2, 100))
        expect(journal.fruitful).toBeGreaterThan(2)
      }),
    120_000,
  )
})
