import { describe, expect, it } from 'vitest'
import { codeOf, DiskWorld, SECTOR, sectorsOf } from './disk-world.ts'

/** Worlds in which the next read meets a bad sector, on top of a file of two synced sectors of ones. */
function eachSeed(check: (world: DiskWorld, handle: number) => void): void {
  for (let seed = 1; seed <= 30; seed++) {
    const world = new DiskWorld(seed)
    const handle = world.makeStable()
    world.disk.faults.set({ badSectors: 1 })
    check(world, handle)
    expect(world.count('badSectors')).toBeGreaterThan(0)
  }
}

describe('a bad sector', () => {
  it('fails every read, after a crash too, until it is written again', () =>
    eachSeed((world, handle) => {
      expect(codeOf(() => world.read(handle))).toBe('EIO')
      world.disk.faults.clear()
      expect(codeOf(() => world.read(handle, 0, 2))).toBe('EIO')
      expect(sectorsOf(world.read(handle, 1))).toBe('1')
      world.crash()
      const again = world.open('d/f')
      expect(codeOf(() => world.read(again))).toBe('EIO')
      world.write(again, 3)
      expect(sectorsOf(world.read(again, 0, 2))).toBe('3 1')
    }))

  it('is healed by a write that reaches the platter, and by none that a crash takes', () =>
    eachSeed((world, handle) => {
      expect(codeOf(() => world.read(handle))).toBe('EIO')
      world.disk.faults.clear()
      world.disk.faults.set({ lostWrites: 1 })
      world.write(handle, 3)
      expect(sectorsOf(world.read(handle, 0, 2))).toBe('3 1')
      world.crash()
      const again = world.open('d/f')
      expect(codeOf(() => world.read(again))).toBe('EIO')
      world.write(again, 4)
      world.do('datasync', { handle: again })
      world.crash()
      expect(sectorsOf(world.read(world.open('d/f'), 0, 2))).toBe('4 1')
    }))

  it('stays one when a write there goes astray', () => {
    const world = new DiskWorld(1)
    const handle = world.makeStable()
    world.disk.spoil({ path: 'd/f', position: 0 })
    world.disk.faults.set({ misdirectedWrites: 1 })
    world.write(handle, 3)
    world.disk.faults.clear()
    world.do('datasync', { handle })
    expect(codeOf(() => world.read(handle))).toBe('EIO')
    world.disk.spoil({ path: 'd/f', position: SECTOR })
    world.disk.faults.set({ misdirectedWrites: 1 })
    world.write(handle, 4)
    world.disk.faults.clear()
    world.crash()
    const again = world.open('d/f')
    expect(codeOf(() => world.read(again))).toBe('EIO')
    expect(sectorsOf(world.read(again, 1))).toBe('4')
  })
})
