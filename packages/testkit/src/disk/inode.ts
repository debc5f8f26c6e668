import type { CrashFate } from './crash-fate.ts'
import { SECTOR_BYTES } from './crash-fate.ts'
import type { CrashReport } from './crash-report.ts'

/** Versions of one sector that may be what a crash leaves; of more, the oldest are forgotten. */
const MOST_VERSIONS = 8

/** Every version of a sector written since the last sync, oldest first. Any of them may have reached the disk. */
interface Versions {
  /** What each write touched, in whole sectors, and where in it this sector is. */
  readonly blocks: Uint8Array[]
  readonly offsets: number[]
  /** The numbers of the writes. */
  readonly serials: number[]
}

/** One simulated file: what programs see through the system's cache, and what is on the platter. */
export class Inode {
  /** Its number on its disk. */
  readonly number: number
  /** Its newest name. */
  path: string
  /** The cache. */
  #content = new Uint8Array(0)
  #size = 0
  /** The platter. */
  #stable = new Uint8Array(0)
  #stableSize = 0
  readonly #dirty = new Map<number, Versions>()
  /** Sectors that a failed sync left out. The system believes them clean: only a new write makes the next sync write them. */
  readonly #dropped = new Set<number>()
  /** Sectors of the platter that cannot be read until a write reaches them there. */
  readonly #bad = new Set<number>()
  #sizes: number[] = []
  #sizeSerials: number[] = []

  constructor(number: number, path: string) {
    this.number = number
    this.path = path
  }

  get size(): number {
    return this.#size
  }

  /** Size that is on the platter. */
  get stableSize(): number {
    return this.#stableSize
  }

  /** Whether anything was written that the next sync would carry to the platter. */
  get isDirty(): boolean {
    return this.#dirty.size > 0 || this.#sizes.length > 0
  }

  /** A file with what is on the platter, all of it synced. */
  copyOfPlatter(): Inode {
    const copy = new Inode(this.number, this.path)
    copy.#content = new Uint8Array(this.#stableSize)
    copy.#content.set(this.#stable.subarray(0, this.#stableSize))
    copy.#size = copy.#stableSize = this.#stableSize
    copy.#stable = copy.#content.slice()
    return copy
  }

  /** Whether a write to this sector waits for the next sync. */
  isPending(sector: number): boolean {
    return this.#dirty.has(sector) && !this.#dropped.has(sector)
  }

  /** Collects the numbers of all changes that were not synced. */
  collectSerials(into: Set<number>): void {
    for (const { serials } of this.#dirty.values()) for (const serial of serials) into.add(serial)
    for (const serial of this.#sizeSerials) into.add(serial)
  }

  read(into: Uint8Array, position: number): number {
    const end = Math.min(this.#size, position + into.length)
    if (end <= position) return 0
    into.set(this.#content.subarray(position, end))
    return end - position
  }

  /** @param serial the number of this change on its disk */
  write(bytes: Uint8Array, position: number, serial: number): void {
    this.#resize(Math.max(this.#size, position + bytes.length), serial)
    this.#content.set(bytes, position)
    this.#touch(position, position + bytes.length, serial)
  }

  truncate(size: number, serial: number): void {
    const before = this.#size
    this.#resize(size, serial)
    if (size >= before) return
    this.#content.fill(0, size)
    this.#touch(size, before, serial)
  }

  /** Everything written so far is on the platter, but for what the system believes clean. */
  sync(): void {
    // Sectors mostly were written one after the other: they are carried over in runs.
    let [from, to] = [0, 0]
    for (const sector of this.#dirty.keys()) {
      if (this.#dropped.has(sector)) continue
      if (sector !== to) {
        this.#carryOver(from, to)
        from = sector
      }
      to = sector + 1
      if (this.#dropped.size > 0) this.#dirty.delete(sector)
    }
    this.#carryOver(from, to)
    if (this.#dropped.size === 0) this.#dirty.clear()
    this.#stableSize = this.#size
    this.#sizes = []
    this.#sizeSerials = []
  }

  /** Some of what was written reaches the platter, as `reaches` decides by sector; the system forgets that the rest did not. */
  forgetfulSync(reaches: () => boolean): void {
    for (const sector of this.#dirty.keys()) {
      if (reaches()) {
        this.#carryOver(sector, sector + 1)
        this.#dirty.delete(sector)
      } else this.#dropped.add(sector)
    }
  }

  /** The cache drops what it believes clean in these sectors, so that the next read shows the platter. */
  evict(from: number, to: number): void {
    for (let sector = from; sector < to && sector * SECTOR_BYTES < this.#size; sector++) {
      if (this.isPending(sector)) continue
      this.#dirty.delete(sector)
      this.#dropped.delete(sector)
      const start = sector * SECTOR_BYTES
      const end = Math.min(this.#size, start + SECTOR_BYTES)
      this.#content.fill(0, start, end)
      this.#content.set(this.#stable.subarray(start, end), start)
    }
  }

  /** A bit of the platter turns over. `bit` counts from the start of the file. */
  rot(bit: number): void {
    const byte = bit >> 3
    if (byte >= this.#stable.length) this.#stable = grown(this.#stable, byte + 1)
    this.#stable[byte] = (this.#stable[byte] as number) ^ (1 << (bit & 7))
  }

  /** A sector of the platter can no longer be read, until a write reaches it there. */
  spoil(sector: number): void {
    this.#bad.add(sector)
  }

  /** Whether a sector of these cannot be read, as if the cache had nothing more than what waits for the next sync. */
  hasBad(from: number, to: number): boolean {
    if (this.#bad.size === 0) return false
    for (let sector = from; sector < to; sector++) if (this.#bad.has(sector) && !this.isPending(sector)) return true
    return false
  }

  /** The sectors last written go to another place of a platter: what was here stays, and the cache does not know. */
  misdirect(from: number, to: number, victim: Inode, victimSector: number): void {
    for (let sector = from; sector < to; sector++) {
      this.#dirty.delete(sector)
      victim.#settle(victimSector + sector - from, sectorOf(this.#content, sector))
    }
  }

  /** The machine stops. Of what was not synced is left what the fate decides. */
  crash(fate: CrashFate, report: CrashReport): void {
    const size = this.#sizeAfter(fate, report)
    for (const [sector, versions] of this.#dirty) {
      const dropped = this.#dropped.has(sector)
      const { kept, tornAt } = fate.sector(versions.serials, dropped)
      const old = sectorOf(this.#stable, sector)
      const written = kept < 0 ? old : versionOf(versions, kept)
      const left = tornAt === undefined ? written : mixed(old, written, tornAt)
      if (!dropped)
        report.sector(
          versions.serials,
          kept,
          { left, old, written, newest: versionOf(versions, versions.blocks.length - 1) },
          tornAt !== undefined,
        )
      if (kept >= 0) this.#settle(sector, left)
    }
    this.#dirty.clear()
    this.#dropped.clear()
    this.#sizes = []
    this.#sizeSerials = []
    this.#content = new Uint8Array(size)
    this.#content.set(this.#stable.subarray(0, size))
    this.#size = size
    this.#stable = this.#content.slice()
    this.#stableSize = size
  }

  #sizeAfter(fate: CrashFate, report: CrashReport): number {
    const kept = this.#sizes.length === 0 ? -1 : fate.keptSize(this.#sizeSerials)
    const size = kept < 0 ? this.#stableSize : (this.#sizes[kept] as number)
    if (size !== this.#size) report.lostSize()
    return size
  }

  #resize(size: number, serial: number): void {
    if (size === this.#size) return
    if (size > this.#content.length) this.#content = grown(this.#content, size)
    this.#size = size
    this.#sizes.push(size)
    this.#sizeSerials.push(serial)
  }

  #touch(from: number, to: number, serial: number): void {
    const first = Math.floor(from / SECTOR_BYTES)
    const block = sectorsOf(this.#content, first, Math.ceil(to / SECTOR_BYTES))
    for (let offset = 0; offset < block.length; offset += SECTOR_BYTES) {
      const sector = first + offset / SECTOR_BYTES
      const versions = this.#dirty.get(sector)
      if (versions === undefined) this.#dirty.set(sector, { blocks: [block], offsets: [offset], serials: [serial] })
      else addVersion(versions, block, offset, serial)
      if (this.#dropped.size > 0) this.#dropped.delete(sector)
    }
  }

  /** Carries sectors from the cache to the platter. */
  #carryOver(from: number, to: number): void {
    const [start, end] = [from * SECTOR_BYTES, to * SECTOR_BYTES]
    if (end > this.#stable.length) this.#stable = grown(this.#stable, end)
    if (end > this.#content.length) this.#stable.fill(0, start, end)
    this.#stable.set(this.#content.subarray(start, end), start)
    if (this.#bad.size > 0) for (let sector = from; sector < to; sector++) this.#bad.delete(sector)
  }

  #settle(sector: number, bytes: Uint8Array): void {
    const end = (sector + 1) * SECTOR_BYTES
    if (end > this.#stable.length) this.#stable = grown(this.#stable, end)
    this.#stable.set(bytes, sector * SECTOR_BYTES)
    this.#bad.delete(sector)
  }
}

/** A copy of sectors from one up to another; what the file lacks is zero. */
function sectorsOf(content: Uint8Array, from: number, to: number): Uint8Array {
  const copy = new Uint8Array((to - from) * SECTOR_BYTES)
  copy.set(content.subarray(from * SECTOR_BYTES, to * SECTOR_BYTES))
  return copy
}

function sectorOf(content: Uint8Array, sector: number): Uint8Array {
  return sectorsOf(content, sector, sector + 1)
}

function versionOf({ blocks, offsets }: Versions, index: number): Uint8Array {
  const offset = offsets[index] as number
  return (blocks[index] as Uint8Array).subarray(offset, offset + SECTOR_BYTES)
}

function addVersion({ blocks, offsets, serials }: Versions, block: Uint8Array, offset: number, serial: number): void {
  blocks.push(block)
  offsets.push(offset)
  serials.push(serial)
  if (blocks.length <= MOST_VERSIONS) return
  blocks.shift()
  offsets.shift()
  serials.shift()
}

function mixed(old: Uint8Array, later: Uint8Array, cut: number): Uint8Array {
  const torn = old.slice()
  torn.set(later.subarray(0, cut))
  return torn
}

function grown(content: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(size, content.length * 2, 4096))
  larger.set(content)
  return larger
}
