import { type AsyncWaitStrategy, type Clock, OptionError, type WaitStrategy } from '@disruptorx/contracts'
import { oneOf, systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import { AdaptiveWaitStrategy } from './adaptive.ts'
import { EventLoopWaitStrategy } from './async.ts'
import { BlockingWaitStrategy } from './blocking.ts'
import { BusySpinWaitStrategy } from './busy-spin.ts'
import {
  type AdaptiveHandle,
  type AsyncWaitStrategyHandle,
  defaultWaitStrategy,
  type PhasedBackoffHandle,
  type SleepingHandle,
  type WaitStrategyHandle,
} from './handle.ts'
import { PhasedBackoffWaitStrategy } from './phased-backoff.ts'
import { coreCount } from './platform/processor.ts'
import { SleepingWaitStrategy } from './sleeping.ts'
import { TimeoutBlockingWaitStrategy } from './timeout-blocking.ts'
import { YieldingWaitStrategy } from './yielding.ts'

/** A million looks are a twentieth of a second: whoever wants more wants `busySpin`. */
const MOST_LOOKS = 1_000_000
const MOST_LOOKS_OF_EVENT_LOOP = 10_000
const MOST_PHASE_NS = 1e9
const MOST_SLEEP_US = 1_000_000
const MOST_TIMEOUT_MS = 2 ** 31 - 1
const MOST_THREADS = 65_536

const KINDS = [
  'busySpin',
  'yielding',
  'sleeping',
  'blocking',
  'liteBlocking',
  'timeoutBlocking',
  'phasedBackoff',
  'adaptive',
  'custom',
] as const

/** What a strategy needs from outside. */
export interface WaitStrategyPorts {
  /** Measures time limits; read only by waits that have one. @default the platform's clock */
  readonly clock?: Clock
}

/**
 * Makes a wait strategy for the calling thread. A strategy that is one already is returned as it is, so whatever takes a handle takes one of your
 * own, too, within a thread.
 *
 * @throws {OptionError} an unknown kind, a number out of its range, or a `custom` one, which only {@link loadWaitStrategy} can load
 */
export function createWaitStrategy(
  choice: WaitStrategyHandle | WaitStrategy = defaultWaitStrategy,
  ports: WaitStrategyPorts = {},
): WaitStrategy {
  if (isWaitStrategy(choice)) return choice
  const handle = checkHandle('wait strategy', choice, 'a handle with a kind, or an object with waitFor')
  const clock = ports.clock ?? systemClock
  oneOf('kind', handle.kind, KINDS)
  switch (handle.kind) {
    case 'busySpin':
      return new BusySpinWaitStrategy(clock)
    case 'yielding':
      return new YieldingWaitStrategy(wholeNumber('spins', handle.spins ?? 100, 0, MOST_LOOKS), clock)
    case 'sleeping':
      return createSleeping(handle, clock)
    case 'blocking':
    case 'liteBlocking':
      return new BlockingWaitStrategy(clock)
    case 'timeoutBlocking':
      return new TimeoutBlockingWaitStrategy(wholeNumber('timeoutMs', handle.timeoutMs, 1, MOST_TIMEOUT_MS), clock)
    case 'phasedBackoff':
      return createPhasedBackoff(handle, clock)
    case 'adaptive':
      return createAdaptive(handle, clock)
    case 'custom':
      throw new OptionError('kind', handle.kind, 'one of our own here; await loadWaitStrategy(handle) loads a module')
  }
}

/**
 * Makes the strategy with which an event loop waits. A strategy that is one already is returned as it is.
 *
 * @throws {OptionError} an unknown kind, or a number out of its range
 */
export function createAsyncWaitStrategy(
  choice: AsyncWaitStrategyHandle | AsyncWaitStrategy = { kind: 'async' },
  ports: WaitStrategyPorts = {},
): AsyncWaitStrategy {
  if (isAsyncWaitStrategy(choice)) return choice
  const handle = checkHandle('wait strategy', choice, 'a handle with a kind, or an object with waitForAsync')
  oneOf('kind', handle.kind, ['async'])
  const looks = wholeNumber('looks', handle.looks ?? 32, 0, MOST_LOOKS_OF_EVENT_LOOP)
  const { timeoutMs = Infinity } = handle
  const limitMs = timeoutMs === Infinity ? Infinity : wholeNumber('timeoutMs', timeoutMs, 1, MOST_TIMEOUT_MS)
  return new EventLoopWaitStrategy({ looks, limitMs }, ports.clock ?? systemClock)
}

/** Whether a value is a strategy, as opposed to a handle of one. */
export function isWaitStrategy(value: unknown): value is WaitStrategy {
  return typeof value === 'object' && value !== null && 'waitFor' in value && typeof value.waitFor === 'function'
}

function isAsyncWaitStrategy(value: unknown): value is AsyncWaitStrategy {
  return typeof value === 'object' && value !== null && 'waitForAsync' in value && typeof value.waitForAsync === 'function'
}

function checkHandle<T extends object>(option: string, handle: T, allowed: string): T {
  if (typeof handle !== 'object' || handle === null) throw new OptionError(option, handle, allowed)
  return handle
}

function createSleeping(handle: SleepingHandle, clock: Clock): WaitStrategy {
  const spins = wholeNumber('spins', handle.spins ?? 100, 0, MOST_LOOKS)
  const yields = wholeNumber('yields', handle.yields ?? 100, 0, MOST_LOOKS)
  const sleepMs = wholeNumber('sleepUs', handle.sleepUs ?? 500, 1, MOST_SLEEP_US) / 1000
  return new SleepingWaitStrategy({ spins, yields, sleepMs }, clock)
}

function createPhasedBackoff(handle: PhasedBackoffHandle, clock: Clock): WaitStrategy {
  const spinNs = wholeNumber('spinNs', handle.spinNs ?? 10_000, 0, MOST_PHASE_NS)
  const yieldNs = wholeNumber('yieldNs', handle.yieldNs ?? 1_000_000, 0, MOST_PHASE_NS)
  const { fallback = { kind: 'blocking' } } = handle
  checkHandle('fallback', fallback, 'a handle with a kind')
  oneOf('fallback.kind', fallback.kind, ['blocking', 'liteBlocking', 'sleeping', 'timeoutBlocking'])
  return new PhasedBackoffWaitStrategy({ spinNs, yieldNs, fallback: createWaitStrategy(fallback, { clock }) }, clock)
}

function createAdaptive(handle: AdaptiveHandle, clock: Clock): WaitStrategy {
  return new AdaptiveWaitStrategy(
    {
      spins: wholeNumber('spins', handle.spins ?? 100, 0, MOST_LOOKS),
      yields: wholeNumber('yields', handle.yields ?? 200, 0, MOST_LOOKS),
      threads: wholeNumber('threads', handle.threads ?? 2, 1, MOST_THREADS),
      cores: wholeNumber('cores', handle.cores ?? coreCount(), 1, MOST_THREADS),
    },
    clock,
  )
}
