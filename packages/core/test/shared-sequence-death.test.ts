import { SharedSequence } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { dieAt } from './ring-fixture.ts'

const HALF = 2 ** 31

describe('a sequence whose owner died while it passed a multiple of 2^31', () => {
  it.each(['set', 'raiseEpoch'] as const)('is known in full to the end of time once its next owner moves it by %s', move => {
    const memory = new SharedArrayBuffer(SharedSequence.BYTES)
    const dead = new SharedSequence(memory, 0, HALF - 1)
    // Between the low bits and the epoch.
    expect(dieAt(1, () => dead.set(HALF))).toBe(true)
    const next = new SharedSequence(memory, 0)
    expect(next.get()).toBe(HALF)
    if (move === 'set') next.set(HALF + 1)
    else next.raiseEpoch(HALF + 1)
    for (const sequence of [HALF + 2 ** 30, HALF + 2 ** 30 + 1, 2 * HALF - 1, 2 * HALF, 3 * HALF]) {
      next.set(sequence)
      expect([next.get(), new SharedSequence(memory, 0).get()]).toEqual([sequence, sequence])
    }
  })
})
