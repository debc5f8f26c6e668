import { BatchProcessor, type ConsumerHandle, runStep, runStepAsync, SharedFlag, type SharedFlagHandle, StructRing } from '@disruptorx/core'
import { createWaitStrategy } from '@disruptorx/wait-strategies'
import { event } from './event.ts'
import type { PingPongWait } from './latency.ts'
import type { Part } from './part.ts'
import { nowNs } from './round.ts'
import { type SharedRing, shareRing } from './struct.ts'
import { threadCpuNs } from './thread-cpu.ts'

/** A ring in which nothing ever happens, and the flag that ends the waiting. */
export interface SharedIdle extends SharedRing {
  readonly flag: SharedFlagHandle
}

/** Enough for one round. */
export function shareIdle(): SharedIdle {
  const shared = shareRing()
  const { parkingLot } = StructRing.attach(shared.ring, event)
  return { ...shared, flag: SharedFlag.create(parkingLot).handle }
}

/** Sleeps for the time of a round, then stops the other thread. */
export function alarm({ flag: handle }: SharedIdle): Part {
  const flag = SharedFlag.attach(handle)
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  return {
    play(round) {
      Atomics.wait(nothing, 0, 0, Math.max(1, round.durationMs))
      flag.raise()
      return { events: 0 }
    },
  }
}

/** Waits for events that never come. */
export function idler({ ring: handle, consumers, flag: flagHandle }: SharedIdle, waits: PingPongWait): Part {
  const ring = StructRing.attach(handle, event)
  const consumer = ring.attachConsumer(consumers[0] as ConsumerHandle)
  const step = new BatchProcessor({ ring, consumer, handler: { onEvent() {} } })
  const parker = ring.parkingLot.parker()
  const flag = SharedFlag.attach(flagHandle)
  const stopped = () => flag.raised
  return {
    async: true,
    async play() {
      const startNs = nowNs()
      const startCpuNs = threadCpuNs()
      if (waits.kind === 'async') await runStepAsync(step, { parker, stopped })
      else runStep(step, { parker, strategy: createWaitStrategy(waits), stopped })
      const percent = (100 * (threadCpuNs() - startCpuNs)) / (nowNs() - startNs)
      return { events: 0, figures: { [`idleCpuPercent.${waits.kind}`]: percent } }
    },
    close: () => parker.close(),
  }
}
