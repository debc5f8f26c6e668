/**
 * How a thread waits for a sequence: busy spin, yielding, blocking, adaptive, and without blocking on an event loop.
 * A strategy crosses threads as a plain handle.
 *
 * @example
 * import { createWaitStrategy } from '@disruptorx/wait-strategies'
 *
 * const strategy = createWaitStrategy({ kind: 'adaptive', spins: 50 })
 * const available = strategy.waitFor(sequence, source, 100)
 * @packageDocumentation
 */
export { type AdaptiveSeed, AdaptiveWaitStrategy } from './adaptive.ts'
export { EventLoopWaitStrategy } from './async.ts'
export { BlockingWaitStrategy } from './blocking.ts'
export { BusySpinWaitStrategy } from './busy-spin.ts'
export {
  createAsyncWaitStrategy,
  createWaitStrategy,
  defaultWaitStrategy,
  type WaitStrategyHandle,
  type WaitStrategyPorts,
} from './create.ts'
export { YieldingWaitStrategy } from './yielding.ts'
