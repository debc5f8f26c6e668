import type { Clock, Random, SequenceCell } from '@disruptorx/contracts'
import { oneOf, powerOfTwo, systemClock, systemRandom, wholeNumber, zstd } from '@disruptorx/contracts/internal'
import type { SegmentKeeper } from './archive/archive-gate.ts'
import { directoryOption } from './directory-option.ts'
import {
  BATCH_HEADER_BYTES,
  LEAST_SEGMENT_BYTES,
  MOST_SEGMENT_BYTES,
  padToSector,
  RECORD_HEADER_BYTES,
  RESERVED_BATCH_BYTES,
} from './format/descriptor.ts'
import type { Compressor, KeySet, Keys } from './format/keys.ts'
import { cipherKeys } from './platform/cipher.ts'
import type { RepairSource } from './segments/repair.ts'
import type { SpareSegments } from './segments/spare-segments.ts'

/**
 * When a write counts as durable, which is when `durableLsn` moves past it.
 *
 * | durability | `durableLsn` moves | lost when the process dies | lost when the machine dies |
 * |---|---|---|---|
 * | `fsync` | after fdatasync | nothing | nothing |
 * | `interval` | when the operating system has taken the write | nothing | up to about `intervalMs` of it |
 * | `none` | when the operating system has taken the write | nothing | up to the segment that was being written |
 *
 * In every mode a segment is synced before the next one starts, and at close; `syncedLsn` tells what is on stable storage.
 */
export type Durability = 'fsync' | 'interval' | 'none'

/** How a journal is opened. */
export interface JournalStepOptions {
  /** Directory of the journal; made if missing. */
  readonly dir: string
  /** Size of a new segment file. A power of two from 16 KiB to 1 GiB. Those that exist keep theirs. @default 64 MiB */
  readonly segmentBytes?: number
  /** When an append counts as durable. @default 'fsync' */
  readonly durability?: Durability
  /** With durability `interval`: the longest time in milliseconds between two syncs while there is something to sync. 1 to 60,000. @default 10 */
  readonly intervalMs?: number
  /** Most bytes in one write. From 4 KiB to 16 MiB, rounded up to 4 KiB; never more than half a segment. @default 1 MiB */
  readonly maxBatchBytes?: number
  /** Most bytes of data in one entry, at least 1; never more than a batch holds. @default 256 KiB */
  readonly maxRecordBytes?: number
  /** What opening checks besides all segment headers: the segment written last, or every byte. @default 'unsealed' */
  readonly verify?: 'unsealed' | 'all'
  /**
   * Whether entries that a lagging log still needs are written again at the end of the journal, so that the segments behind them can go: when at least half of
   * what all full segments held is of no use any more. @default true
   */
  readonly rewrite?: boolean
  /** Whether batches are compressed, each where it saves at least 4 KiB. `zstd` has no effect on a Node without it, before 22.15. @default 'none' */
  readonly compression?: 'none' | 'zstd'
  /**
   * Encrypts the batches of new segments with AES-256-GCM. The headers of segments are not encrypted: they hold the numbers and the small values of each
   * log. @default none
   */
  readonly encryption?: KeySet
  /** Where damaged batches are repaired from, by opening and by a scrubber: a peer, an archive. Readers refuse them. @default they are refused */
  readonly repair?: RepairSource
  /** Prepares segments ahead, off this thread. @default none: a new segment is made on the journal's own thread, and counted */
  readonly spares?: SpareSegments
  /** Keeps full segments until they are archived: what `startArchiving` returns. @default none: a segment is freed when no log needs it */
  readonly archive?: SegmentKeeper
  /** A cell, in shared memory perhaps, that is set to the durable LSN whenever that moves. @default none */
  readonly durableCell?: SequenceCell
  /** Whose sleepers are woken then. @default none */
  readonly parkingLot?: { unparkAll(): void }
  /** @default the machine's clock */
  readonly clock?: Clock
  /** Where the journal's id comes from. @default the machine's source of chance */
  readonly random?: Random
}

/** Options with defaults filled in. */
export interface ResolvedJournalStepOptions {
  readonly dir: string
  readonly segmentBytes: number
  readonly durability: Durability
  readonly intervalMs: number
  readonly maxBatchBytes: number
  readonly maxRecordBytes: number
  readonly verify: 'unsealed' | 'all'
  readonly rewrite: boolean
  readonly compressor: Compressor | undefined
  readonly repair: RepairSource | undefined
  readonly keys: Keys
  readonly spares: SpareSegments | undefined
  readonly archive: SegmentKeeper | undefined
  readonly durableCell: SequenceCell | undefined
  readonly parkingLot: { unparkAll(): void } | undefined
  readonly clock: Clock
  readonly random: Random
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. */
export function resolveJournalStepOptions(options: JournalStepOptions): ResolvedJournalStepOptions {
  const segmentBytes = powerOfTwo('segmentBytes', options.segmentBytes ?? 64 * 1024 ** 2, LEAST_SEGMENT_BYTES, MOST_SEGMENT_BYTES)
  const asked = wholeNumber('maxBatchBytes', options.maxBatchBytes ?? 1024 ** 2, 4 * 1024, 16 * 1024 ** 2)
  const maxBatchBytes = Math.min(padToSector(asked), segmentBytes / 2)
  const mostData = maxBatchBytes - BATCH_HEADER_BYTES - RESERVED_BATCH_BYTES - RECORD_HEADER_BYTES
  return {
    dir: directoryOption(options.dir),
    segmentBytes,
    durability: oneOf('durability', options.durability ?? 'fsync', ['fsync', 'interval', 'none']),
    intervalMs: wholeNumber('intervalMs', options.intervalMs ?? 10, 1, 60_000),
    maxBatchBytes,
    maxRecordBytes: wholeNumber('maxRecordBytes', options.maxRecordBytes ?? Math.min(256 * 1024, mostData), 1, mostData),
    verify: oneOf('verify', options.verify ?? 'unsealed', ['unsealed', 'all']),
    rewrite: options.rewrite ?? true,
    compressor: oneOf('compression', options.compression ?? 'none', ['none', 'zstd']) === 'zstd' ? zstd() : undefined,
    keys: cipherKeys(options.encryption),
    repair: options.repair,
    spares: options.spares,
    archive: options.archive,
    durableCell: options.durableCell,
    parkingLot: options.parkingLot,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  }
}
