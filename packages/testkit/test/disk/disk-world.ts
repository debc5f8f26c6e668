import type { FileRequest, Files } from '@disruptorx/contracts'
import { type FileCall, perform, runBlocking } from '@disruptorx/contracts/internal'
import { SimulatedDisk, type SimulatedDiskOptions } from '../../src/disk/simulated-disk.ts'
import type { SeededRandom } from '../../src/seeded-random.ts'
import { Simulation } from '../../src/simulation/simulation.ts'

export const SECTOR = 512

/** A disk whose requests complete at once, and a process on it. */
export class DiskWorld {
  readonly sim: Simulation
  readonly disk: SimulatedDisk
  files: Files
  blockedNs = 0
  stops = 0

  constructor(seed: number, options: Partial<SimulatedDiskOptions> = {}) {
    this.sim = new Simulation({ seed })
    this.disk = new SimulatedDisk(this.sim, { name: 'n', completion: 'at-once', ...options })
    this.files = this.#attach()
  }

  /** Carries out a request. @throws the file system's error */
  do(operation: FileRequest['operation'], fields: Partial<FileRequest> = {}): FileCall {
    return runBlocking(perform(this.files, { operation, ...fields }))
  }

  open(path: string, mode: FileRequest['mode'] = 'create'): number {
    return this.do('open', { path, mode }).result
  }

  /** Writes sectors full of one value. Returns the bytes taken. */
  write(handle: number, value: number, sector = 0, sectors = 1): number {
    const length = sectors * SECTOR
    return this.do('write', { handle, buffer: new Uint8Array(length).fill(value), length, position: sector * SECTOR }).result
  }

  /** What a program reads. */
  read(handle: number, sector = 0, sectors = 1): Uint8Array {
    const buffer = new Uint8Array(sectors * SECTOR)
    const { result } = this.do('read', { handle, buffer, length: buffer.length, position: sector * SECTOR })
    return buffer.subarray(0, result)
  }

  /** A file `d/f` of so many sectors of ones; it and its name are on stable storage. */
  makeStable(sectors = 2, path = 'd/f'): number {
    const handle = this.open(path)
    this.write(handle, 1, 0, sectors)
    this.do('datasync', { handle })
    this.do('sync-directory', { path: 'd' })
    return handle
  }

  /** The machine crashes and starts again. */
  crash(): void {
    this.disk.crash()
    this.files = this.#attach()
  }

  /** The process dies and starts again. */
  kill(): void {
    this.disk.detach()
    this.files = this.#attach()
  }

  count(kind: string): number {
    return this.sim.coverage.of(`disk.${kind}`)
  }

  #attach(): Files {
    return this.disk.attach({
      completed: () => undefined,
      blocked: ns => {
        this.blockedNs += ns
      },
      stopped: () => {
        this.stops++
      },
    })
  }
}

/** The values of a file's sectors: a number when a sector holds one value only, else `mixed`. Undefined when there is no file. */
export function sectorsOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const names: string[] = []
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const values = new Set(bytes.subarray(at, at + SECTOR))
    names.push(values.size === 1 ? String([...values][0]) : 'mixed')
  }
  return names.join(' ')
}

/** The code of what something throws; `undefined` when it throws nothing. */
export function codeOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}

/** Every bit that two byte arrays differ in. */
export function differingBits(a: Uint8Array, b: Uint8Array): number {
  let bits = Math.abs(a.length - b.length) * 8
  for (let i = 0; i < Math.min(a.length, b.length); i++) for (let x = (a[i] as number) ^ (b[i] as number); x !== 0; x >>= 1) bits += x & 1
  return bits
}

/** Any mixture of what a process can do to a disk; whatever fails is ignored. Returns everything that it read. */
export function doAnything(world: DiskWorld, random: SeededRandom, requests: number): Uint8Array[] {
  const reads: Uint8Array[] = []
  let handles: number[] = []
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act()
    } catch {
      return undefined
    }
  }
  for (let i = 0; i < requests; i++) {
    const handle = handles.length === 0 ? -1 : random.pick(handles)
    const path = `d/${random.below(4)}`
    const what = random.below(12)
    if (what === 0) handles.push(attempt(() => world.open(path)) ?? -1)
    else if (what < 5) attempt(() => world.write(handle, random.below(256), random.below(20), random.between(1, 4)))
    else if (what < 8) reads.push(attempt(() => world.read(handle, random.below(20), random.between(1, 4)).slice()) ?? new Uint8Array())
    else if (what === 8) attempt(() => world.do('datasync', { handle }))
    else if (what === 9) attempt(() => world.do('sync-directory', { path: 'd' }))
    else if (what === 10) attempt(() => world.do('rename', { path, target: `d/${random.below(4)}` }))
    else if (random.chance(0.2)) {
      handles = []
      world.crash()
    }
  }
  return reads
}
