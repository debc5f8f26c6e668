import { describe, expect, it } from 'vitest'
import { Marks } from '../src/client/marks.ts'

describe('marks', () => {
  it('say which number is settled at each sequence, and never more', () => {
    const marks = new Marks(10)
    expect(marks.settle(1000)).toBe(10)
    marks.add(12, 5)
    marks.add(20, 9)
    expect(marks.settle(4)).toBe(10)
    expect(marks.settle(5)).toBe(12)
    expect(marks.settle(8)).toBe(12)
    expect(marks.settle(9)).toBe(20)
  })

  it('become later, never earlier, when there are more than it keeps', () => {
    const marks = new Marks(0)
    for (let n = 1; n <= 5000; n++) marks.add(n, n * 2)
    expect(marks.settle(4095 * 2)).toBe(4095)
    expect(marks.settle(4096 * 2)).toBe(4095)
    expect(marks.settle(4999 * 2)).toBe(4095)
    expect(marks.settle(5000 * 2)).toBe(5000)
  })
})
