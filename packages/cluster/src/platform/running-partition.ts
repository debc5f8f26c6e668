import type { DisruptorError } from '@disruptorx/contracts'
import type { ResolvedNodeOptions } from '../node/options.ts'
import type { RecoveredState } from '../partition/handler-step.ts'
import type { Progress } from '../partition/progress.ts'
import type { RecoveredLog } from '../partition/replica-step.ts'
import type { PartitionRings } from '../partition/rings.ts'

/** What opening a partition found. */
export interface OpenedPartition {
  readonly log: RecoveredLog
  readonly state: RecoveredState
  /** Ids of the threads that run the journal and the handler, as `worker_threads` counts them. */
  readonly threadIds: { readonly journal: number; readonly handler: number }
}

/** The machinery of a partition, from its start on. */
export interface RunningPartition {
  /** Resolves when journal and handler are open. @throws the first failure before that */
  readonly opened: Promise<OpenedPartition>
  /**
   * Ends journal and handler: what was published is written first, and a snapshot in hand is finished.
   *
   * @throws the first failure there was, after everything is given back; {@link TimeoutError} a thread would not end
   */
  stop(): Promise<void>
  /** Ends the handler wherever it is, and then the journal; one that is not open yet wherever it is, too. @throws {TimeoutError} a thread would not end */
  terminate(): Promise<void>
}

/** What starting a partition needs. */
export interface PartitionParts {
  readonly options: ResolvedNodeOptions
  readonly rings: PartitionRings
  readonly progress: Progress
  /** Called when a thread failed. */
  readonly onFailure: (error: DisruptorError) => void
}

/** Where the parts of a partition lie. */
export function directories({ dataDir }: ResolvedNodeOptions): { dir: string; snapshotDir: string } {
  return { dir: `${dataDir}/journal`, snapshotDir: `${dataDir}/snapshots` }
}
