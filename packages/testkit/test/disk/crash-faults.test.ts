import { describe, expect, it } from 'vitest'
import type { DiskFaultRates } from '../../src/disk/disk-faults.ts'
import { DiskWorld, sectorsOf } from './disk-world.ts'

/** What became of `d/f` after a crash, over many seeds, and how often each fault fired. */
function outcomes(faults: Partial<DiskFaultRates>, prepare: (world: DiskWorld) => void, path = 'd/f') {
  const seen = new Set<string | undefined>()
  const fired = { lostWrites: 0, reorderedWrites: 0, tornSectors: 0, lostEntries: 0 }
  for (let seed = 0; seed < 200; seed++) {
    const world = new DiskWorld(seed, { faults })
    prepare(world)
    world.crash()
    seen.add(sectorsOf(world.disk.content(path)))
    for (const kind of Object.keys(fired) as (keyof typeof fired)[]) fired[kind] += world.count(kind)
  }
  return { seen: [...seen].sort(), fired }
}

/** Sectors 0, 1, 2 are rewritten one after the other, unsynced. */
const rewrite = (world: DiskWorld) => {
  const handle = world.makeStable(3)
  for (const sector of [0, 1, 2]) world.write(handle, 2, sector)
}

describe('a crash', () => {
  it('loses nothing while its faults are off', () => {
    const { seen, fired } = outcomes({}, rewrite)
    expect(seen).toEqual(['2 2 2'])
    expect(fired).toEqual({ lostWrites: 0, reorderedWrites: 0, tornSectors: 0, lostEntries: 0 })
    const name = outcomes({ lostWrites: 1, tornSectors: 1, reorderedWrites: 1 }, world => void world.open('d/f'))
    expect([name.seen, name.fired.lostEntries]).toEqual([[''], 0])
  })

  it('with lost writes keeps the first ones and loses the rest, never what was synced', () => {
    const { seen, fired } = outcomes({ lostWrites: 1 }, rewrite)
    expect(seen).toEqual(['1 1 1', '2 1 1', '2 2 1'])
    expect(fired).toEqual({ lostWrites: 200, reorderedWrites: 0, tornSectors: 0, lostEntries: 0 })
    const some = outcomes({ lostWrites: 0.5 }, rewrite)
    expect(some.seen).toEqual(['1 1 1', '2 1 1', '2 2 1', '2 2 2'])
    expect(some.fired.lostWrites).toBeGreaterThan(70)
    expect(some.fired.lostWrites).toBeLessThan(130)
  })

  it('with lost writes loses growth too, and the bytes with it', () => {
    const { seen } = outcomes({ lostWrites: 1 }, world => void world.write(world.makeStable(1), 2, 1))
    expect(seen).toEqual(['1'])
  })

  it('with reordered writes keeps any of them', () => {
    const { seen, fired } = outcomes({ lostWrites: 1, reorderedWrites: 1 }, rewrite)
    expect(seen).toHaveLength(8)
    expect(fired.reorderedWrites).toBeGreaterThan(50)
    expect(outcomes({ reorderedWrites: 1 }, rewrite).seen).toEqual(['2 2 2'])
  })

  it('with torn sectors mixes what was and what was written, in unsynced sectors only', () => {
    const { seen, fired } = outcomes({ tornSectors: 1 }, world => {
      const handle = world.makeStable(2)
      world.write(handle, 2, 1)
    })
    expect(seen).toEqual(['1 2', '1 mixed'])
    expect(fired.tornSectors).toBeGreaterThan(50)
    const synced = outcomes({ tornSectors: 1, lostWrites: 1, reorderedWrites: 1 }, world => void world.makeStable(2))
    expect(synced.seen).toEqual(['1 1'])
    expect(synced.fired.tornSectors).toBe(0)
  })

  it('with lost entries loses creations, renames and removals that were not synced, from some one on', () => {
    const faults = { lostEntries: 1 }
    const created = outcomes(faults, world => void world.do('datasync', { handle: world.open('d/f') }))
    expect([created.seen, created.fired.lostEntries]).toEqual([[undefined], 200])
    const renamed = (world: DiskWorld) => {
      world.makeStable(1)
      world.do('rename', { path: 'd/f', target: 'd/g' })
      world.do('remove', { path: 'd/g' })
    }
    expect(outcomes(faults, renamed, 'd/f').seen).toEqual(['1', undefined])
    expect(outcomes(faults, renamed, 'd/g').seen).toEqual(['1', undefined])
    expect(outcomes(faults, world => void world.makeStable(1)).seen).toEqual(['1'])
  })

  it('with lost entries loses new directories whose parent was not synced, and what is in them', () => {
    const make = (sync: boolean) => (world: DiskWorld) => {
      world.do('make-directory', { path: 'a/d' })
      if (sync) for (const path of ['.', 'a']) world.do('sync-directory', { path })
      world.makeStable(1, 'a/d/f')
      world.do('sync-directory', { path: 'a/d' })
    }
    expect(outcomes({ lostEntries: 1 }, make(true), 'a/d/f').seen).toEqual(['1'])
    expect(outcomes({ lostEntries: 1 }, make(false), 'a/d/f').seen).toEqual([undefined])
    expect(outcomes({}, make(false), 'a/d/f').seen).toEqual(['1'])
  })
})
