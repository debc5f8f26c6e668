import type { FileRequest } from '@disruptorx/contracts'
import { SECTOR_BYTES } from './crash-fate.ts'
import type { DiskFaultKind, DiskFaults } from './disk-faults.ts'
import type { DamageRange, FaultAtlas } from './fault-atlas.ts'
import type { Inode } from './inode.ts'
import { PlainMedium, systemError } from './medium.ts'
import type { Tree } from './tree.ts'

/** Operations that change or read names only. */
const ofEntries = new Set<string>(['open', 'list', 'rename', 'remove', 'truncate', 'make-directory'])

/** A medium that fails as its rates say, within what the atlas allows. */
export class FaultyMedium extends PlainMedium {
  /** Bytes that all files together may have. */
  capacityBytes = Number.POSITIVE_INFINITY
  readonly #node: string
  readonly #faults: DiskFaults
  readonly #atlas: FaultAtlas | undefined

  constructor(tree: Tree, node: string, faults: DiskFaults, atlas: FaultAtlas | undefined) {
    super(tree)
    this.#node = node
    this.#faults = faults
    this.#atlas = atlas
  }

  override admit({ operation }: FileRequest): void {
    if (ofEntries.has(operation)) this.#mayFail('entryErrors', 'EIO', operation)
  }

  override read(inode: Inode, into: Uint8Array, position: number): number {
    const faults = this.#faults
    this.#mayFail('readErrors', 'EIO', 'read')
    const there = Math.min(into.length, inode.size - position)
    if (there <= 0) return 0
    const from = Math.floor(position / SECTOR_BYTES)
    const to = Math.ceil((position + there) / SECTOR_BYTES)
    if (faults.happens('badSectors')) this.spoil(inode, from + faults.random('badSectors').below(to - from))
    if (inode.hasBad(from, to)) throw systemError('EIO', 'read', `a sector of ${inode.path} cannot be read`)
    if (faults.happens('bitRot')) this.rot(inode, position * 8 + faults.random('bitRot').below(there * 8))
    if (faults.happens('coldReads')) {
      inode.evict(from, to)
      faults.fired('coldReads', { path: inode.path, position })
    }
    const short = there > 1 && faults.happens('shortReads')
    const count = inode.read(short ? into.subarray(0, faults.random('shortReads').between(1, there - 1)) : into, position)
    if (short) faults.fired('shortReads', { path: inode.path, position })
    if (faults.happens('bitFlips')) {
      const bit = faults.random('bitFlips').below(count * 8)
      const at = position + (bit >> 3)
      if (this.#atlas?.mayMisread(this.#range('bitFlips', inode, at, 1)) ?? true) {
        flip(into, bit)
        faults.fired('bitFlips', { path: inode.path, position: at })
      }
    }
    return count
  }

  override write(inode: Inode, bytes: Uint8Array, position: number): number {
    const faults = this.#faults
    for (const [kind, code] of failures) {
      if (!faults.happens(kind)) continue
      const part = faults.random(kind).below(bytes.length + 1)
      if (part > 0) super.write(inode, bytes.subarray(0, part), position)
      faults.fired(kind, { path: inode.path, position, written: part })
      throw systemError(code, 'write', inode.path)
    }
    const room = this.#roomFor(inode, bytes.length, position)
    if (bytes.length > 0 && room === 0) {
      faults.fired('noSpace', { path: inode.path, position, written: 0 })
      throw systemError('ENOSPC', 'write', inode.path)
    }
    const short = bytes.length > 1 && faults.happens('shortWrites')
    const taken = Math.min(room, short ? faults.random('shortWrites').between(1, bytes.length - 1) : bytes.length)
    super.write(inode, bytes.subarray(0, taken), position)
    if (short) faults.fired('shortWrites', { path: inode.path, position, written: taken })
    if (taken > 0 && faults.happens('misdirectedWrites')) this.#misdirect(inode, position, taken)
    return taken
  }

  override sync(inode: Inode): void {
    const faults = this.#faults
    this.#mayFail('syncErrors', 'EIO', 'datasync')
    if (inode.isDirty && faults.happens('forgetfulSyncs')) {
      inode.forgetfulSync(() => faults.random('forgetfulSyncs').chance(0.5))
      faults.fired('forgetfulSyncs', { path: inode.path })
      throw systemError('EIO', 'datasync', inode.path)
    }
    if (inode.isDirty && faults.happens('ignoredSyncs') && this.#mayIgnoreSync(inode)) faults.fired('ignoredSyncs', { path: inode.path })
    else super.sync(inode)
  }

  override syncDirectory(path: string): void {
    this.#mayFail('syncErrors', 'EIO', 'sync-directory')
    super.syncDirectory(path)
  }

  /** Turns a bit over on the platter. False when the atlas forbids it, or when a write is on its way there. */
  rot(inode: Inode, bit: number): boolean {
    const sector = Math.floor(bit / 8 / SECTOR_BYTES)
    if (inode.isPending(sector) || !this.#mayDamage('bitRot', inode, bit >> 3, 1)) return false
    inode.rot(bit)
    inode.evict(sector, sector + 1)
    this.#faults.fired('bitRot', { path: inode.path, position: bit >> 3 })
    return true
  }

  /** Makes a sector unreadable. False when the atlas forbids it, or when a write is on its way there. */
  spoil(inode: Inode, sector: number): boolean {
    const alreadyBad = inode.hasBad(sector, sector + 1)
    if (alreadyBad || inode.isPending(sector) || !this.#mayDamage('badSectors', inode, sector * SECTOR_BYTES, SECTOR_BYTES)) return false
    inode.spoil(sector)
    this.#faults.fired('badSectors', { path: inode.path, position: sector * SECTOR_BYTES })
    return true
  }

  #misdirect(inode: Inode, position: number, length: number): void {
    const random = this.#faults.random('misdirectedWrites')
    const from = Math.floor(position / SECTOR_BYTES)
    const to = Math.ceil((position + length) / SECTOR_BYTES)
    const places: { readonly victim: Inode; readonly sectors: number }[] = []
    for (const [, victim] of this.tree.files()) {
      const sectors = Math.floor(victim.stableSize / SECTOR_BYTES) - (to - from) + 1
      if (sectors > 0) places.push({ victim, sectors })
    }
    if (places.length === 0) return
    const { victim, sectors } = random.pick(places)
    const drawn = random.below(sectors)
    // Where it should go is no wrong place.
    const at = victim === inode && drawn === from ? (drawn + 1) % sectors : drawn
    if (victim === inode && at === from) return
    const bytes = (to - from) * SECTOR_BYTES
    const meant = { ...this.#range('misdirectedWrites', inode, from * SECTOR_BYTES, bytes), isMeant: true }
    if (!(this.#atlas?.mayDamage(meant, this.#range('misdirectedWrites', victim, at * SECTOR_BYTES, bytes)) ?? true)) return
    inode.misdirect(from, to, victim, at)
    this.#faults.fired('misdirectedWrites', { path: inode.path, position: from * SECTOR_BYTES, to: victim.path, at: at * SECTOR_BYTES })
  }

  /** How many of these bytes fit the disk. */
  #roomFor(inode: Inode, length: number, position: number): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return length
    const free = Math.max(0, this.capacityBytes - this.tree.bytes)
    return Math.min(length, Math.max(0, inode.size - position) + free)
  }

  #mayFail(kind: DiskFaultKind, code: string, operation: string): void {
    if (!this.#faults.happens(kind)) return
    this.#faults.fired(kind, { operation })
    throw systemError(code, operation, 'the disk failed')
  }

  #mayIgnoreSync(inode: Inode): boolean {
    return this.#atlas?.mayDamage({ ...this.#range('ignoredSyncs', inode, 0, inode.size), isMeant: true }) ?? true
  }

  #mayDamage(kind: DiskFaultKind, inode: Inode, position: number, length: number): boolean {
    return this.#atlas?.mayDamage(this.#range(kind, inode, position, length)) ?? true
  }

  #range(kind: DiskFaultKind, inode: Inode, position: number, length: number): DamageRange {
    return { node: this.#node, path: inode.path, position, length, kind }
  }
}

const failures = [
  ['writeErrors', 'EIO'],
  ['noSpace', 'ENOSPC'],
] as const

function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
}
