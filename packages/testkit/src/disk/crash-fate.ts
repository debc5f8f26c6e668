import type { SeededRandom } from '../seeded-random.ts'

/** What becomes of a sector's unsynced versions: one of them is left, or the synced content, or a mixture of two. */
export interface SectorFate {
  /** The version that reached the disk, counted from 0, oldest first; -1 for what was synced before all of them. */
  readonly kept: number
  /** Bytes of it that reached the disk before the power went; behind them lies what was synced. Undefined: all. */
  readonly tornAt: number | undefined
}

/**
 * Decides what a crash leaves of everything that was not synced. Changes are numbered over the whole disk in the order in which they were made;
 * each question names the numbers of the changes that compete.
 */
export interface CrashFate {
  /** Whether a change of a directory is kept. */
  keepsEntry(serial: number): boolean
  /** Which size a file has: as {@link SectorFate.kept}. */
  keptSize(serials: readonly number[]): number
  /**
   * What is left of a sector.
   *
   * @param dropped whether a failed sync left it out: only the cache has it
   */
  sector(serials: readonly number[], dropped: boolean): SectorFate
}

/** What a disk writes whole or not at all; a torn one is the exception that a simulation adds. */
export const SECTOR_BYTES = 512

/** Each sector, size and directory entry by itself, with no regard to order: the worst that a disk may do. */
export class ChaoticFate implements CrashFate {
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    this.#random = random
  }

  keepsEntry(): boolean {
    return this.#random.chance(0.5)
  }

  keptSize(serials: readonly number[]): number {
    return this.#random.below(serials.length + 1) - 1
  }

  sector(serials: readonly number[]): SectorFate {
    const fate = this.#random.below(8)
    if (fate < 3) return { kept: -1, tornAt: undefined }
    const kept = this.#random.below(serials.length)
    return { kept, tornAt: fate < 7 ? undefined : this.#random.below(SECTOR_BYTES) }
  }
}

/** How a crash treats what was not synced. */
export interface CrashPlan {
  /** Changes of file content after this one are lost. `Infinity`: none is. */
  readonly contentCut: number
  /** Changes of directories after this one are lost. */
  readonly entryCut: number
  /** Whether each sector and entry before the cut may be lost by itself, and behind it be kept: the disk did not keep the order. */
  readonly anyOrder: boolean
  /** How likely each sector that had a newer version is torn. */
  readonly torn: number
}

/** An ordered loss, as a plan says: all up to a change is kept, unless the plan allows any order. */
export class PlannedFate implements CrashFate {
  readonly #plan: CrashPlan
  readonly #random: SeededRandom

  constructor(plan: CrashPlan, random: SeededRandom) {
    this.#plan = plan
    this.#random = random
  }

  keepsEntry(serial: number): boolean {
    const { anyOrder, entryCut } = this.#plan
    return anyOrder && entryCut !== Number.POSITIVE_INFINITY ? this.#random.chance(0.5) : serial <= entryCut
  }

  keptSize(serials: readonly number[]): number {
    const { anyOrder, contentCut } = this.#plan
    if (anyOrder && contentCut !== Number.POSITIVE_INFINITY) return this.#random.below(serials.length + 1) - 1
    return lastUpTo(serials, contentCut)
  }

  sector(serials: readonly number[], dropped: boolean): SectorFate {
    if (dropped) return { kept: -1, tornAt: undefined }
    const { anyOrder, contentCut, torn } = this.#plan
    const separately = anyOrder && contentCut !== Number.POSITIVE_INFINITY
    const kept = separately ? this.#random.below(serials.length + 1) - 1 : lastUpTo(serials, contentCut)
    if (torn > 0 && this.#random.chance(torn)) {
      const mixed = Math.min(kept + 1, serials.length - 1)
      return { kept: mixed, tornAt: this.#random.between(1, SECTOR_BYTES - 1) }
    }
    return { kept, tornAt: undefined }
  }
}

function lastUpTo(serials: readonly number[], cut: number): number {
  let last = -1
  while (last + 1 < serials.length && (serials[last + 1] as number) <= cut) last++
  return last
}
