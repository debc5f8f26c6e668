import type { Files } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { oneOf } from '@disruptorx/contracts/internal'
import type { SeededRandom } from '../seeded-random.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { type CrashPlan, PlannedFate, SECTOR_BYTES } from './crash-fate.ts'
import { type DiskFaultRates, DiskFaults } from './disk-faults.ts'
import { type DiskLatency, resolveLatency } from './disk-latency.ts'
import { DiskProcess, type DiskUser } from './disk-process.ts'
import type { FaultAtlas } from './fault-atlas.ts'
import { FaultyMedium } from './faulty-medium.ts'
import type { Inode } from './inode.ts'
import { contentOf, replaceContent } from './open-files.ts'
import { SimulatedFiles } from './simulated-files.ts'
import { Tree } from './tree.ts'

/** How a simulated disk behaves. */
export interface SimulatedDiskOptions {
  /** Whose disk it is: names it in traces, to the atlas, and its source of chance. */
  readonly name: string
  /** @default no fault ever */
  readonly faults?: Partial<DiskFaultRates>
  readonly latency?: Partial<DiskLatency>
  /** Bytes that all files together may have; beyond, writes are short and then fail with `ENOSPC`. @default no limit */
  readonly capacityBytes?: number
  /**
   * `later`: requests complete in a `poll` after their time, as on a thread that does not block. `at-once`: inside `submit`, as a blocking
   * implementation; the time that it takes delays whoever asked. @default 'later'
   */
  readonly completion?: 'later' | 'at-once'
  /** What must survive. @default anything may be damaged */
  readonly atlas?: FaultAtlas
}

/** Where a disk is damaged by hand. */
export interface DiskDamage {
  readonly path: string
  /** Where, in bytes from the start of the file. */
  readonly position: number
}

/**
 * The disk of a simulated machine: it takes time, and fails as its rates say.
 *
 * Below a cache of pages lies a platter: writes go to the cache, a sync carries them to the platter, a crash leaves what the platter has and, of
 * the rest, what the faults of a crash leave. With every rate at 0 a crash loses nothing.
 *
 * @example
 * const disk = new SimulatedDisk(sim, { name: 'n1', faults: { lostWrites: 1, tornSectors: 0.5 } })
 */
export class SimulatedDisk {
  readonly name: string
  readonly faults: DiskFaults
  readonly latency: DiskLatency
  readonly completion: 'later' | 'at-once'
  readonly sim: Simulation
  readonly #random: SeededRandom
  readonly #atlas: FaultAtlas | undefined
  readonly #capacityBytes: number
  #tree = new Tree()
  #medium: FaultyMedium
  #user: DiskProcess | undefined
  #stalledUntilNs = 0
  #requests = 0
  #processes = 0
  #crashes = 0
  #stopAfter = Number.POSITIVE_INFINITY

  /** @throws {OptionError} */
  constructor(sim: Simulation, options: SimulatedDiskOptions) {
    this.sim = sim
    this.name = options.name
    this.completion = oneOf('completion', options.completion ?? 'later', ['later', 'at-once'])
    this.latency = resolveLatency(options.latency)
    this.#random = sim.randomFor('disk', options.name)
    this.faults = new DiskFaults(options.faults ?? {}, this.#random, {
      mayFire: kind => sim.coverage.expect(`disk.${kind}`),
      fired: (kind, fields) => {
        sim.coverage.count(`disk.${kind}`)
        sim.trace?.fault(this.name, kind, fields)
      },
    })
    this.#atlas = options.atlas
    this.#capacityBytes = checkCapacity(options.capacityBytes ?? Number.POSITIVE_INFINITY)
    this.#medium = this.#newMedium()
  }

  /** Requests carried out so far. */
  get requests(): number {
    return this.#requests
  }

  /** Until when nothing is answered, in nanoseconds of virtual time. */
  get stalledUntilNs(): number {
    return this.#stalledUntilNs
  }

  /** What a new process uses this disk by. The one before, if there is one, loses it. */
  attach(user: DiskUser): Files {
    this.#user?.detach()
    this.#user = new DiskProcess(this, this.#tree, this.#medium, user, this.#random.derive('process', this.#processes++))
    return this.#user
  }

  /** The process is gone: what it had asked for takes effect or not. The disk goes on. */
  detach(): void {
    this.#user?.detach()
    this.#user = undefined
    this.#stopAfter = Number.POSITIVE_INFINITY
  }

  /** The machine loses its power: of what was not synced is left what the faults of a crash leave. */
  crash(): void {
    this.detach()
    const { faults } = this
    const report = this.#tree.crash(new PlannedFate(this.#planCrash(), this.#random.derive('crash', this.#crashes++)))
    const { lostSectors, lostSizes, tornSectors, lostEntries } = report
    if (lostSectors > 0 || lostSizes > 0) faults.fired('lostWrites', { sectors: lostSectors, sizes: lostSizes })
    if (report.reordered) faults.fired('reorderedWrites')
    if (tornSectors > 0) faults.fired('tornSectors', { sectors: tornSectors })
    if (lostEntries > 0) faults.fired('lostEntries', { entries: lostEntries })
  }

  /** Whether the atlas allows that everything on it is lost. When it does, all of it counts as damaged from now on. */
  mayBeLost(): boolean {
    return this.#atlas?.mayLose(this.name) ?? true
  }

  /** An empty disk takes its place. For a machine that is switched off. */
  wipe(): void {
    this.detach()
    this.#tree = this.#tree.empty()
    this.#medium = this.#newMedium()
  }

  /** Answers nothing for so long. */
  stall(ms: number): void {
    const ns = Math.round(ms * 1e6)
    this.#stalledUntilNs = Math.max(this.#stalledUntilNs, this.sim.nowNs + ns)
    this.sim.schedule(ns, () => this.#resume())
    this.faults.fired('stalls', { ms })
  }

  /** All files together may have so many bytes from now on; those that are there stay. @throws {OptionError} */
  setCapacity(bytes: number): void {
    this.#medium.capacityBytes = checkCapacity(bytes)
  }

  /** As much room as in the beginning. */
  resetCapacity(): void {
    this.#medium.capacityBytes = this.#capacityBytes
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#tree.bytes
  }

  /** Nothing fails or will stop any more, nothing is slow, and there is room as in the beginning. What is damaged stays so. */
  repair(): void {
    this.faults.clear()
    this.resetCapacity()
    this.stopAfter(Number.POSITIVE_INFINITY)
    this.#stalledUntilNs = this.sim.nowNs
    this.#resume()
  }

  /** After so many more requests the machine stands still: the next one takes effect, or in part, or not, and its process is told `stopped`. From 0. */
  stopAfter(requests: number): void {
    this.#stopAfter = this.#requests + requests
  }

  /** Turns a bit of a byte over on the platter, somewhere unless it is told where. Undefined when there is no such byte, or the atlas forbids it there. */
  rot(at?: DiskDamage): DiskDamage | undefined {
    const place = at === undefined ? this.#anywhere('bitRot') : this.#place(at)
    if (place === undefined || !this.#medium.rot(place.inode, place.byte * 8 + this.faults.random('bitRot').below(8))) return undefined
    return { path: place.inode.path, position: place.byte }
  }

  /** Makes a sector unreadable, somewhere unless it is told where. Undefined as for {@link rot}. */
  spoil(at?: DiskDamage): DiskDamage | undefined {
    const place = at === undefined ? this.#anywhere('badSectors') : this.#place(at)
    if (place === undefined || !this.#medium.spoil(place.inode, Math.floor(place.byte / SECTOR_BYTES))) return undefined
    return { path: place.inode.path, position: place.byte }
  }

  /**
   * A disk of its own with what is on the platter now: what a crash would leave that loses everything not synced, for a check that opens it there and then.
   * Its requests complete inside `submit`, and nothing fails.
   */
  platter(): SimulatedFiles {
    return new SimulatedFiles({ seed: 0 }, this.#tree.copyOfPlatter())
  }

  /** What a file holds now, as a program reads it; `undefined` when there is none. */
  content(path: string): Uint8Array | undefined {
    return contentOf(this.#tree, path)
  }

  /**
   * The number of the file that has this name now, which no other file of this disk has: renaming does not change it, and neither does a crash that takes a renaming
   * back. `undefined` when there is none.
   */
  inodeOf(path: string): number | undefined {
    return this.#tree.find(path)?.number
  }

  /** Sets what a file holds, on stable storage at once. */
  replace(path: string, content: Uint8Array): void {
    replaceContent(this.#tree, path, content)
  }

  /** Paths of all files, sorted. */
  paths(): string[] {
    return [...this.#tree.files()].map(([path]) => path).sort()
  }

  /** Counts a request that is about to be carried out. False when the machine stands still before it. */
  admitRequest(): boolean {
    if (this.#requests >= this.#stopAfter) return false
    this.#requests++
    return true
  }

  #resume(): void {
    if (this.#stalledUntilNs <= this.sim.nowNs) this.#user?.resume()
  }

  #newMedium(): FaultyMedium {
    const medium = new FaultyMedium(this.#tree, this.name, this.faults, this.#atlas)
    medium.capacityBytes = this.#capacityBytes
    return medium
  }

  #planCrash(): CrashPlan {
    const { faults } = this
    const { entries, content } = this.#tree.unsynced()
    const cut = (kind: 'lostWrites' | 'lostEntries', serials: readonly number[]) =>
      serials.length > 0 && faults.happens(kind)
        ? (serials[faults.random(kind).below(serials.length)] as number) - 1
        : Number.POSITIVE_INFINITY
    return {
      contentCut: cut('lostWrites', content),
      entryCut: cut('lostEntries', entries),
      anyOrder: faults.happens('reorderedWrites'),
      torn: faults.happens('tornSectors') ? 0.5 : 0,
    }
  }

  #place({ path, position }: DiskDamage): { inode: Inode; byte: number } | undefined {
    const inode = this.#tree.find(path)
    return inode !== undefined && position < inode.stableSize ? { inode, byte: position } : undefined
  }

  #anywhere(kind: 'bitRot' | 'badSectors'): { inode: Inode; byte: number } | undefined {
    const random = this.faults.random(kind)
    const inodes = [...this.#tree.files()].map(([, inode]) => inode).filter(({ stableSize }) => stableSize > 0)
    if (inodes.length === 0) return undefined
    const inode = random.pick(inodes)
    return { inode, byte: random.below(inode.stableSize) }
  }
}

function checkCapacity(bytes: number): number {
  if (!(bytes >= 0)) throw new OptionError('capacityBytes', bytes, 'a number of at least 0')
  return bytes
}
