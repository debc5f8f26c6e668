/**
 * How a thread waits for a sequence: busy spin, yielding, sleeping, blocking, blocking with a limit, phased back-off, adaptive, and without
 * blocking on an event loop. A strategy crosses threads as a plain handle; one of your own crosses as a module's URL.
 *
 * @example
 * import { createWaitStrategy } from '@disruptorx/wait-strategies'
 *
 * const strategy = createWaitStrategy({ kind: 'adaptive', spins: 50 })
 * const available = strategy.waitFor(sequence, source, 100)
 * @packageDocumentation
 */
export type { AsyncWaitStrategy, Parker, Sequence, WaitSource, WaitStrategy } from '@disruptorx/contracts'
export { type AdaptiveSeed, AdaptiveWaitStrategy } from './adaptive.ts'
export { type EventLoopWait, EventLoopWaitStrategy } from './async.ts'
export { BlockingWaitStrategy } from './blocking.ts'
export { BlockingForbiddenError } from './blocking-forbidden.ts'
export { BusySpinWaitStrategy } from './busy-spin.ts'
export { createAsyncWaitStrategy, createWaitStrategy, isWaitStrategy, type WaitStrategyPorts } from './create.ts'
export {
  type AdaptiveHandle,
  type AsyncWaitStrategyHandle,
  type BlockingHandle,
  type BusySpinHandle,
  type CustomHandle,
  defaultWaitStrategy,
  onEventLoop,
  type PhasedBackoffHandle,
  type SleepingHandle,
  type TimeoutBlockingHandle,
  type WaitStrategyHandle,
  type YieldingHandle,
} from './handle.ts'
export { loadWaitStrategy, StrategyExportError, StrategyModuleError } from './load.ts'
export { type BackoffPhases, PhasedBackoffWaitStrategy } from './phased-backoff.ts'
export { type SleepingPhases, SleepingWaitStrategy } from './sleeping.ts'
export { TimeoutBlockingWaitStrategy } from './timeout-blocking.ts'
export { YieldingWaitStrategy } from './yielding.ts'
