import type { AsyncWaitStrategy, Parker, Step, WaitStrategy } from '@disruptorx/contracts'
import {
  type AsyncWaitStrategyHandle,
  createAsyncWaitStrategy,
  createWaitStrategy,
  type WaitStrategyHandle,
} from '@disruptorx/wait-strategies'
import { nextTurn } from '../platform/event-loop.ts'
import { flushBeforeWait } from '../sequencer/turn-end.ts'
import { StepSource, WORKED } from './step-source.ts'

/** How often a step is called in one turn of an event loop before everything else on it gets its turn. */
const CALLS_PER_TURN = 32

/** How {@link runStep} runs a step. */
export interface RunStepOptions {
  /** Where this thread sleeps. Everything the step reads must wake it: by `unparkAll()` of the same parking lot. */
  readonly parker: Parker
  /** How this thread waits while there is nothing to do: a strategy, your own included, or a handle of one of ours. @default adaptive */
  readonly strategy?: WaitStrategy | WaitStrategyHandle
  /** Whether to end. Asked before each call and each sleep; whoever makes it true wakes the parking lot ({@link SharedFlag} does). */
  readonly stopped: () => boolean
  /** Called when the strategy's own time limit ended a wait in which there was nothing to do: `timeoutBlocking` has one. @default nothing */
  readonly onTimeout?: () => void
}

/** How {@link runStepAsync} runs a step. */
export interface RunStepAsyncOptions {
  /** Where this task sleeps. Everything the step reads must wake it: by `unparkAll()` of the same parking lot. */
  readonly parker: Parker
  /** How the event loop waits while there is nothing to do: a strategy, your own included, or a handle of ours. @default async */
  readonly strategy?: AsyncWaitStrategy | AsyncWaitStrategyHandle
  /** Whether to end. Asked before each call and each sleep; whoever makes it true wakes the parking lot ({@link SharedFlag} does). */
  readonly stopped: () => boolean
  /** Called when the strategy's own time limit ended a wait in which there was nothing to do: `timeoutMs` of its handle. @default nothing */
  readonly onTimeout?: () => void
}

/**
 * The body of a worker thread: calls a step for as long as it finds something to do, waits while it does not, and blocks the thread meanwhile.
 *
 * The wait's own look is `step()`, called once more after the thread has announced that it will sleep: so nothing that came in between is missed.
 * A delay that the step asks for is a limit to the sleep; being called earlier does a step no harm.
 *
 * @throws what the step or `onTimeout` throws
 * @throws {OptionError} the strategy is none, or one that `loadWaitStrategy` has to load
 */
export function runStep(step: Step, options: RunStepOptions): void {
  const strategy = createWaitStrategy(options.strategy)
  const source = new StepSource(step, options.parker, options.stopped)
  try {
    while (!options.stopped()) {
      if (step.step() === 0) continue
      flushBeforeWait()
      if (strategy.waitFor(WORKED, source, Infinity) !== WORKED && !options.stopped()) options.onTimeout?.()
    }
  } finally {
    options.parker.lower()
  }
}

/**
 * {@link runStep} on an event loop: resolves when it was stopped, rejects with what the step or `onTimeout` throws.
 *
 * A step with much to do lets the loop's other work in after every few calls. While it has nothing to do, it does not keep a Node process alive.
 */
export async function runStepAsync(step: Step, options: RunStepAsyncOptions): Promise<void> {
  const strategy = createAsyncWaitStrategy(options.strategy)
  const source = new StepSource(step, options.parker, options.stopped)
  try {
    for (let calls = 1; !options.stopped(); calls++) {
      if (step.step() > 0) {
        const found = await strategy.waitForAsync(WORKED, source, Infinity)
        if (found !== WORKED && !options.stopped()) options.onTimeout?.()
      }
      // Counted over waits, too: one that finds something at its first looks has let nothing else in.
      if (calls >= CALLS_PER_TURN) {
        await nextTurn()
        calls = 0
      }
    }
  } finally {
    options.parker.lower()
  }
}
