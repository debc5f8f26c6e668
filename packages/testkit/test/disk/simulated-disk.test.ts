import type { FileRequest } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { FaultAtlas } from '../../src/disk/fault-atlas.ts'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../src/disk/simulated-disk.ts'
import { Simulation } from '../../src/simulation/simulation.ts'
import { codeOf, DiskWorld, SECTOR, sectorsOf } from './disk-world.ts'

/** A disk whose requests take their time. */
function slowWorld(options: Partial<SimulatedDiskOptions> = {}, seed = 1) {
  const sim = new Simulation({ seed })
  const latency = { otherUs: 100, readUs: 200, writeUs: 300, syncUs: 1_000, bytesPerSecond: 1e6 }
  const disk = new SimulatedDisk(sim, { name: 'n', latency, ...options })
  const news: number[] = []
  const files = disk.attach({ completed: () => void news.push(sim.nowNs / 1e3), blocked: () => undefined, stopped: () => undefined })
  const submit = (operation: FileRequest['operation'], fields: Partial<FileRequest> = {}) => {
    const call = Object.assign(new FileCall(), { operation, ...fields })
    files.submit(call)
    return call
  }
  return { sim, disk, files, news, submit }
}

const bytes = (value: number) => ({ buffer: new Uint8Array(SECTOR).fill(value), length: SECTOR })

describe('a simulated disk', () => {
  it('takes its time for each request, and shows what completed at the next poll', async () => {
    const { sim, files, news, submit } = slowWorld()
    const open = submit('open', { path: 'd/f', mode: 'create' })
    await sim.run()
    expect([open.state, news]).toEqual(['pending', [100]])
    files.poll()
    expect([open.state, open.result]).toEqual(['done', 1])
    const write = submit('write', { handle: 1, ...bytes(7) })
    await sim.run()
    files.poll()
    // 300 us, and 512 bytes at 1 MB a second.
    expect([write.state, write.result, news[1]]).toEqual(['done', SECTOR, 100 + 300 + 512])
  })

  it('carries out what is asked of one handle in order, and does not make others wait for it', async () => {
    const { sim, disk, files, submit } = slowWorld({ latency: { writeUs: { least: 1, most: 1_000 }, otherUs: 1, syncUs: 5_000 } })
    submit('open', { path: 'd/a', mode: 'create' })
    submit('open', { path: 'd/b', mode: 'create' })
    await sim.run()
    files.poll()
    const calls = [1, 2, 3, 4, 5].map(value => submit('write', { handle: 1, ...bytes(value) }))
    const sync = submit('datasync', { handle: 1 })
    const other = submit('write', { handle: 2, ...bytes(9) })
    for (let done = 0; sync.state === 'pending'; ) {
      await sim.run({ maxEvents: 1 })
      files.poll()
      const states = calls.map(({ state }) => state)
      expect(states).toEqual([...states].sort())
      expect(states.filter(state => state === 'done').length).toBeGreaterThanOrEqual(done)
      done = states.filter(state => state === 'done').length
    }
    expect([sectorsOf(disk.content('d/a')), other.state]).toEqual(['5', 'done'])
  })

  it('that blocks its callers lets them wait for the end of a stall once, however much they ask', () => {
    const world = new DiskWorld(1)
    const handle = world.makeStable()
    world.disk.stall(50)
    for (let i = 0; i < 5; i++) world.read(handle)
    expect(world.blockedNs).toBeGreaterThanOrEqual(50e6)
    expect(world.blockedNs).toBeLessThan(55e6)
  })

  it('answers nothing while it stalls, then all in order; a repair ends the stall', async () => {
    for (const repairAtMs of [undefined, 10]) {
      const { sim, disk, files, news, submit } = slowWorld()
      submit('open', { path: 'd/f', mode: 'create' })
      await sim.run()
      files.poll()
      disk.stall(50)
      const writes = [1, 2].map(value => submit('write', { handle: 1, ...bytes(value) }))
      if (repairAtMs !== undefined) sim.schedule(repairAtMs * 1e6, () => disk.repair())
      await sim.run()
      files.poll()
      const atUs = 100 + (repairAtMs ?? 50) * 1e3
      expect(news.slice(1)).toEqual([atUs, atUs])
      expect([writes[0]?.state, writes[1]?.state, sectorsOf(disk.content('d/f'))]).toEqual(['done', 'done', '2'])
    }
  })

  it('when a process dies, does what it was asked, does it in part, or does not', async () => {
    const seen = new Set<string | undefined>()
    for (let seed = 1; seed <= 60; seed++) {
      const { sim, disk, files, submit } = slowWorld({}, seed)
      submit('open', { path: 'd/f', mode: 'create' })
      await sim.run()
      files.poll()
      const write = submit('write', { handle: 1, ...bytes(1) })
      disk.detach()
      await sim.run()
      files.poll()
      expect(write.state).toBe('pending')
      const length = disk.content('d/f')?.length ?? -1
      seen.add(length === 0 ? 'nothing' : length === SECTOR ? 'all' : 'a part')
      const late = submit('size', { handle: 1 })
      expect([late.state, late.error?.code]).toEqual(['failed', 'EIO'])
    }
    expect([...seen].sort()).toEqual(['a part', 'all', 'nothing'])
  })

  it('keeps all but handles and locks when only the process dies', () => {
    const world = new DiskWorld(1, { faults: { lostWrites: 1, tornSectors: 1, lostEntries: 1 } })
    const handle = world.open('d/f')
    world.write(handle, 2)
    world.do('lock', { path: 'd/lock' })
    world.kill()
    expect(sectorsOf(world.disk.content('d/f'))).toBe('2')
    expect(codeOf(() => world.write(handle, 1))).toBe('EBADF')
    world.do('lock', { path: 'd/lock' })
    expect(codeOf(() => world.do('lock', { path: 'd/lock' }))).toBe('EBUSY')
  })

  it('stands still after a number of requests: the next one takes effect, or in part, or not, and its process is told', () => {
    const seen = new Set<string | undefined>()
    for (let seed = 1; seed <= 30; seed++) {
      const world = new DiskWorld(seed)
      const handle = world.makeStable(1)
      const { requests } = world.disk
      world.disk.stopAfter(1)
      world.write(handle, 2)
      expect([world.disk.requests, world.stops]).toEqual([requests + 1, 0])
      expect(codeOf(() => world.write(handle, 3))).toBe('EIO')
      expect(world.stops).toBe(1)
      seen.add(sectorsOf(world.disk.content('d/f')))
      world.crash()
      world.write(world.open('d/f'), 4)
      expect(sectorsOf(world.disk.content('d/f'))).toBe('4')
    }
    expect([...seen].sort()).toEqual(['2', '3', 'mixed'])
  })

  it('has room for as many bytes as it says: the last write is short, the next fails; what is there can be written again', () => {
    const world = new DiskWorld(1, { capacityBytes: 3 * SECTOR + 100 })
    const handle = world.makeStable(2)
    expect(world.write(handle, 2, 2, 2)).toBe(SECTOR + 100)
    expect(codeOf(() => world.write(handle, 2, 4))).toBe('ENOSPC')
    expect(world.write(handle, 3, 0, 2)).toBe(2 * SECTOR)
    expect([world.disk.bytes, world.count('noSpace')]).toEqual([3 * SECTOR + 100, 1])
    world.disk.setCapacity(10 * SECTOR)
    expect(world.write(handle, 2, 4)).toBe(SECTOR)
    world.disk.repair()
    expect(codeOf(() => world.write(handle, 2, 9))).toBe('ENOSPC')
    for (const wrong of [-1, Number.NaN]) expect(() => world.disk.setCapacity(wrong)).toThrow(/capacityBytes/)
  })

  it('numbers its files, whatever they are called and whatever a crash takes back', () => {
    const world = new DiskWorld(1, { faults: { lostEntries: 1 } })
    world.makeStable()
    const number = world.disk.inodeOf('d/f')
    world.do('rename', { path: 'd/f', target: 'd/g' })
    expect([world.disk.inodeOf('d/f'), world.disk.inodeOf('d/g')]).toEqual([undefined, number])
    expect([world.disk.platter().inodeOf('d/f'), world.disk.platter().inodeOf('d/g')]).toEqual([number, undefined])
    world.disk.crash()
    expect([world.disk.inodeOf('d/f'), world.disk.inodeOf('d/g')]).toEqual([number, undefined])
    world.disk.replace('d/h', new Uint8Array(1))
    expect(world.disk.inodeOf('d/h')).not.toBe(number)
  })

  it('gives no file on a copy of its platter, and none after it was wiped, a number that one had before', () => {
    const world = new DiskWorld(1)
    world.makeStable()
    const numbers = [world.disk.inodeOf('d/f')]
    const platter = world.disk.platter()
    platter.replace('d/other', new Uint8Array(1))
    numbers.push(platter.inodeOf('d/other'))
    world.disk.wipe()
    world.disk.replace('d/f', new Uint8Array(1))
    numbers.push(world.disk.inodeOf('d/f'))
    expect(numbers.slice(1)).not.toContain(numbers[0])
  })

  it('is empty after it was wiped', () => {
    const world = new DiskWorld(1)
    world.makeStable()
    world.disk.wipe()
    expect(world.disk.paths()).toEqual([])
  })

  it('can be damaged by hand, somewhere on the platter, as far as its atlas allows', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = new DiskWorld(seed, {
        atlas: new FaultAtlas({ damageable: 1, keysOf: ({ path }) => (path === 'd/f' ? [] : 'must-survive') }),
      })
      expect([world.disk.rot(), world.disk.spoil()]).toEqual([undefined, undefined])
      world.makeStable(2)
      world.makeStable(2, 'd/protected')
      const rotten = world.disk.rot()
      expect([rotten?.path ?? 'd/f', world.count('bitRot')]).toEqual(['d/f', rotten === undefined ? 0 : 1])
      expect(sectorsOf(world.disk.content('d/f'))?.includes('mixed')).toBe(rotten !== undefined)
      const bad = world.disk.spoil()
      const handle = world.open('d/f')
      expect(codeOf(() => world.read(handle, 0, 2))).toBe(bad === undefined ? undefined : 'EIO')
      expect(sectorsOf(world.disk.content('d/protected'))).toBe('1 1')
    }
  })

  it('can be damaged by hand at a place, where there is one', () => {
    const world = new DiskWorld(1)
    const handle = world.makeStable(3)
    expect(world.disk.rot({ path: 'd/f', position: 700 })).toEqual({ path: 'd/f', position: 700 })
    expect(sectorsOf(world.disk.content('d/f'))).toBe('1 mixed 1')
    world.disk.spoil({ path: 'd/f', position: 2 * SECTOR + 1 })
    expect([codeOf(() => world.read(handle, 2)), codeOf(() => world.read(handle, 0, 2))]).toEqual(['EIO', undefined])
    for (const place of [
      { path: 'd/f', position: 3 * SECTOR },
      { path: 'd/g', position: 0 },
    ])
      expect([world.disk.rot(place), world.disk.spoil(place)]).toEqual([undefined, undefined])
  })

  it('refuses options that make no sense', () => {
    const sim = new Simulation({ seed: 1 })
    const make = (options: Partial<SimulatedDiskOptions>) => () => new SimulatedDisk(sim, { name: 'n', ...options })
    expect(make({ latency: { syncUs: { least: 2, most: 1 } } })).toThrow(/latency.syncUs/)
    expect(make({ latency: { bytesPerSecond: 0 } })).toThrow(/bytesPerSecond/)
    expect(make({ capacityBytes: -1 })).toThrow(/capacityBytes/)
    expect(make({ completion: 'soon' as 'later' })).toThrow(/completion/)
  })
})

describe('the platter of a disk', () => {
  it('shows what a crash would leave that loses all that was not synced, and is a disk of its own', () => {
    const world = new DiskWorld(1)
    const handle = world.makeStable(2)
    world.write(handle, 2, 1, 2)
    world.write(world.open('d/new'), 3)
    const platter = world.disk.platter()
    expect([sectorsOf(platter.content('d/f')), platter.content('d/new')]).toEqual(['1 1', undefined])
    platter.replace('d/f', new Uint8Array(SECTOR).fill(9))
    expect(sectorsOf(world.disk.content('d/f'))).toBe('1 2 2')
    world.do('datasync', { handle })
    expect(sectorsOf(world.disk.platter().content('d/f'))).toBe('1 2 2')
    world.disk.faults.set({ lostEntries: 1 })
    world.do('rename', { path: 'd/f', target: 'd/g' })
    expect(world.disk.platter().content('d/g')).toBeUndefined()
    world.do('sync-directory', { path: 'd' })
    expect(sectorsOf(world.disk.platter().content('d/g'))).toBe('1 2 2')
  })
})
