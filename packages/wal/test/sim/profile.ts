import { type DiskFaultRates, type SeededRandom, type SimulatedDiskOptions, swarm } from '@disruptorx/testkit'
import type { JournalStepOptions } from '../../src/index.ts'
import { DIR } from './damage-book.ts'

const KIB = 1024

/** How likely each thing is that a user does, against the others. */
export interface Habits {
  readonly append: number
  readonly appendBatch: number
  readonly cut: number
  readonly trim: number
  readonly reset: number
  readonly mark: number
  readonly value: number
  readonly drop: number
  /** Ids of the logs; the first is the one that lags, where there is one. */
  readonly logs: readonly number[]
  /** How likely it is that the lagging log's turn comes, which is only appended to. */
  readonly lag: number
  /** Most bytes of an entry. */
  readonly longest: number
}

/** How an archive fails. */
export interface ArchiveProfile {
  readonly faults: Partial<DiskFaultRates>
  /** How likely an object is not stored as the archive says. */
  readonly lies: number
  /** How likely the machine crashes at some request to the archive's disk, in each life. */
  readonly stops: number
  readonly timeoutMs: number
}

/** Everything that a seed decides before its world begins. */
export interface Profile {
  /** Whether durable bytes may be damaged. */
  readonly damages: boolean
  readonly habits: Habits
  readonly completion: NonNullable<SimulatedDiskOptions['completion']>
  readonly faults: Partial<DiskFaultRates>
  /** Whether damage is repaired from elsewhere, and from where. */
  readonly repair: 'nothing' | 'archive' | 'peer'
  /** Whether a scrubber runs. */
  readonly scrubs: boolean
  /** Whether segments are kept until they are archived, and by what: a stand-in, or the true archiver. */
  readonly archives: 'nothing' | 'stand-in' | ArchiveProfile
  /** Whether a thread of its own prepares segments. */
  readonly prepares: boolean
  /** Options of one life of the journal. */
  readonly life: (random: SeededRandom) => LifeOptions
}

/** Slow, so that crashes often come in the middle of something. */
export const latency = {
  writeUs: { least: 20, most: 500 },
  syncUs: { least: 200, most: 5_000 },
  stallMs: { least: 5, most: 200 },
  slowSyncMs: { least: 10, most: 100 },
}

/** What may change from one opening to the next. */
export type LifeOptions = Required<Pick<JournalStepOptions, 'durability' | 'segmentBytes' | 'verify' | 'rewrite'>> & JournalStepOptions

/** What an honest disk does: it forgets what was not synced, and says when it fails. */
const honest = {
  readErrors: 0.01,
  shortReads: 0.2,
  coldReads: 0.2,
  writeErrors: 0.01,
  noSpace: 0.01,
  shortWrites: 0.3,
  syncErrors: 0.01,
  forgetfulSyncs: 0.03,
  entryErrors: 0.01,
  slowSyncs: 0.1,
  stalls: 0.003,
}

/** What a disk does that lies. */
const lies = { bitFlips: 0.03, bitRot: 0.03, badSectors: 0.005, misdirectedWrites: 0.03, ignoredSyncs: 0.03 }

/** What a crash may take: each of it always, often, or never, so that what one loss would hide shows in another seed. */
const ofCrashes = ['lostWrites', 'reorderedWrites', 'tornSectors', 'lostEntries'] as const

const keys = { a: new Uint8Array(32).fill(1), b: new Uint8Array(32).fill(2) }

/** What a seed's world is like. */
export function drawProfile(random: SeededRandom, damages: boolean): Profile {
  const completion = random.pick(['later', 'at-once'] as const)
  const segmentKib = random.chance(0.04) ? 512 : random.pick([16, 16, 32, 32, 64])
  const maxBatchBytes = Math.min(random.pick([4, 8, 8, 16, 32]), segmentKib / 2) * KIB
  const compression = random.pick(['none', 'none', 'none', 'zstd'] as const)
  const encrypts = random.chance(0.25)
  const durabilities = random.pick([['fsync'], ['fsync'], ['interval'], ['none'], ['fsync', 'interval', 'none']] as const)
  const verifyAll = random.float()
  const crashes = Object.fromEntries(ofCrashes.map(kind => [kind, random.derive(kind).pick([0, 0.7, 1])]))
  const rates = { ...swarm(damages ? { ...honest, ...lies } : honest, random.derive('faults')), ...crashes }
  return {
    damages,
    habits: drawHabits(random.derive('habits'), maxBatchBytes),
    completion,
    faults: rates,
    repair: damages ? random.pick(['nothing', 'archive', 'peer'] as const) : 'nothing',
    scrubs: random.chance(damages ? 0.7 : 0.2),
    archives: drawArchive(random.derive('archive'), damages),
    prepares: completion === 'at-once' && random.chance(0.5),
    life: one => ({
      dir: DIR,
      durability: one.pick(durabilities),
      intervalMs: one.between(1, 20),
      // Files of another size turn up among the old ones.
      segmentBytes: (one.chance(0.05) ? 64 : segmentKib) * KIB,
      maxBatchBytes,
      verify: one.chance(verifyAll) ? 'all' : 'unsealed',
      rewrite: one.chance(0.9),
      compression,
      ...(encrypts && { encryption: { write: one.pick(['a', 'b']), keys } }),
    }),
  }
}

/** An archiver reads what it archives: where that may be damaged, it may have to wait for ever, which the stand-in does not. */
function drawArchive(random: SeededRandom, damages: boolean): Profile['archives'] {
  if (damages) return random.chance(0.15) ? 'stand-in' : 'nothing'
  if (!random.chance(0.3)) return 'nothing'
  const crashes = Object.fromEntries(ofCrashes.map(kind => [kind, random.derive(kind).pick([0, 0.7, 1])]))
  return {
    faults: { ...swarm(honest, random.derive('faults')), ...crashes },
    lies: random.pick([0, 0, 0.05, 0.3]),
    stops: random.pick([0, 0.3, 0.9]),
    timeoutMs: random.pick([30, 200, 10_000]),
  }
}

function drawHabits(random: SeededRandom, maxBatchBytes: number): Habits {
  const weights = { append: 60, appendBatch: 6, cut: 5, trim: 10, reset: 2, mark: 3, value: 6, drop: 2 }
  const { append, appendBatch, ...rare } = swarm(weights, random)
  const logs = Array.from({ length: random.pick([1, 2, 4, 9]) }, (_, i) => i * 7 + 1)
  return {
    ...rare,
    append: Math.max(40, append),
    appendBatch,
    logs,
    lag: random.chance(0.4) ? random.pick([0.02, 0.1]) : 0,
    longest: random.pick([200, maxBatchBytes / 8, maxBatchBytes - 2 * KIB]),
  }
}
