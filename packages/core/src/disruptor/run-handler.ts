import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { BatchProcessor } from '../processing/batch-processor.ts'
import type { StructRing } from '../ring/struct-ring.ts'
import type { Consumer } from '../sequencer/consumer.ts'
import type { SharedFlag } from '../sequences/shared-flag.ts'
import { runStepAsync } from '../steps/run-step.ts'
import type { AnyHandler } from './handler-group.ts'
import type { RunningThread } from './thread-handler.ts'

/** A handler that runs, wherever. */
export type RunningHandler = RunningThread

/** What all handlers of a disruptor have in common. */
export interface RunContext<T> {
  readonly ring: StructRing<T>
  readonly stop: SharedFlag
  readonly waitStrategy: WaitStrategyHandle
}

/** Starts a handler where it belongs. Rejects with what loading it threw. */
export async function startHandler<T>(handler: AnyHandler<T>, consumer: Consumer, context: RunContext<T>): Promise<RunningHandler> {
  const { ring, stop, waitStrategy } = context
  if ('startThread' in handler)
    return handler.startThread({ ring: ring.handle, consumer: consumer.handle, stop: stop.handle, waitStrategy })
  const processor = new BatchProcessor({ ring, consumer, handler })
  processor.start()
  const finished = runOnEventLoop(processor, context)
  // It may fail while other handlers are still loading, before anybody looks: that must not be an unhandled rejection.
  finished.catch(() => {})
  return { finished, close: () => finished }
}

async function runOnEventLoop<T>(processor: BatchProcessor<T>, { ring, stop }: RunContext<T>): Promise<void> {
  const parker = ring.parkingLot.parker()
  try {
    await runStepAsync(processor, { parker, stopped: () => stop.raised })
  } finally {
    parker.close()
    processor.close()
  }
}
