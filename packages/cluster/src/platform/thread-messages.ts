import type { ErrorData } from '@disruptorx/contracts/internal'
import type { SharedFlagHandle } from '@disruptorx/core'
import type { JournalStepOptions } from '@disruptorx/wal'
import type { PartitionRingHandles } from '../partition/rings.ts'

/** What both threads of a partition are given. */
export interface PartitionSetup {
  readonly rings: PartitionRingHandles
  readonly progress: SharedArrayBuffer
  readonly stop: SharedFlagHandle
}

/** What the journal thread is given. */
export interface JournalSetup extends PartitionSetup {
  readonly journal: JournalStepOptions
  readonly snapshotEveryBytes: number
  readonly maxJournalBytes: number
}

/** What the handler thread is given. */
export interface HandlerSetup extends PartitionSetup {
  readonly appUrl: string
  readonly snapshotDir: string
}

/** What a thread says: when it is ready, when it failed, and when it has given everything back. The data path is shared memory. */
export type ThreadMessage<Facts> =
  | { readonly kind: 'ready'; readonly facts: Facts }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'closed' }
