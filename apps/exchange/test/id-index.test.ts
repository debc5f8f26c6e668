import { SeededRandom } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { hashOfId, IdIndex } from '../src/book/id-index.ts'

/** Ids that all hash to the same 32 bits: the hash starts as low ^ (high * constant). */
function collidingIds(count: number, target: number): number[] {
  const ids: number[] = []
  for (let high = 0; high < count; high++) ids.push(high * 4294967296 + ((target ^ Math.imul(high, 0x9e3779b1)) >>> 0))
  return ids
}

/** Runs random insertions, removals and searches over a set of ids beside a Map, and compares everything now and then. */
function torture(candidates: readonly number[], capacity: number, seed: number, steps: number): void {
  const random = new SeededRandom(seed)
  const slots = new Float64Array(candidates.length)
  const index = new IdIndex(capacity)
  const truth = new Map<number, number>()
  candidates.forEach((id, slot) => {
    slots[slot] = id
  })
  for (let step = 0; step < steps; step++) {
    const slot = random.below(candidates.length)
    const id = candidates[slot] ?? -1
    // Long phases of filling and emptying, so that clusters build up and break down.
    if (random.below(10) < ((step >> 9) & 1 ? 3 : 7)) {
      if (truth.size < capacity || truth.has(id)) {
        expect(index.insert(slots, id, slot), `seed ${seed} step ${step}`).toBe(!truth.has(id))
        truth.set(id, slot)
      }
    } else {
      expect(index.remove(slots, id), `seed ${seed} step ${step}`).toBe(truth.get(id) ?? -1)
      truth.delete(id)
    }
    expect(index.count).toBe(truth.size)
    if (step % 97 === 0) for (const candidate of candidates) expect(index.find(slots, candidate)).toBe(truth.get(candidate) ?? -1)
  }
}

describe('the index of ids', () => {
  it('survives ids that all collide', () => {
    const ids = collidingIds(200, 0xdeadbeef)
    expect(new Set(ids.map(hashOfId)).size).toBe(1)
    for (const seed of [1, 2, 3]) torture(ids, 150, seed, 4000)
  })

  it('survives clusters that wrap around the end of the table', () => {
    // A capacity of 64 has 128 places: homes 120 to 127, a dozen ids each.
    const ids: number[] = []
    for (let id = 0; ids.length < 96; id++) if ((hashOfId(id) & 127) >= 120) ids.push(id)
    for (const seed of [4, 5, 6]) torture(ids, 64, seed, 6000)
  })

  it('survives clusters that run into one another', () => {
    const ids: number[] = []
    for (let id = 2 ** 52; ids.length < 120; id++) if ((hashOfId(id) & 127) < 12) ids.push(id)
    for (const seed of [7, 8, 9]) torture(ids, 64, seed, 6000)
  })

  it('tells ids apart that share their lower 32 bits', () => {
    const ids = [5, 5 + 2 ** 32, 5 + 2 ** 33, 5 + 2 ** 52, Number.MAX_SAFE_INTEGER, 0]
    torture(ids, 6, 10, 2000)
  })

  it('keeps everything when it grows', () => {
    const ids = Float64Array.from({ length: 5000 }, (_, slot) => slot * 7919 * 65_537)
    const index = new IdIndex(16)
    for (let slot = 0, capacity = 16; slot < ids.length; slot++) {
      if (slot === capacity) {
        capacity *= 2
        index.grow(ids, capacity)
      }
      expect(index.insert(ids, ids[slot] ?? -1, slot)).toBe(true)
    }
    for (let slot = 0; slot < ids.length; slot++) expect(index.find(ids, ids[slot] ?? -1)).toBe(slot)
    expect(index.find(ids, 1)).toBe(-1)
  })

  it('spreads consecutive ids: no long way to any of them', () => {
    const used = new Set<number>()
    for (let id = 16_113_575; id < 16_113_575 + 4096; id++) used.add(hashOfId(id) & 8191)
    // 8,192 places and 4,096 balls leave 8,192 x (1 - e^-0.5) = 3,223 in use.
    expect(used.size).toBeGreaterThan(3100)
  })
})
