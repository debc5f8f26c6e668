import { isDisruptorError } from '@disruptorx/contracts'
import { type DamageRange, FaultAtlas, type SimulatedDisk } from '@disruptorx/testkit'
import type { Layout, Piece } from './layout.ts'

/** The directory of the simulated journal. */
export const DIR = 'd'

/** A piece of a file, whatever its name is by now. */
interface Place {
  /** The number of the file; of one that has lost its name, the last of that. */
  readonly file: number | string
  readonly position: number
  readonly length: number
}

/** A place that a fault has damaged. */
interface Damage extends Place {
  /** What it held before. */
  readonly good: Uint8Array
  readonly kind: string
  /** What was being written is missing: an older content may stand there, and look well. */
  readonly isMissing: boolean
  /** Something was written over it since. */
  isOverwritten: boolean
}

/** What the damage book needs of the world. */
export interface DamagedWorld {
  readonly layout: Layout
  /** Everything up to here was said to be on stable storage. */
  readonly syncedLsn: number
  contentOf(path: string): Uint8Array | undefined
  readonly inodeOf: (path: string) => number | undefined
}

/**
 * Knows every damage that was done to the disk, so that a refusal can be told from a lie.
 *
 * Its atlas protects what nothing proves to be durable: a batch that no later header vouches for cannot be told from a torn write, so a journal that
 * lost it to damage would be right to cut it.
 */
export class DamageBook {
  readonly atlas: FaultAtlas
  readonly #world: DamagedWorld
  readonly #damages: Damage[] = []
  /** Pieces that were shown wrong in this life. */
  readonly #misread: Place[] = []

  constructor(world: DamagedWorld) {
    this.#world = world
    this.atlas = new FaultAtlas({
      damageable: 1,
      keysOf: range => (this.#mustSurvive(range) ? 'must-survive' : ['anything']),
      onDamage: range => this.#note(range),
    })
  }

  /** A process begins: what was shown wrong once is right again. */
  startLife(): void {
    this.#misread.length = 0
  }

  /** For the layout: a write overwrites what was damaged before it, and what is damaged before it is done; not what it misses itself. */
  writing(piece: Piece): () => void {
    const before = this.#damages.length
    this.#overwrite(piece, () => true)
    return () => this.#overwrite(piece, (damage, i) => i < before || !damage.isMissing)
  }

  /**
   * Whether an error names damage that was really done.
   *
   * @param inodeOf which file has a name where the error was met
   */
  justifies(error: unknown, inodeOf = this.#world.inodeOf): boolean {
    // A write that is lost without a trace may have said that the segment was needed no more.
    if (isDisruptorError(error, 'DX_SEGMENT_MISSING')) return this.#world.layout.lostLsn !== Number.POSITIVE_INFINITY
    const place = placeOf(error)
    if (place === undefined) return false
    const { segment, offset } = place
    const path = segmentPath(segment)
    const file = inodeOf(path) ?? path
    const accused = { file, position: offset, length: this.#lengthAt(place) }
    if ([...this.#damages, ...this.#misread].some(damage => overlaps(damage, accused))) return true
    // What follows a write that is missing may be the first to show it: it names what should stand before it.
    const from = this.#world.layout.startBefore(segment, offset)
    const before = { file, position: from, length: offset - from }
    return this.#damages.some(damage => damage.isMissing && overlaps(damage, before))
  }

  /** Whether an error says of a place that it cannot be read, and a sector there is bad. */
  justifiesUnreadable(error: unknown): boolean {
    const { segment, offset } = unreadableOf(error) ?? {}
    if (segment === undefined || offset === undefined) return false
    // What nobody has seen there is told by its first sector.
    const length =
      offset === 0 ? this.#lengthAt({ segment, offset }) : (this.#world.layout.batchAt(segment, offset)?.content.length ?? 4096)
    const accused = this.#placeOf({ path: segmentPath(segment), position: offset, length })
    return this.#damages.some(damage => damage.kind === 'badSectors' && overlaps(damage, accused))
  }

  /** Puts back what was damaged, as an operator would who has a backup of just that. False when nobody can say any more what belongs there. */
  restore(disk: SimulatedDisk): boolean {
    if (this.#damages.some(({ isOverwritten, kind }) => isOverwritten || kind === 'ignoredSyncs')) return false
    const paths = new Map<number | string | undefined, string>(disk.paths().map(path => [disk.inodeOf(path), path]))
    for (const { file, position, length, good, isMissing } of [...this.#damages].reverse()) {
      const path = paths.get(file)
      if (path === undefined) continue
      // Openings have gone on without it, and may have put what it speaks of elsewhere.
      if (isMissing && this.#world.layout.isFooter(segmentOf(path) ?? 0, position, length)) continue
      const content = disk.content(path)
      if (content === undefined || position >= content.length) continue
      content.set(good.subarray(0, content.length - position), position)
      disk.replace(path, content)
    }
    return true
  }

  #overwrite(piece: Piece, counts: (damage: Damage, index: number) => boolean): void {
    const place = this.#placeOf(piece)
    for (const [i, damage] of this.#damages.entries()) if (overlaps(damage, place) && counts(damage, i)) damage.isOverwritten = true
  }

  /** A crash may take a renaming back: what was damaged goes with the file, not with a name. */
  #placeOf({ path, position, length }: Piece): Place {
    return { file: this.#world.inodeOf(path) ?? path, position, length }
  }

  #mustSurvive({ path, position, length, isMeant }: DamageRange): boolean {
    const { layout } = this.#world
    const { isOpening, unproven } = layout
    if (isMeant === true) return isOpening
    const segment = segmentOf(path)
    if (segment === undefined) return isOpening
    if (unproven === undefined) return false
    return segment > unproven.segment || (segment === unproven.segment && position + length > unproven.offset)
  }

  #note({ path, position, length, kind, isMeant }: DamageRange): void {
    if (kind === 'bitFlips') this.#misread.push(this.#placeOf({ path, position, length }))
    else if (kind === 'ignoredSyncs') this.#noteIgnoredSync(path, length)
    else {
      if (isMeant === true) this.#world.layout.lose(segmentOf(path) ?? 0, position, length, this.#world.syncedLsn)
      this.#add({ path, position, length }, kind, isMeant === true)
    }
  }

  /** What was written since the last sync is at stake; in a file without batches, all of it. */
  #noteIgnoredSync(path: string, length: number): void {
    const lost = this.#world.layout.lose(segmentOf(path) ?? 0, 0, length, this.#world.syncedLsn)
    if (lost.length === 0) this.#add({ path, position: 0, length }, 'ignoredSyncs', true)
    for (const { offset, content } of lost) this.#add({ path, position: offset, length: content.length }, 'ignoredSyncs', true)
  }

  #add(piece: Piece, kind: string, isMissing: boolean): void {
    const { path, position, length } = piece
    const good = this.#world.contentOf(path)?.slice(position, position + length) ?? new Uint8Array(0)
    this.#damages.push({ ...this.#placeOf(piece), good, kind, isMissing, isOverwritten: false })
  }

  /** How long the thing is that an error names. */
  #lengthAt({ segment, offset }: { readonly segment: number; readonly offset: number }): number {
    const { layout } = this.#world
    const batch = layout.batchAt(segment, offset)
    return batch === undefined ? layout.headerBytes(segment) - offset : batch.content.length
  }
}

/** Segment and offset that a refusal names; `undefined` for an error that damage is no excuse for. */
function placeOf(error: unknown): { readonly segment: number; readonly offset: number } | undefined {
  if (isDisruptorError(error, 'DX_JOURNAL_CORRUPT')) return error.details as { segment: number; offset: number }
  // The version stands where everybody can read it, in front of any check sum.
  if (!isDisruptorError(error, 'DX_FORMAT_TOO_NEW') && !isDisruptorError(error, 'DX_FORMAT_TOO_OLD')) return undefined
  const segment = /^segment (\d+)$/.exec(String(error.details.what))?.[1]
  return segment === undefined ? undefined : { segment: Number(segment), offset: 0 }
}

/** Segment and offset that an error names of which the disk cannot read something. */
function unreadableOf(error: unknown): { readonly segment: number; readonly offset: number } | undefined {
  const [, segment, offset] = /segment (\d+) at ([\d,]+): .* cannot be read/.exec(String(error)) ?? []
  if (segment === undefined || offset === undefined) return undefined
  return { segment: Number(segment), offset: Number(offset.replaceAll(',', '')) }
}

function overlaps(a: Place, b: Place): boolean {
  return a.file === b.file && a.position < b.position + b.length && b.position < a.position + a.length
}

/** Where a segment lies. */
export function segmentPath(segment: number): string {
  return `${DIR}/${String(segment).padStart(6, '0')}.seg`
}

/** The number of a segment's file; `undefined` for any other file. */
export function segmentOf(path: string): number | undefined {
  const name = /\/(\d+)\.seg$/.exec(path)?.[1]
  return name === undefined ? undefined : Number(name)
}
