import { SECTOR_BYTES } from './crash-fate.ts'

/** A sector before and after a crash. */
export interface SectorContents {
  /** What is left. */
  readonly left: Uint8Array
  /** What was synced. */
  readonly old: Uint8Array
  /** The version that reached the disk, whole or in part. */
  readonly written: Uint8Array
  /** What was written last. */
  readonly newest: Uint8Array
}

/** Counts what a crash really took away. */
export class CrashReport {
  /** Sectors whose newest content is gone. */
  lostSectors = 0
  /** Sectors that are a mixture of two contents. */
  tornSectors = 0
  /** Files that have another size than before. */
  lostSizes = 0
  /** Changes of directories that are gone. */
  lostEntries = 0
  readonly #content = new Order()
  readonly #entries = new Order()

  /** Whether content was kept that was written after content that was lost, or a change of a directory that was made after one that was lost. */
  get reordered(): boolean {
    return this.#content.broken || this.#entries.broken
  }

  /** What is left of a sector that was written since the last sync: of which of its versions, and whether torn. */
  sector(serials: readonly number[], kept: number, { left, old, written, newest }: SectorContents, torn: boolean): void {
    if (torn) {
      if (!isEqual(left, old) && !isEqual(left, written)) this.tornSectors++
      return
    }
    if (kept >= 0) this.#content.kept(serials[kept] as number)
    if (isEqual(left, newest)) return
    this.lostSectors++
    // What a later write of the sector covered anyway is no loss of its own.
    this.#content.lost(serials.at(-1) as number)
  }

  lostSize(): void {
    this.lostSizes++
  }

  entry(serial: number, kept: boolean): void {
    if (kept) this.#entries.kept(serial)
    else {
      this.lostEntries++
      this.#entries.lost(serial)
    }
  }
}

/** Whether changes were lost from some one on, or in between. */
class Order {
  #firstLost = Number.POSITIVE_INFINITY
  #lastKept = -1

  get broken(): boolean {
    return this.#lastKept > this.#firstLost
  }

  kept(serial: number): void {
    this.#lastKept = Math.max(this.#lastKept, serial)
  }

  lost(serial: number): void {
    this.#firstLost = Math.min(this.#firstLost, serial)
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < SECTOR_BYTES; i++) if (a[i] !== b[i]) return false
  return true
}
