import { later } from '../platform/event-loop.ts'
import type { BatchProcessor } from '../processing/batch-processor.ts'
import type { EventRing } from '../ring/event-ring.ts'
import type { SharedFlag } from '../sequences/shared-flag.ts'
import { runStepAsync } from '../steps/run-step.ts'
import { HandlerStuckError } from './errors.ts'
import type { RunningThread } from './thread-handler.ts'

/** A handler that runs on this event loop. */
export interface RunningHere extends RunningThread {
  /** Lets it end after the event or batch in hand. */
  halt(): void
}

/** Runs a processor on this event loop until its flag goes up or it has ended. @throws what the handler's `onStart` throws */
export function runOnEventLoop<E>(name: string, processor: BatchProcessor<E>, ring: EventRing<E>, stop: SharedFlag): RunningHere {
  processor.start()
  const finished = run(processor, ring, stop)
  // It may fail while other handlers are still loading, before anybody looks: that must not be an unhandled rejection.
  finished.catch(() => {})
  // At once: the flag is seen only when the handler's promise lets the loop look, and by then it may have gone on to the next event.
  const halt = () => processor.halt()
  return { finished, halt, close: graceMs => within(graceMs, name, finished) }
}

async function run<E>(processor: BatchProcessor<E>, ring: EventRing<E>, stop: SharedFlag): Promise<void> {
  const parker = ring.parkingLot.parker()
  try {
    await runStepAsync(processor, { parker, stopped: () => stop.raised || processor.ended })
  } finally {
    parker.close()
    await processor.closeAsync()
  }
}

/** A promise of the handler that never settles can only be given up. */
async function within(graceMs: number, name: string, finished: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const cancel = later(graceMs, () => late.reject(new HandlerStuckError(name, graceMs)))
  try {
    await Promise.race([finished, late.promise])
  } finally {
    cancel()
  }
}
