/** Never gives the core away: {@link BusySpinWaitStrategy}. */
export interface BusySpinHandle {
  readonly kind: 'busySpin'
}

/** Spins, then takes the shortest of naps: {@link YieldingWaitStrategy}. */
export interface YieldingHandle {
  readonly kind: 'yielding'
  /** Looks before the first nap, 0 to 1,000,000. @default 100 */
  readonly spins?: number
}

/** Spins, yields, then takes naps of a set length: {@link SleepingWaitStrategy}. */
export interface SleepingHandle {
  readonly kind: 'sleeping'
  /** Looks without giving the core away, 0 to 1,000,000. @default 100 */
  readonly spins?: number
  /** Looks after the shortest of naps each, 0 to 1,000,000. @default 100 */
  readonly yields?: number
  /** How long each nap is after that, in microseconds: 1 to 1,000,000. Linux adds some 70. @default 500 */
  readonly sleepUs?: number
}

/** Sleeps until it is woken: {@link BlockingWaitStrategy}. */
export interface BlockingHandle {
  /** LMAX has two, of which the lite one signals only where somebody waits. Here that is always so, and both names mean the same. */
  readonly kind: 'blocking' | 'liteBlocking'
}

/** Sleeps until it is woken or a time is over, so that a processor's `onTimeout` runs: {@link TimeoutBlockingWaitStrategy}. */
export interface TimeoutBlockingHandle {
  readonly kind: 'timeoutBlocking'
  /** How long a wait takes at most, in whole milliseconds: 1 to 2^31 - 1. */
  readonly timeoutMs: number
}

/** Spins for a time, yields for a time, then waits by another strategy: {@link PhasedBackoffWaitStrategy}. */
export interface PhasedBackoffHandle {
  readonly kind: 'phasedBackoff'
  /** How long it spins, in nanoseconds: 0 to 10^9. @default 10,000 */
  readonly spinNs?: number
  /** How long it yields after that, in nanoseconds: 0 to 10^9. @default 1,000,000 */
  readonly yieldNs?: number
  /** How it waits after that. A limit of its own counts from there. @default blocking */
  readonly fallback?: BlockingHandle | SleepingHandle | TimeoutBlockingHandle
}

/** Spins, yields, then sleeps, and learns which pays: {@link AdaptiveWaitStrategy}. */
export interface AdaptiveHandle {
  readonly kind: 'adaptive'
  /** Looks without giving the core away, 0 to 1,000,000. @default 100 */
  readonly spins?: number
  /** Looks after the shortest of naps each, before the sleep, 0 to 1,000,000. @default 200 */
  readonly yields?: number
  /** How many threads will be busy in this process, 1 to 65,536. More than `cores`: every wait sleeps at once. @default 2 */
  readonly threads?: number
  /** How many threads this machine runs at once, 1 to 65,536. @default what the platform says */
  readonly cores?: number
}

/** One of your own, from a module: {@link loadWaitStrategy} makes it. */
export interface CustomHandle {
  readonly kind: 'custom'
  /** The module, as an absolute URL: `new URL('./my-strategy.js', import.meta.url).href`. */
  readonly url: string
  /** Its export that is a {@link WaitStrategy}, or a function that makes one (or a promise of one) from `argument`. */
  readonly exportName: string
  /** Passed to that function; must survive a structured clone. @default undefined */
  readonly argument?: unknown
}

/** A wait strategy as plain data: how it crosses a thread. */
export type WaitStrategyHandle =
  | BusySpinHandle
  | YieldingHandle
  | SleepingHandle
  | BlockingHandle
  | TimeoutBlockingHandle
  | PhasedBackoffHandle
  | AdaptiveHandle
  | CustomHandle

/** How an event loop waits, as plain data: {@link EventLoopWaitStrategy}. */
export interface AsyncWaitStrategyHandle {
  readonly kind: 'async'
  /** Looks before it arms the wait, which hold the event loop up meanwhile: 0 to 10,000. @default 32 */
  readonly looks?: number
  /** How long a wait takes at most, in whole milliseconds: 1 to 2^31 - 1, or Infinity. @default Infinity */
  readonly timeoutMs?: number
}

/** How a thread waits when nobody says otherwise. */
export const defaultWaitStrategy: WaitStrategyHandle = { kind: 'adaptive' }

/** How an event loop waits where a thread would wait by `handle`: in the same time, if that has a limit of its own. */
export function onEventLoop(handle: WaitStrategyHandle): AsyncWaitStrategyHandle {
  const limited = handle.kind === 'phasedBackoff' ? handle.fallback : handle
  return limited?.kind === 'timeoutBlocking' ? { kind: 'async', timeoutMs: limited.timeoutMs } : { kind: 'async' }
}
