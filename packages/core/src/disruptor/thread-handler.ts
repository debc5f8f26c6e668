import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import type { AdaptiveBatchSizeOptions } from '../processing/adaptive-batch-size.ts'
import type { PoisonSetHandle } from '../processing/poison-set.ts'
import type { WorkPoolHandle } from '../processing/work-pool.ts'
import type { StructRingHandle } from '../ring/struct-ring.ts'
import type { ConsumerHandle } from '../sequencer/consumer.ts'
import type { SharedFlagHandle } from '../sequences/shared-flag.ts'
import type { ThreadExceptionPolicy } from './exception-policy.ts'
import type { RewindPolicy } from './rewind-policy.ts'

/** What a thread needs to run a handler: all of it crosses threads. */
export interface ThreadJob {
  /** The handler's name in the disruptor. */
  readonly name: string
  readonly ring: StructRingHandle
  readonly consumer: ConsumerHandle
  /** Where several handlers share the events. */
  readonly pool: WorkPoolHandle | undefined
  /** Raised when the handler has to end. */
  readonly stop: SharedFlagHandle
  readonly waitStrategy: WaitStrategyHandle
  readonly exceptionPolicy: ThreadExceptionPolicy
  readonly rewind: RewindPolicy | undefined
  readonly maxBatch: number | undefined
  readonly batchSize: AdaptiveBatchSizeOptions | undefined
  readonly timeoutMs: number | undefined
  readonly poisonSet: PoisonSetHandle | undefined
  /** Where the thread writes what its processor has done. */
  readonly stats: SharedArrayBuffer
}

/** A handler that runs on a thread of its own. */
export interface RunningThread {
  /** Resolves when the handler ended, as asked or by its own `halt`; rejects with what it threw, or because its thread ended. */
  readonly finished: Promise<void>
  /** Waits for the handler to end; ends its thread by force if that has not happened after `graceMs`. Rejects as {@link finished}. */
  close(graceMs: number): Promise<void>
}

/** What takes back whatever a thread held when it ended: rings, parking lots. */
export interface Reclaimable<R = unknown> {
  /** @param thread the thread's number, `threadId + 1` of a worker of Node */
  reclaim(thread: number): R
}

/** Around the start of a {@link ThreadHandler}. */
export interface ThreadStart {
  /** When the handler's thread ends, what it held of these is taken back. */
  readonly rings: readonly Reclaimable[]
  /** Ends the thread by force while it still loads the handler. */
  readonly signal: AbortSignal
}

/** A handler for a thread of its own, as `workerHandler` of `@disruptorx/core/threads` makes it. */
export interface ThreadHandler {
  readonly url: string
  readonly exportName: string
  /** Whether its thread runs an event loop, and never blocks. */
  readonly eventLoop: boolean
  /** Starts the handler; resolves when it is loaded. Rejects with what loading it threw. */
  startThread(job: ThreadJob, start: ThreadStart): Promise<RunningThread>
}
