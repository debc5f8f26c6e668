import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import type { StructRingHandle } from '../ring/struct-ring.ts'
import type { ConsumerHandle } from '../sequencer/consumer.ts'
import type { SharedFlagHandle } from '../sequences/shared-flag.ts'

/** What a thread needs to run a handler: all of it crosses threads. */
export interface ThreadJob {
  readonly ring: StructRingHandle
  readonly consumer: ConsumerHandle
  /** Raised when the thread has to end. */
  readonly stop: SharedFlagHandle
  readonly waitStrategy: WaitStrategyHandle
}

/** A handler that runs on a thread of its own. */
export interface RunningThread {
  /** Resolves when the thread ended as it was asked to; rejects with what its handler threw, or when it ended otherwise. */
  readonly finished: Promise<void>
  /** Ends the thread, by force if it has not ended by itself after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** A handler for a thread of its own, as `workerHandler` of `@disruptorx/core/threads` makes it. */
export interface ThreadHandler {
  /** Starts the thread; resolves when its handler is loaded. Rejects with what loading it threw. */
  startThread(job: ThreadJob): Promise<RunningThread>
}
