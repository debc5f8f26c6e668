import { withSeed } from '@disruptorx/testkit'
import { expect, it } from 'vitest'
import { Fifo } from '../src/link/fifo.ts'

it('a fifo gives what was added in order, however it is filled and emptied', () =>
  withSeed(
    'fifo',
    random => {
      const fifo = new Fifo<{ readonly n: number }>()
      const expected: { readonly n: number }[] = []
      for (let i = 0; i < 2_000; i++) {
        if (random.chance(i < 1_000 ? 0.7 : 0.3)) {
          const item = { n: i }
          fifo.add(item)
          expected.push(item)
        } else expect(fifo.take()).toBe(expected.shift())
        if (random.chance(0.001)) {
          fifo.clear()
          expected.length = 0
        }
        expect([fifo.length, fifo.first]).toEqual([expected.length, expected[0]])
      }
    },
    { count: 20 },
  ))

it('a fifo of many costs no more for each than one of few', () => {
  const fifo = new Fifo<object>()
  const count = 1_000_000
  const item = {}
  for (let i = 0; i < count; i++) fifo.add(item)
  let taken = 0
  // With an array, minutes: a hang.
  while (fifo.take() !== undefined) taken++
  expect([taken, fifo.length, fifo.first]).toEqual([count, 0, undefined])
})
