import { OptionError } from '@disruptorx/contracts'
import type { SeededRandom } from '../seeded-random.ts'
import { checkLikelihood, happens } from '../simulation/range.ts'
import type { TraceFields } from '../simulation/trace.ts'

/**
 * How likely each fault of a simulated disk is, from 0 to 1, whenever there is an occasion for it. All of them are 0 unless given. Each has its own source
 * of chance, so that turning one off changes nothing for the others, and counts in the coverage under `disk.` and its name when it really fired.
 */
export interface DiskFaultRates {
  /** At a crash: what was written last and not synced is lost, from some write on. */
  readonly lostWrites: number
  /**
   * At a crash that loses: each sector, size and directory entry by itself, so that a later one may be kept where an earlier one is lost. Content and
   * directories keep no order between them in any case.
   */
  readonly reorderedWrites: number
  /** At a crash: sectors written and not synced are a mixture of two contents. */
  readonly tornSectors: number
  /** At a crash: creations, renames, removals and new directories that were not synced are lost, from some one on. */
  readonly lostEntries: number
  /** A read fails with `EIO`, once. */
  readonly readErrors: number
  /** A read finds that a sector cannot be read, now and until a write reaches the platter there: `EIO`. Asks the atlas. */
  readonly badSectors: number
  /** A read returns one wrong bit, once: not where the atlas says that a copy must survive. */
  readonly bitFlips: number
  /** A read finds that a bit has turned over on the platter, for good. Asks the atlas. */
  readonly bitRot: number
  /** A read returns fewer bytes than asked for and there. */
  readonly shortReads: number
  /** A read finds that the system's cache has dropped these pages: it shows the platter. */
  readonly coldReads: number
  /** A write fails with `EIO`; some of it may have been written. */
  readonly writeErrors: number
  /** A write fails with `ENOSPC`; some of it may have been written. */
  readonly noSpace: number
  /** A write takes fewer bytes than asked. */
  readonly shortWrites: number
  /** A write reaches the platter at another place, of this file or another. The cache does not know. Asks the atlas for both places. */
  readonly misdirectedWrites: number
  /** A sync of a file or directory fails with `EIO`. Nothing is forgotten: the next one carries all of it out. */
  readonly syncErrors: number
  /** A sync fails with `EIO`, once, and then lies, as Linux: some pages count as clean and are not on the platter, and later syncs succeed. */
  readonly forgetfulSyncs: number
  /** A sync says that it succeeded and did nothing: a disk that lies about its cache. Asks the atlas. */
  readonly ignoredSyncs: number
  /** Opening, listing, renaming, removing, truncating or making a directory fails with `EIO` and does nothing. */
  readonly entryErrors: number
  /** A sync takes as long as `slowSyncMs` says. */
  readonly slowSyncs: number
  /** The whole disk answers nothing for as long as `stallMs` says. */
  readonly stalls: number
}

/** A fault of a simulated disk. */
export type DiskFaultKind = keyof DiskFaultRates

const NONE: DiskFaultRates = {
  lostWrites: 0,
  reorderedWrites: 0,
  tornSectors: 0,
  lostEntries: 0,
  readErrors: 0,
  badSectors: 0,
  bitFlips: 0,
  bitRot: 0,
  shortReads: 0,
  coldReads: 0,
  writeErrors: 0,
  noSpace: 0,
  shortWrites: 0,
  misdirectedWrites: 0,
  syncErrors: 0,
  forgetfulSyncs: 0,
  ignoredSyncs: 0,
  entryErrors: 0,
  slowSyncs: 0,
  stalls: 0,
}

/** Every fault of a simulated disk. */
export const diskFaultKinds = Object.keys(NONE) as readonly DiskFaultKind[]

/** Who is told of the faults of a disk. */
export interface DiskFaultListener {
  /** A fault has a rate above 0 now. */
  mayFire(kind: DiskFaultKind): void
  /** A fault really fired. */
  fired(kind: DiskFaultKind, fields: TraceFields | undefined): void
}

/** The dice of one disk: decides which faults happen, and counts those that did. */
export class DiskFaults {
  /** What was set, and what holds with everything that makes it worse. */
  #set: DiskFaultRates = NONE
  #rates: DiskFaultRates = NONE
  readonly #worse = new Set<Partial<DiskFaultRates>>()
  readonly #random: Readonly<Record<DiskFaultKind, SeededRandom>>
  readonly #listener: DiskFaultListener
  readonly #fired = new Map<DiskFaultKind, number>()

  /** @throws {OptionError} */
  constructor(rates: Partial<DiskFaultRates>, random: SeededRandom, listener: DiskFaultListener) {
    this.#random = Object.fromEntries(diskFaultKinds.map(kind => [kind, random.derive(kind)])) as Record<DiskFaultKind, SeededRandom>
    this.#listener = listener
    this.set(rates)
  }

  get rates(): DiskFaultRates {
    return this.#rates
  }

  /** Changes some rates. @throws {OptionError} */
  set(rates: Partial<DiskFaultRates>): void {
    this.#set = { ...this.#set, ...checkRates(rates) }
    this.#combine()
  }

  /** Raises some rates to at least these, until the result is called. @throws {OptionError} */
  worsen(rates: Partial<DiskFaultRates>): () => void {
    const worse = { ...checkRates(rates) }
    this.#worse.add(worse)
    this.#combine()
    return () => {
      if (this.#worse.delete(worse)) this.#combine()
    }
  }

  /** Turns everything off. */
  clear(): void {
    this.#set = NONE
    this.#worse.clear()
    this.#combine()
  }

  /** Whether a fault is to happen now. Whoever then makes it happen counts it. */
  happens(kind: DiskFaultKind): boolean {
    return happens(this.#rates[kind], this.#random[kind])
  }

  /** The source of chance of one kind. */
  random(kind: DiskFaultKind): SeededRandom {
    return this.#random[kind]
  }

  /** How often a fault really fired on this disk; the coverage has the sum of all disks. */
  times(kind: DiskFaultKind): number {
    return this.#fired.get(kind) ?? 0
  }

  /** Takes note of a fault that really fired. */
  fired(kind: DiskFaultKind, fields?: TraceFields): void {
    this.#fired.set(kind, this.times(kind) + 1)
    this.#listener.fired(kind, fields)
  }

  #combine(): void {
    const rates = { ...this.#set } as Record<DiskFaultKind, number>
    for (const worse of this.#worse) for (const kind of diskFaultKinds) rates[kind] = Math.max(rates[kind], worse[kind] ?? 0)
    this.#rates = rates
    for (const kind of diskFaultKinds) if (rates[kind] > 0) this.#listener.mayFire(kind)
  }
}

function checkRates(rates: Partial<DiskFaultRates>): Partial<DiskFaultRates> {
  for (const [kind, rate] of Object.entries(rates)) {
    if (!(kind in NONE)) throw new OptionError('faults', kind, `one of ${diskFaultKinds.join(', ')}`)
    checkLikelihood(`faults.${kind}`, rate)
  }
  return rates
}
