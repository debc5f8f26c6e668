import { createAsyncWaitStrategy, createWaitStrategy, type WaitStrategyHandle } from '@disruptorx/wait-strategies'
import { asyncWaitStrategySuite, waitStrategySuite } from '@disruptorx/wait-strategies/compliance'
import { describe, it } from 'vitest'
import { LookThenPark } from './modules/look-then-park.ts'

const handles: (WaitStrategyHandle & { readonly timeoutMs?: number })[] = [
  { kind: 'busySpin' },
  { kind: 'yielding' },
  { kind: 'sleeping', spins: 10, yields: 10, sleepUs: 100 },
  { kind: 'blocking' },
  { kind: 'liteBlocking' },
  { kind: 'timeoutBlocking', timeoutMs: 5 },
  { kind: 'phasedBackoff' },
  { kind: 'phasedBackoff', spinNs: 0, yieldNs: 0, fallback: { kind: 'sleeping', sleepUs: 50 } },
  { kind: 'adaptive', threads: 2, cores: 2 },
  { kind: 'adaptive', threads: 3, cores: 2 },
]

for (const handle of handles) {
  const ownLimitMs = handle.timeoutMs === undefined ? {} : { ownLimitMs: handle.timeoutMs }
  waitStrategySuite({ describe, it }, JSON.stringify(handle), { make: clock => createWaitStrategy(handle, { clock }), ...ownLimitMs })
}

asyncWaitStrategySuite({ describe, it }, 'the event loop', { make: clock => createAsyncWaitStrategy(undefined, { clock }) })
asyncWaitStrategySuite({ describe, it }, 'the event loop with a limit', {
  make: clock => createAsyncWaitStrategy({ kind: 'async', looks: 0, timeoutMs: 5 }, { clock }),
  ownLimitMs: 5,
})

waitStrategySuite({ describe, it }, 'one that a user wrote', { make: () => new LookThenPark(20), ownClock: true })
