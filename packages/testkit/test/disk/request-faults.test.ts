import { describe, expect, it } from 'vitest'
import { type DiskFaultKind, diskFaultKinds } from '../../src/disk/disk-faults.ts'
import { SimulatedDisk } from '../../src/disk/simulated-disk.ts'
import { withSeed } from '../../src/seeds.ts'
import { codeOf, DiskWorld, differingBits, doAnything, SECTOR, sectorsOf } from './disk-world.ts'

/** A world with one fault that always happens, on top of a file of two synced sectors of ones. */
function worldWith(kind: DiskFaultKind, seed = 1): { world: DiskWorld; handle: number } {
  const world = new DiskWorld(seed)
  const handle = world.makeStable()
  world.disk.faults.set({ [kind]: 1 })
  return { world, handle }
}

/** The same for each of several seeds. */
function eachSeed(kind: DiskFaultKind, check: (world: DiskWorld, handle: number) => void): void {
  for (let seed = 1; seed <= 30; seed++) {
    const { world, handle } = worldWith(kind, seed)
    check(world, handle)
    expect(world.count(kind), `how often ${kind} fired`).toBeGreaterThan(0)
  }
}

describe('a disk without faults', () => {
  it('meets none, whatever is asked of it', () =>
    withSeed(
      'no faults',
      random => {
        const world = new DiskWorld(random.u32())
        doAnything(world, random, 400)
        expect(world.sim.coverage.counts()).toEqual({})
      },
      { count: 10 },
    ))

  it.each(diskFaultKinds)('meets no %s when all other faults are on', kind =>
    withSeed(
      'all but one',
      random => {
        const rates = Object.fromEntries(diskFaultKinds.map(one => [one, one === kind ? 0 : 0.05]))
        const world = new DiskWorld(random.u32(), { faults: rates })
        doAnything(world, random, 400)
        expect(world.count(kind)).toBe(0)
        expect(Object.keys(world.sim.coverage.counts()).length).toBeGreaterThan(8)
      },
      { count: 3 },
    ),
  )

  it('does the same twice for one seed, with every fault', () =>
    withSeed(
      'twice',
      random => {
        const [seed, what] = [random.u32(), random.u32()]
        const run = () => {
          const world = new DiskWorld(seed, { faults: Object.fromEntries(diskFaultKinds.map(kind => [kind, 0.05])) })
          const reads = doAnything(world, random.derive(what), 400)
          return { reads, counts: world.sim.coverage.counts(), paths: world.disk.paths() }
        }
        expect(run()).toEqual(run())
      },
      { count: 5 },
    ))
})

describe('the fault', () => {
  it('readErrors fails a read, once', () =>
    eachSeed('readErrors', (world, handle) => {
      expect(codeOf(() => world.read(handle))).toBe('EIO')
      world.disk.faults.clear()
      expect(sectorsOf(world.read(handle))).toBe('1')
    }))

  it('bitFlips shows one wrong bit, once', () =>
    eachSeed('bitFlips', (world, handle) => {
      const wrong = world.read(handle, 0, 2)
      world.disk.faults.clear()
      expect(differingBits(wrong, world.read(handle, 0, 2))).toBe(1)
    }))

  it('bitRot turns a bit over for good, of what is on the platter only', () =>
    eachSeed('bitRot', (world, handle) => {
      world.read(handle, 0, 2)
      world.disk.faults.clear()
      const rotten = world.read(handle, 0, 2).slice()
      expect(differingBits(rotten, new Uint8Array(2 * SECTOR).fill(1))).toBe(1)
      world.crash()
      expect(world.disk.content('d/f')).toEqual(rotten)
      world.write(world.open('d/f'), 2)
      world.disk.faults.set({ bitRot: 1 })
      expect(sectorsOf(world.read(world.open('d/f')))).toBe('2')
    }))

  it('shortReads returns fewer bytes than there are, and at least one', () =>
    eachSeed('shortReads', (world, handle) => {
      const read = world.read(handle, 0, 2)
      expect(read.length).toBeGreaterThan(0)
      expect(read.length).toBeLessThan(2 * SECTOR)
    }))

  it('coldReads shows the platter, where a failed sync left something out', () => {
    let lost = 0
    eachSeed('coldReads', (world, handle) => {
      world.write(handle, 2, 0, 2)
      expect(sectorsOf(world.read(handle, 0, 2))).toBe('2 2')
      world.disk.faults.set({ forgetfulSyncs: 1 })
      expect(codeOf(() => world.do('datasync', { handle }))).toBe('EIO')
      if (sectorsOf(world.read(handle, 0, 2)) !== '2 2') lost++
    })
    expect(lost).toBeGreaterThan(10)
  })

  it.each([
    ['writeErrors', 'EIO'],
    ['noSpace', 'ENOSPC'],
  ] as const)('%s fails a write with %s, some of it done', (kind, code) => {
    const taken = new Set<number | undefined>()
    eachSeed(kind, (world, handle) => {
      expect(codeOf(() => world.write(handle, 2, 0, 2))).toBe(code)
      taken.add(world.disk.content('d/f')?.lastIndexOf(2))
    })
    expect(taken.size).toBeGreaterThan(10)
  })

  it('shortWrites takes fewer bytes than given, and at least one', () =>
    eachSeed('shortWrites', (world, handle) => {
      const taken = world.write(handle, 2, 0, 2)
      expect(taken).toBeGreaterThan(0)
      expect(taken).toBeLessThan(2 * SECTOR)
      expect(world.disk.content('d/f')?.lastIndexOf(2)).toBe(taken - 1)
    }))

  it('misdirectedWrites puts a write somewhere else, and nobody knows until the cache has dropped it', () => {
    const seen = new Set<string | undefined>()
    eachSeed('misdirectedWrites', (world, handle) => {
      world.disk.faults.clear()
      world.makeStable(4, 'd/other')
      world.disk.faults.set({ misdirectedWrites: 1 })
      world.write(handle, 2)
      expect(sectorsOf(world.read(handle, 0, 2))).toBe('2 1')
      world.do('datasync', { handle })
      world.disk.faults.clear()
      world.crash()
      const after = `${sectorsOf(world.disk.content('d/f'))} | ${sectorsOf(world.disk.content('d/other'))}`
      expect(after.split(' ').filter(value => value === '2')).toHaveLength(world.count('misdirectedWrites'))
      expect(after.startsWith('2')).toBe(false)
      seen.add(after)
    })
    expect(seen.size).toBe(5)
  })

  it('syncErrors fails a sync and forgets nothing: the next one does all of it', () =>
    eachSeed('syncErrors', (world, handle) => {
      world.write(handle, 2, 0, 2)
      const named = world.open('d/new')
      expect(codeOf(() => world.do('datasync', { handle }))).toBe('EIO')
      expect(codeOf(() => world.do('sync-directory', { path: 'd' }))).toBe('EIO')
      world.disk.faults.clear()
      world.do('datasync', { handle })
      world.do('datasync', { handle: named })
      world.do('sync-directory', { path: 'd' })
      world.disk.faults.set({ lostWrites: 1, lostEntries: 1, reorderedWrites: 1 })
      world.crash()
      expect([sectorsOf(world.disk.content('d/f')), sectorsOf(world.disk.content('d/new'))]).toEqual(['2 2', ''])
    }))

  it('forgetfulSyncs fails a sync once and then lies: the next one succeeds, and something is lost all the same', () => {
    const seen = new Set<string | undefined>()
    eachSeed('forgetfulSyncs', (world, handle) => {
      world.write(handle, 2, 0, 2)
      expect(codeOf(() => world.do('datasync', { handle }))).toBe('EIO')
      world.disk.faults.clear()
      world.do('datasync', { handle })
      expect(sectorsOf(world.read(handle, 0, 2))).toBe('2 2')
      world.disk.faults.set({ lostWrites: 1, reorderedWrites: 1 })
      world.crash()
      seen.add(sectorsOf(world.disk.content('d/f')))
    })
    expect([...seen].sort()).toEqual(['1 1', '1 2', '2 1', '2 2'])
  })

  it('forgetfulSyncs counts on the disk where it fired, beside the coverage of all disks', () => {
    const { world, handle } = worldWith('forgetfulSyncs')
    const other = new SimulatedDisk(world.sim, { name: 'other' })
    world.write(handle, 2)
    expect(codeOf(() => world.do('datasync', { handle }))).toBe('EIO')
    expect([world.disk.faults.times('forgetfulSyncs'), other.faults.times('forgetfulSyncs'), world.count('forgetfulSyncs')]).toEqual([
      1, 0, 1,
    ])
    expect(world.disk.faults.times('syncErrors')).toBe(0)
  })

  it('forgetfulSyncs is healed by writing again', () =>
    eachSeed('forgetfulSyncs', (world, handle) => {
      world.write(handle, 2, 0, 2)
      expect(codeOf(() => world.do('datasync', { handle }))).toBe('EIO')
      world.disk.faults.clear()
      world.write(handle, 2, 0, 2)
      world.do('datasync', { handle })
      world.disk.faults.set({ lostWrites: 1, reorderedWrites: 1 })
      world.crash()
      expect(sectorsOf(world.disk.content('d/f'))).toBe('2 2')
    }))

  it('ignoredSyncs says that it succeeded and did nothing', () =>
    eachSeed('ignoredSyncs', (world, handle) => {
      world.write(handle, 2)
      world.do('datasync', { handle })
      world.disk.faults.clear()
      world.disk.faults.set({ lostWrites: 1 })
      world.crash()
      expect(sectorsOf(world.disk.content('d/f'))).toBe('1 1')
    }))

  it('entryErrors fails what concerns names, and does nothing', () =>
    eachSeed('entryErrors', (world, handle) => {
      expect(codeOf(() => world.open('d/new'))).toBe('EIO')
      expect(codeOf(() => world.do('rename', { path: 'd/f', target: 'd/g' }))).toBe('EIO')
      expect(codeOf(() => world.do('remove', { path: 'd/f' }))).toBe('EIO')
      expect(codeOf(() => world.do('truncate', { handle, length: 0 }))).toBe('EIO')
      expect(world.disk.paths()).toEqual(['d/f'])
      expect(sectorsOf(world.read(handle, 0, 2))).toBe('1 1')
    }))

  it('slowSyncs takes its time for a sync only', () =>
    eachSeed('slowSyncs', (world, handle) => {
      world.write(handle, 2)
      expect(world.blockedNs).toBeLessThan(15e6)
      world.do('datasync', { handle })
      expect(world.blockedNs).toBeGreaterThanOrEqual(20e6)
    }))

  it('stalls keeps everybody waiting', () =>
    eachSeed('stalls', (world, handle) => {
      world.read(handle)
      expect(world.blockedNs).toBeGreaterThanOrEqual(50e6)
      expect(world.blockedNs).toBeLessThan(5_020e6)
    }))

  it('has a likelihood from 0 to 1, and a name that there is', () => {
    expect(() => new DiskWorld(1, { faults: { bitRot: 1.5 } })).toThrow(/faults.bitRot is 1.5/)
    expect(() => new DiskWorld(1, { faults: { bitrot: 0.5 } as object })).toThrow(/faults is 'bitrot'/)
  })

  it('is worse for a while, and as before when that is over, in whichever order such times end', () => {
    const { faults } = new DiskWorld(1, { faults: { bitRot: 0.1 } }).disk
    const first = faults.worsen({ bitRot: 0.5, stalls: 0.2 })
    const second = faults.worsen({ bitRot: 0.3 })
    expect([faults.rates.bitRot, faults.rates.stalls]).toEqual([0.5, 0.2])
    first()
    expect([faults.rates.bitRot, faults.rates.stalls]).toEqual([0.3, 0])
    second()
    first()
    expect(faults.rates.bitRot).toBe(0.1)
    faults.worsen({ bitRot: 1 })
    faults.clear()
    expect(faults.rates.bitRot).toBe(0)
  })
})
