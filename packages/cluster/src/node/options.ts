import { OptionError } from '@disruptorx/contracts'
import { nonEmptyText, oneOf, powerOfTwo, wholeNumber } from '@disruptorx/contracts/internal'
import type { AnyApp } from '../app/define-app.ts'
import { AppError } from '../errors.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** How a node is made. */
export interface NodeOptions {
  /** Directory of the node's data; made if missing. One living node at a time. */
  readonly dataDir: string
  /** The applications that run on the node. Exactly one, for now. */
  readonly apps: readonly AnyApp[]
  /**
   * `workers`: journal and state machine have threads of their own. `inline`: all of it runs on this event loop, and every disk write blocks it: for
   * tests and tools. @default 'workers'
   */
  readonly threads?: 'workers' | 'inline'
  /** When an event counts as durable. Anything but `fsync` can lose acknowledged events when the machine dies. @default 'fsync' */
  readonly durability?: 'fsync' | 'interval' | 'none'
  /** With durability `interval`: the longest time in milliseconds between two syncs, 1 to 60,000. @default 10 */
  readonly intervalMs?: number
  /** Size of a journal file. A power of two from 1 MiB to 1 GiB. @default 64 MiB */
  readonly segmentBytes?: number
  /** Journal bytes between two snapshots. From 1 MiB to 64 GiB. @default 256 MiB, or a quarter of `maxJournalBytes` if that is less */
  readonly snapshotEveryBytes?: number
  /**
   * While the journal has more bytes than this on disk, nothing is taken in: publishers find the ring full. From four segments to 1 TiB. Room for two
   * snapshot distances and a few segments keeps that from happening. @default 1 GiB
   */
  readonly maxJournalBytes?: number
  /**
   * Slots of the ingress ring: a power of two from 64 to 1,048,576. It bounds what is published and not yet in the journal; a larger one adds waiting,
   * not throughput, because one write of the journal takes in whatever has gathered. @default 16,384
   */
  readonly ringCapacity?: number
  /** Ends the opening. */
  readonly signal?: AbortSignal
}

/** Options with defaults filled in. */
export interface ResolvedNodeOptions {
  readonly dataDir: string
  readonly app: AnyApp
  readonly threads: 'workers' | 'inline'
  readonly durability: 'fsync' | 'interval' | 'none'
  readonly intervalMs: number
  readonly segmentBytes: number
  readonly snapshotEveryBytes: number
  readonly maxJournalBytes: number
  readonly ringCapacity: number
  readonly signal: AbortSignal | undefined
}

/** Checks options once and fills in the defaults. @throws {OptionError} names the option, its value and its range. {@link AppError} */
export function resolveNodeOptions(options: NodeOptions): ResolvedNodeOptions {
  const [app, ...others] = options.apps ?? []
  if (app === undefined || others.length > 0) throw new OptionError('apps', `${options.apps?.length ?? 0} applications`, 'exactly one')
  if (typeof app.url !== 'string' || !URL.canParse(app.url))
    throw new AppError(String(app.name), 'its url is none: write `url: import.meta.url`')
  const segmentBytes = powerOfTwo('segmentBytes', options.segmentBytes ?? 64 * MIB, MIB, GIB)
  const leastJournal = 4 * segmentBytes
  const maxJournalBytes = wholeNumber('maxJournalBytes', options.maxJournalBytes ?? Math.max(GIB, leastJournal), leastJournal, 1024 * GIB)
  const snapshotEvery = options.snapshotEveryBytes ?? Math.min(256 * MIB, maxJournalBytes / 4)
  return {
    dataDir: nonEmptyText('dataDir', options.dataDir),
    app,
    threads: oneOf('threads', options.threads ?? 'workers', ['workers', 'inline']),
    durability: oneOf('durability', options.durability ?? 'fsync', ['fsync', 'interval', 'none']),
    intervalMs: wholeNumber('intervalMs', options.intervalMs ?? 10, 1, 60_000),
    segmentBytes,
    snapshotEveryBytes: wholeNumber('snapshotEveryBytes', snapshotEvery, MIB, 64 * GIB),
    maxJournalBytes,
    ringCapacity: powerOfTwo('ringCapacity', options.ringCapacity ?? 16_384, 64, 1_048_576),
    signal: options.signal,
  }
}
