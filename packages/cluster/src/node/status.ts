import type { LatencyHistogram } from '@disruptorx/contracts/internal'
import { PAGE_BYTES, type Progress } from '../partition/progress.ts'
import type { PartitionRings } from '../partition/rings.ts'
import type { OpenedPartition } from '../platform/running-partition.ts'

/** Durations in nanoseconds that 50, 99 and 99.9 of 100 events did not exceed, since the start; within 3 %, 0 when there was none. */
export interface LatencySummary {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/** How a node stands. Read from the same cells that the stages move. */
export interface NodeStatus {
  readonly durability: 'fsync' | 'interval' | 'none'
  /** Events of this run as sequences, which count from 0; -1 before the first. The system's own events count, too. */
  readonly sequences: { readonly published: number; readonly durable: number; readonly applied: number }
  /** Entries: what the log holds, and how far each stage is. */
  readonly log: {
    readonly firstIndex: number
    readonly lastIndex: number
    readonly durableIndex: number
    readonly appliedIndex: number
    readonly snapshotIndex: number
  }
  /** Events applied, of all runs together. */
  readonly appliedEvents: number
  /** What the start found. */
  readonly recovered: {
    readonly index: number
    readonly snapshotIndex: number
    readonly damagedSnapshots: readonly string[]
    readonly cut: { readonly segment: number; readonly offset: number; readonly bytes: number } | undefined
  }
  /** From publish to durable, and from publish to applied; the latter is counted from the oldest event of an entry, so it is never too short. */
  readonly latencyNs: { readonly durable: LatencySummary; readonly applied: LatencySummary }
  /** Bytes of all journal files. */
  readonly journalBytes: number
  /** Which worker threads run journal and handler; 0 for this one. */
  readonly threadIds: { readonly journal: number; readonly handler: number }
  /** Why the node stopped; `undefined` while it runs. */
  readonly stopped: string | undefined
}

/** Reads a partition's cells. */
export function readStatus(
  durability: NodeStatus['durability'],
  rings: PartitionRings,
  progress: Progress,
  partition: OpenedPartition,
  stopped: string | undefined,
): NodeStatus {
  // Later stages first: so no stage ever seems to be ahead of the one before it.
  const applied = progress.appliedSequence.get()
  const durable = progress.durableSequence.get()
  const published = rings.ingress.cursor.get()
  const appliedIndex = progress.appliedIndex.get()
  const durableIndex = progress.durableIndex.get()
  const { log, state, threadIds } = partition
  return {
    durability,
    sequences: { published, durable, applied },
    log: {
      firstIndex: progress.firstIndex.get(),
      lastIndex: progress.lastIndex.get(),
      durableIndex,
      appliedIndex,
      snapshotIndex: progress.snapshotIndex.get(),
    },
    appliedEvents: progress.appliedEvents.get(),
    recovered: { index: log.lastIndex, ...state, cut: log.cut },
    latencyNs: { durable: summary(progress.durableLatency), applied: summary(progress.appliedLatency) },
    journalBytes: progress.journalPages.get() * PAGE_BYTES,
    threadIds,
    stopped,
  }
}

function summary(histogram: LatencyHistogram): LatencySummary {
  return { p50: histogram.percentile(50), p99: histogram.percentile(99), p999: histogram.percentile(99.9) }
}
