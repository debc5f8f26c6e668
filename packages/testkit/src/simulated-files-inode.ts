import type { SeededRandom } from './seeded-random.ts'

/** What a disk writes whole or not at all; a torn one is the exception that a simulation adds. */
const SECTOR_BYTES = 512
/** Versions of one sector that may be what a crash leaves; of more, the oldest are forgotten. */
const MOST_VERSIONS = 8

/** One simulated file: what programs see, and what a crash would leave of it. */
export class SimulatedInode {
  #content = new Uint8Array(0)
  #size = 0
  #stable = new Uint8Array(0)
  #stableSize = 0
  /** By sector: every version written since the last sync. Any of them may have reached the disk. */
  readonly #dirty = new Map<number, Uint8Array[]>()
  /** Sectors that a failed sync left out. The system believes them clean: only a new write makes the next sync write them. */
  readonly #dropped = new Set<number>()
  #sizes: number[] = []

  get size(): number {
    return this.#size
  }

  read(into: Uint8Array, position: number): number {
    const end = Math.min(this.#size, position + into.length)
    if (end <= position) return 0
    into.set(this.#content.subarray(position, end))
    return end - position
  }

  write(bytes: Uint8Array, position: number): void {
    this.#resize(Math.max(this.#size, position + bytes.length))
    this.#content.set(bytes, position)
    this.#touch(position, position + bytes.length)
  }

  truncate(size: number): void {
    const before = this.#size
    this.#resize(size)
    if (size >= before) return
    this.#content.fill(0, size)
    this.#touch(size, before)
  }

  /** Everything written so far is on stable storage. */
  sync(): void {
    for (const sector of this.#dirty.keys()) if (!this.#dropped.has(sector)) this.#settle(sector, sectorOf(this.#content, sector))
    for (const sector of this.#dirty.keys()) if (!this.#dropped.has(sector)) this.#dirty.delete(sector)
    this.#stableSize = this.#size
    this.#sizes = []
  }

  /** Some of what was written is on stable storage; the rest is not, and the system has forgotten that. */
  failSync(random: SeededRandom): void {
    for (const sector of this.#dirty.keys()) {
      if (random.chance(0.5)) {
        this.#settle(sector, sectorOf(this.#content, sector))
        this.#dirty.delete(sector)
      } else this.#dropped.add(sector)
    }
  }

  /** The machine stops. Each sector keeps what was synced, or any later version, or a mixture of two. */
  crash(random: SeededRandom): void {
    const size = random.pick([this.#stableSize, ...this.#sizes])
    for (const [sector, versions] of this.#dirty) this.#settle(sector, this.#survivor(sector, versions, random))
    this.#dirty.clear()
    this.#dropped.clear()
    this.#sizes = []
    this.#content = new Uint8Array(size)
    this.#content.set(this.#stable.subarray(0, size))
    this.#size = size
    this.#stable = this.#content.slice()
    this.#stableSize = size
  }

  #survivor(sector: number, versions: readonly Uint8Array[], random: SeededRandom): Uint8Array {
    const old = sectorOf(this.#stable, sector)
    const fate = random.below(8)
    if (fate < 3) return old
    const later = random.pick(versions)
    if (fate < 7) return later
    const torn = old.slice()
    const cut = random.below(SECTOR_BYTES)
    torn.set(later.subarray(0, cut))
    return torn
  }

  #resize(size: number): void {
    if (size === this.#size) return
    if (size > this.#content.length) this.#content = grown(this.#content, size)
    this.#size = size
    this.#sizes.push(size)
  }

  #touch(from: number, to: number): void {
    for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < to; sector++) {
      const versions = this.#dirty.get(sector) ?? []
      versions.push(sectorOf(this.#content, sector))
      if (versions.length > MOST_VERSIONS) versions.shift()
      this.#dirty.set(sector, versions)
      this.#dropped.delete(sector)
    }
  }

  #settle(sector: number, bytes: Uint8Array): void {
    const end = (sector + 1) * SECTOR_BYTES
    if (end > this.#stable.length) this.#stable = grown(this.#stable, end)
    this.#stable.set(bytes, sector * SECTOR_BYTES)
  }
}

/** A copy of one sector; what the file lacks is zero. */
function sectorOf(content: Uint8Array, sector: number): Uint8Array {
  const copy = new Uint8Array(SECTOR_BYTES)
  copy.set(content.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES))
  return copy
}

function grown(content: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(size, content.length * 2, 4096))
  larger.set(content)
  return larger
}
