import type { FileRequest } from '@disruptorx/contracts'
import { FileCall, perform, runBlocking } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { SimulatedFiles } from '../../src/disk/simulated-files.ts'

const SECTOR = 512

function run(files: SimulatedFiles, fields: Partial<FileRequest> & { operation: FileRequest['operation'] }): FileCall {
  return runBlocking(perform(files, fields))
}

function openFile(files: SimulatedFiles, path: string, mode: FileRequest['mode'] = 'create'): number {
  return run(files, { operation: 'open', path, mode }).result
}

function write(files: SimulatedFiles, handle: number, value: number, position: number, length = SECTOR): number {
  return run(files, { operation: 'write', handle, buffer: new Uint8Array(length).fill(value), length, position }).result
}

function codeOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}

/** A file with two synced sectors of ones, under a synced name. */
function makeStable(files: SimulatedFiles, path: string): number {
  const handle = openFile(files, path)
  write(files, handle, 1, 0, 2 * SECTOR)
  run(files, { operation: 'datasync', handle })
  run(files, { operation: 'sync-directory', path: 'd' })
  return handle
}

/** What became of `path` after a crash, over many seeds. */
function outcomes(prepare: (files: SimulatedFiles) => void, path: string): Set<string> {
  const seen = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const files = new SimulatedFiles({ seed })
    prepare(files)
    const bytes = files.crash().content(path)
    const sectors = bytes === undefined ? undefined : Array.from({ length: bytes.length / SECTOR }, (_, i) => nameOf(bytes, i))
    seen.add(sectors === undefined ? 'gone' : sectors.join(' '))
  }
  return seen
}

function nameOf(bytes: Uint8Array, sector: number): string {
  const values = new Set(bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR))
  return values.size === 1 ? String([...values][0]) : 'torn'
}

describe('simulated files', () => {
  it('are read as they were written, and keep names as directories do', () => {
    const files = new SimulatedFiles({ seed: 1 })
    run(files, { operation: 'make-directory', path: 'd' })
    const handle = makeStable(files, 'd/b')
    openFile(files, 'd/a')
    expect(run(files, { operation: 'list', path: 'd' }).names).toEqual(['a', 'b'])
    expect(run(files, { operation: 'size', handle }).result).toBe(2 * SECTOR)
    const buffer = new Uint8Array(10)
    expect(run(files, { operation: 'read', handle, buffer, length: 10, position: 2 * SECTOR - 4 }).result).toBe(4)
    expect([...buffer]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    run(files, { operation: 'rename', path: 'd/b', target: 'd/a' })
    expect(run(files, { operation: 'list', path: 'd' }).names).toEqual(['a'])
    run(files, { operation: 'truncate', handle, length: SECTOR })
    expect(files.content('d/a')).toEqual(new Uint8Array(SECTOR).fill(1))
    run(files, { operation: 'remove', path: 'd/a' })
    expect(files.content('d/a')).toBeUndefined()
    expect(codeOf(() => openFile(files, 'd/a', 'write'))).toBe('ENOENT')
    openFile(files, 'd/a', 'exclusive')
    expect(codeOf(() => openFile(files, 'd/a', 'exclusive'))).toBe('EEXIST')
    run(files, { operation: 'close', handle })
    expect(codeOf(() => write(files, handle, 1, 0))).toBe('EBADF')
  })

  it('keep what was synced through a crash, and each sector that was not by itself: old, new or torn', () => {
    const seen = outcomes(files => {
      const handle = makeStable(files, 'd/f')
      write(files, handle, 2, 0, 2 * SECTOR)
    }, 'd/f')
    const fates = ['1', '2', 'torn']
    expect([...seen].sort()).toEqual(fates.flatMap(a => fates.map(b => `${a} ${b}`)).sort())
  })

  it('lose nothing that was synced, file and name', () => {
    const seen = outcomes(files => {
      const handle = makeStable(files, 'd/f')
      write(files, handle, 2, 0, 3 * SECTOR)
      run(files, { operation: 'datasync', handle })
    }, 'd/f')
    expect([...seen]).toEqual(['2 2 2'])
  })

  it('may lose or keep a growth that was not synced', () => {
    const seen = outcomes(files => write(files, makeStable(files, 'd/f'), 2, 2 * SECTOR), 'd/f')
    expect([...seen].sort()).toEqual(['1 1', '1 1 0', '1 1 2', '1 1 torn'])
  })

  it('may lose or keep a name, a rename and a removal that were not synced', () => {
    expect(outcomes(files => void run(files, { operation: 'datasync', handle: openFile(files, 'd/f') }), 'd/f')).toEqual(
      new Set(['gone', '']),
    )
    const renamed = (path: string) =>
      outcomes(files => {
        makeStable(files, 'd/f')
        run(files, { operation: 'rename', path: 'd/f', target: 'd/g' })
      }, path)
    expect(renamed('d/f')).toEqual(new Set(['gone', '1 1']))
    expect(renamed('d/g')).toEqual(new Set(['gone', '1 1']))
    const removed = outcomes(files => {
      makeStable(files, 'd/f')
      run(files, { operation: 'remove', path: 'd/f' })
    }, 'd/f')
    expect(removed).toEqual(new Set(['gone', '1 1']))
  })

  it('keep everything when only the process dies, but no handle and no lock', () => {
    const files = new SimulatedFiles({ seed: 1 })
    run(files, { operation: 'lock', path: 'd/lock' })
    expect(codeOf(() => run(files, { operation: 'lock', path: 'd/lock' }))).toBe('EBUSY')
    const handle = makeStable(files, 'd/f')
    write(files, handle, 2, 0)
    const after = files.restart()
    expect(after.content('d/f')?.[0]).toBe(2)
    expect(codeOf(() => write(after, handle, 1, 0))).toBe('EBADF')
    run(after, { operation: 'lock', path: 'd/lock' })
    expect(files.stopped).toBe(true)
    expect(codeOf(() => openFile(files, 'd/f'))).toBe('EIO')
  })

  it('after a failed sync read well, sync well, and still lose what the failed sync left out', () => {
    const seen = outcomes(files => {
      const failing = files.restart({ fault: ({ operation }, nth) => (operation === 'datasync' && nth === 2 ? 'EIO' : undefined) })
      const handle = makeStable(failing, 'd/f')
      write(failing, handle, 2, 0)
      expect(codeOf(() => run(failing, { operation: 'datasync', handle }))).toBe('EIO')
      run(failing, { operation: 'datasync', handle })
      expect(failing.content('d/f')?.[0]).toBe(2)
      // Both share one disk, so that the crash of the outer one is the crash of this one too.
    }, 'd/f')
    expect(seen).toEqual(new Set(['1 1', '2 1', 'torn 1']))
  })

  it('answer later when asked to, in order on each handle', () => {
    const files = new SimulatedFiles({ seed: 4, completion: 'poll' })
    const handle = openFile(files, 'd/f')
    const calls = [1, 2, 3].map(value =>
      Object.assign(new FileCall(), { operation: 'write', handle, buffer: new Uint8Array(SECTOR).fill(value), length: SECTOR }),
    )
    for (const call of calls) files.submit(call)
    expect(calls.map(call => call.state)).toEqual(['pending', 'pending', 'pending'])
    const seen = new Set<string>()
    while (calls.some(call => call.state === 'pending')) {
      files.poll()
      const states = calls.map(call => call.state)
      expect(states).toEqual([...states].sort())
      seen.add(states.join(' '))
    }
    expect(seen.size).toBeGreaterThan(1)
    expect(files.content('d/f')?.[0]).toBe(3)
  })

  it('take only a part of a write when asked to, and fail what the test picks', () => {
    const files = new SimulatedFiles({
      seed: 1,
      shortWrites: 1,
      fault: ({ operation }, nth) => (operation === 'write' && nth === 2 ? 'ENOSPC' : undefined),
    })
    const handle = openFile(files, 'd/f')
    const taken = write(files, handle, 1, 0)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(SECTOR)
    expect(files.content('d/f')).toHaveLength(taken)
    expect(codeOf(() => write(files, handle, 1, 0))).toBe('ENOSPC')
  })

  it('stand still after a number of requests, and do the same again with the same seed', () => {
    const tell = (seed: number) => {
      const files = new SimulatedFiles({ seed, stopAfter: 6 })
      const handle = makeStable(files, 'd/f')
      write(files, handle, 2, 0)
      write(files, handle, 3, SECTOR)
      expect(codeOf(() => write(files, handle, 4, 0))).toBe('EIO')
      expect([files.operations, files.stopped]).toEqual([6, true])
      return files.crash().content('d/f')
    }
    for (let seed = 0; seed < 20; seed++) expect(tell(seed)).toEqual(tell(seed))
  })
})
