import { describe, expect, it } from 'vitest'
import { type DamageRange, FaultAtlas } from '../../src/disk/fault-atlas.ts'
import { codeOf, DiskWorld, SECTOR, sectorsOf } from './disk-world.ts'

const range = (node: string, position: number, fields: Partial<DamageRange> = {}): DamageRange => ({
  node,
  path: 'd/f',
  position,
  length: SECTOR,
  kind: 'bitRot',
  ...fields,
})

/** Copies of one thing lie at the same offset of every node. */
const bySector = (damageable: number) => new FaultAtlas({ damageable, keysOf: ({ position }) => [`sector ${position / SECTOR}`] })

describe('a fault atlas', () => {
  it('lets nothing be damaged when nothing may, and anything of a single node when all may', () => {
    const none = new FaultAtlas({ damageable: 0 })
    expect([none.mayDamage(range('a', 0)), none.mayLose('a')]).toEqual([false, false])
    const all = new FaultAtlas({ damageable: 1 })
    expect([all.mayDamage(range('a', 0)), all.mayDamage(range('a', SECTOR)), all.mayLose('a')]).toEqual([true, true, true])
  })

  it('keeps enough good copies of each thing, and lets each node be damaged somewhere', () => {
    const atlas = bySector(1)
    expect(atlas.mayDamage(range('a', 0))).toBe(true)
    expect(atlas.mayDamage(range('a', 0))).toBe(true)
    expect(atlas.mayDamage(range('b', 0))).toBe(false)
    expect(atlas.mayDamage(range('b', SECTOR))).toBe(true)
    expect([atlas.isDamaged('a', 'sector 0'), atlas.isDamaged('b', 'sector 0')]).toEqual([true, false])
  })

  it('takes all of a piece or nothing of it', () => {
    const atlas = new FaultAtlas({ damageable: 1, keysOf: ({ position }) => (position === 0 ? ['x'] : ['x', 'y']) })
    atlas.mayDamage(range('a', 0))
    expect(atlas.mayDamage(range('b', SECTOR))).toBe(false)
    expect(atlas.isDamaged('b', 'y')).toBe(false)
  })

  it('takes several pieces or none, and tells of those that are damaged', () => {
    const told: number[] = []
    const atlas = new FaultAtlas({
      damageable: 1,
      keysOf: ({ position }) => (position === 0 ? 'must-survive' : [`${position}`]),
      onDamage: ({ position }) => told.push(position),
    })
    expect(atlas.mayDamage(range('a', SECTOR), range('a', 0))).toBe(false)
    expect([atlas.isDamaged('a', `${SECTOR}`), told]).toEqual([false, []])
    expect(atlas.mayDamage(range('a', SECTOR), range('a', 2 * SECTOR))).toBe(true)
    expect([atlas.isDamaged('a', `${SECTOR}`), told]).toEqual([true, [SECTOR, 2 * SECTOR]])
  })

  it('lets a read go wrong once, but not where a copy must survive', () => {
    const told: string[] = []
    const atlas = new FaultAtlas({
      damageable: 0,
      keysOf: ({ position }) => (position < SECTOR ? 'must-survive' : ['x']),
      onDamage: ({ kind }) => told.push(kind),
    })
    const world = new DiskWorld(1, { atlas })
    const handle = world.makeStable()
    world.disk.faults.set({ bitFlips: 1 })
    expect([sectorsOf(world.read(handle, 0)), sectorsOf(world.read(handle, 1)), world.count('bitFlips')]).toEqual(['1', 'mixed', 1])
    expect([atlas.isDamaged('n', 'x'), sectorsOf(world.disk.content('d/f')), told]).toEqual([false, '1 1', ['bitFlips']])
  })

  it('protects what must survive, and cares for nothing that nobody will miss', () => {
    const atlas = new FaultAtlas({ damageable: 1, keysOf: ({ path }) => (path === 'd/vote' ? 'must-survive' : []) })
    expect(atlas.mayDamage(range('a', 0, { path: 'd/vote' }))).toBe(false)
    for (const node of ['a', 'b', 'c']) expect(atlas.mayDamage(range(node, 0, { path: 'd/spare' }))).toBe(true)
  })

  it('counts a node that lost everything in everything', () => {
    const atlas = bySector(2)
    expect(atlas.mayLose('a')).toBe(true)
    expect(atlas.mayDamage(range('b', 0))).toBe(true)
    expect(atlas.mayDamage(range('c', 0))).toBe(false)
    expect(atlas.mayLose('c')).toBe(false)
    expect(atlas.mayLose('b')).toBe(true)
    expect([atlas.mayLose('a'), atlas.mayLose('c')]).toEqual([true, false])
    expect(atlas.isDamaged('a', 'sector 9')).toBe(true)
  })

  it('forgets the damage of a node that is healed, of one thing or of all', () => {
    const atlas = bySector(1)
    atlas.mayDamage(range('a', 0))
    atlas.mayDamage(range('a', SECTOR))
    atlas.healed('a', 'sector 0')
    expect([atlas.mayDamage(range('b', 0)), atlas.mayDamage(range('b', SECTOR))]).toEqual([true, false])
    atlas.healed('a')
    expect(atlas.mayDamage(range('b', SECTOR))).toBe(true)
    atlas.healed('b')
    atlas.mayLose('c')
    expect(atlas.mayDamage(range('b', 0))).toBe(false)
    atlas.healed('c')
    expect(atlas.mayDamage(range('b', 0))).toBe(true)
  })

  it('is asked by every fault of a disk that damages, with node, path, place and kind', () => {
    const asked: DamageRange[] = []
    const atlas = new FaultAtlas({
      damageable: 1,
      keysOf: one => {
        asked.push(one)
        return 'must-survive'
      },
    })
    const world = new DiskWorld(1, { atlas })
    const handle = world.makeStable(4)
    world.disk.faults.set({ bitRot: 1, badSectors: 1, misdirectedWrites: 1, ignoredSyncs: 1, bitFlips: 1 })
    expect(sectorsOf(world.read(handle, 1))).toBe('1')
    world.write(handle, 2, 2)
    world.do('datasync', { handle })
    world.crash()
    expect(sectorsOf(world.disk.content('d/f'))).toBe('1 1 2 1')
    expect(asked.map(({ kind }) => kind)).toEqual(['badSectors', 'bitRot', 'bitFlips', 'misdirectedWrites', 'ignoredSyncs'])
    expect(asked[0]).toEqual({ node: 'n', path: 'd/f', position: SECTOR, length: SECTOR, kind: 'badSectors' })
    expect(asked[3]).toEqual({ node: 'n', path: 'd/f', position: 2 * SECTOR, length: SECTOR, kind: 'misdirectedWrites', isMeant: true })
    expect(asked[4]).toEqual({ node: 'n', path: 'd/f', position: 0, length: 4 * SECTOR, kind: 'ignoredSyncs', isMeant: true })
    expect(world.sim.coverage.counts()).toEqual({
      'disk.badSectors': 0,
      'disk.bitFlips': 0,
      'disk.bitRot': 0,
      'disk.ignoredSyncs': 0,
      'disk.misdirectedWrites': 0,
    })
  })

  it('is not asked for errors, and for what the disk keeps as it is', () => {
    const atlas = new FaultAtlas({ damageable: 0, keysOf: () => expect.unreachable('nobody asks') })
    const world = new DiskWorld(1, { atlas, faults: { writeErrors: 0.5, forgetfulSyncs: 0.5, shortReads: 0.5, coldReads: 1 } })
    for (let i = 0; i < 20; i++)
      codeOf(() => {
        const handle = world.open('d/f')
        world.write(handle, 1)
        world.read(handle)
        world.do('datasync', { handle })
      })
    expect(world.count('coldReads')).toBeGreaterThan(2)
    expect(world.count('forgetfulSyncs')).toBeGreaterThan(2)
  })
})
