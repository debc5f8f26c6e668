import type { AsyncWaitStrategy, Clock, WaitStrategy } from '@disruptorx/contracts'
import { oneOf, systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import { AdaptiveWaitStrategy } from './adaptive.ts'
import { EventLoopWaitStrategy } from './async.ts'
import { BlockingWaitStrategy } from './blocking.ts'
import { BusySpinWaitStrategy } from './busy-spin.ts'

import { coreCount } from './platform/processor.ts'
import { YieldingWaitStrategy } from './yielding.ts'

/** A million looks are seconds: whoever wants more wants `busySpin`. */
const MOST_LOOKS = 1_000_000

/** A wait strategy as plain data: how it crosses a thread. {@link createWaitStrategy} makes the strategy there. */
export type WaitStrategyHandle =
  | { readonly kind: 'busySpin' }
  | {
      readonly kind: 'yielding'
      /** Looks before the first short sleep, 0 to 1,000,000. @default 100 */
      readonly spins?: number
    }
  | { readonly kind: 'blocking' }
  | {
      readonly kind: 'adaptive'
      /** Looks without giving the core away, 0 to 1,000,000. @default 100 */
      readonly spins?: number
      /** Looks after the shortest of sleeps each, before the long one, 0 to 1,000,000. @default 200 */
      readonly yields?: number
      /** How many threads will be busy in this process. More than `cores`: every wait sleeps at once. @default 1 */
      readonly threads?: number
      /** How many threads this machine runs at once. @default what the platform says */
      readonly cores?: number
    }

/** What a strategy needs from outside. */
export interface WaitStrategyPorts {
  /** Measures time limits; read only by waits that have one. @default the platform's clock */
  readonly clock?: Clock
}

/** How a thread waits when nobody says otherwise. */
export const defaultWaitStrategy: WaitStrategyHandle = { kind: 'adaptive' }

/**
 * Makes a wait strategy for the calling thread.
 *
 * @throws {OptionError} an unknown kind, or a number out of its range
 */
export function createWaitStrategy(handle: WaitStrategyHandle = defaultWaitStrategy, ports: WaitStrategyPorts = {}): WaitStrategy {
  const clock = ports.clock ?? systemClock
  oneOf('kind', handle.kind, ['busySpin', 'yielding', 'blocking', 'adaptive'])
  switch (handle.kind) {
    case 'busySpin':
      return new BusySpinWaitStrategy(clock)
    case 'yielding':
      return new YieldingWaitStrategy(wholeNumber('spins', handle.spins ?? 100, 0, MOST_LOOKS), clock)
    case 'blocking':
      return new BlockingWaitStrategy(clock)
    case 'adaptive':
      return new AdaptiveWaitStrategy(
        {
          spins: wholeNumber('spins', handle.spins ?? 100, 0, MOST_LOOKS),
          yields: wholeNumber('yields', handle.yields ?? 200, 0, MOST_LOOKS),
          threads: wholeNumber('threads', handle.threads ?? 1, 1, 65_536),
          cores: wholeNumber('cores', handle.cores ?? coreCount(), 1, 65_536),
        },
        clock,
      )
  }
}

/** Makes the strategy with which an event loop waits. */
export function createAsyncWaitStrategy(ports: WaitStrategyPorts = {}): AsyncWaitStrategy {
  return new EventLoopWaitStrategy(ports.clock ?? systemClock)
}
