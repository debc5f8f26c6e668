import type { ParkingParker } from '../parking/parker.ts'
import { later, nextTurn } from '../platform/event-loop.ts'
import type { EventRing } from '../ring/event-ring.ts'
import type { SharedFlag } from '../sequences/shared-flag.ts'
import { runStepAsync } from '../steps/run-step.ts'
import { HandlerStuckError } from './errors.ts'
import type { EventProcessor } from './make-processor.ts'
import type { RunningThread } from './thread-handler.ts'

/** A handler that runs on this event loop. */
export interface RunningHere extends RunningThread {
  /** Lets it end after the event or batch in hand. */
  halt(): void
  /** Whether the handler is being called right now. */
  isBusy(): boolean
}

/** What runs on an event loop. */
interface EventLoopRun<E> {
  readonly name: string
  readonly processor: EventProcessor
  readonly ring: EventRing<E>
  /** Raised when it has to end. */
  readonly stop: SharedFlag
  /** Called when it has ended. */
  release(): void
}

/** Runs a processor on this event loop until its flag goes up or it has ended. @throws what the handler's `onStart` throws */
export function runOnEventLoop<E>(options: EventLoopRun<E>): RunningHere {
  const { name, processor } = options
  processor.start?.()
  const finished = run(options)
  // It may fail while other handlers are still loading, before anybody looks: that must not be an unhandled rejection.
  finished.catch(() => {})
  // At once: the flag is seen only when the handler's promise lets the loop look, and by then it may have gone on to the next event.
  const halt = () => processor.halt?.()
  const isBusy = () => processor.busy === true
  return { finished, halt, isBusy, close: graceMs => within(graceMs, name, finished) }
}

async function run<E>({ processor, ring, stop, release }: EventLoopRun<E>): Promise<void> {
  let parker: ParkingParker | undefined
  try {
    parker = ring.parkingLot.parker()
    // The start is over before the first event: what becomes of events is none of its concern.
    await nextTurn()
    await runStepAsync(processor, { parker, stopped: () => stop.raised || processor.ended === true })
  } finally {
    parker?.close()
    try {
      await closeProcessor(processor)
    } finally {
      release()
    }
  }
}

/** Ends a processor where promises can settle. */
export async function closeProcessor(processor: EventProcessor): Promise<void> {
  if (processor.closeAsync === undefined) processor.close?.()
  else await processor.closeAsync()
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
