import { Worker } from 'node:worker_threads'
import { systemClock } from '@disruptorx/contracts/internal'
import { SharedMover, sharedWaitMemory } from '../src/compliance/shared-wait.ts'
import { nap } from '../src/platform/processor.ts'
import type { WaiterData, WaiterResult } from './waiter.ts'

const subjects: Readonly<Record<string, WaiterData['handle']>> = {
  busySpin: { kind: 'busySpin' },
  yielding: { kind: 'yielding' },
  sleeping: { kind: 'sleeping' },
  blocking: { kind: 'blocking' },
  timeoutBlocking: { kind: 'timeoutBlocking', timeoutMs: 100 },
  phasedBackoff: { kind: 'phasedBackoff' },
  adaptive: { kind: 'adaptive', threads: 2, cores: 2 },
  adaptiveCrowded: { kind: 'adaptive', threads: 3, cores: 2 },
  async: { kind: 'async' },
}

/** How long a thread has been idle when it is woken. */
const IDLE_MS = 20

/** It moves at a moment of its own: the ends of naps on two threads fall together, as the system rounds its timers. */
const SPREAD_US = 503

interface Options {
  readonly quick: boolean
  log(line: string): void
}

/** Wakes a thread that waits by a strategy again and again, then leaves it alone and looks what it uses. */
async function measure(handle: WaiterData['handle'], quick: boolean): Promise<WaiterResult> {
  const data: WaiterData = {
    memory: sharedWaitMemory(),
    stamps: new SharedArrayBuffer(8),
    handle,
    wakeUps: quick ? 10 : 300,
    idleMs: quick ? 50 : 1000,
  }
  const worker = new Worker(new URL('./waiter.ts', import.meta.url), { workerData: data })
  const result = new Promise<WaiterResult>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await new Promise(resolve => worker.once('online', resolve))
  const mover = new SharedMover(data.memory)
  const stamps = new Float64Array(data.stamps)
  for (let sequence = 1; sequence <= data.wakeUps; sequence++) {
    mover.awaitAsked(sequence)
    nap(IDLE_MS)
    spinUs((sequence * 7919) % SPREAD_US)
    stamps[0] = systemClock.monotonicNs()
    mover.moveTo(sequence)
  }
  return result
}

function spinUs(us: number): void {
  const endNs = systemClock.monotonicNs() + us * 1000
  while (systemClock.monotonicNs() < endNs) {}
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}

/**
 * How late a thread is that is woken after 20 ms of idleness, from the store that moves the sequence to the return of its wait; and how much of a core it
 * uses while nothing happens. The median of several runs each.
 */
export default {
  suite: 'waiting',
  async run({ quick, log }: Options): Promise<Record<string, number>> {
    const results: Record<string, number> = {}
    const runs = new Map(Object.keys(subjects).map((name): [string, WaiterResult[]] => [name, []]))
    // In turns, so that whatever else the machine does meets them all.
    for (let run = 0; run < (quick ? 1 : 7); run++) {
      for (const [name, handle] of Object.entries(subjects)) runs.get(name)?.push(await measure(handle, quick))
    }
    for (const [name, found] of runs) {
      const latency = median(found.map(({ wakeUpP50Us }) => wakeUpP50Us))
      const percent = median(found.map(({ idleCpuPercent }) => idleCpuPercent))
      results[`wakeUpP50Us.${name}`] = latency
      results[`idleCpuPercent.${name}`] = percent
      const all = found.map(({ wakeUpP50Us }) => wakeUpP50Us.toFixed(1)).join(' ')
      log(
        `${name.padEnd(16)} woken after ${latency.toFixed(1).padStart(6)} us, idle ${percent.toFixed(2).padStart(6)} % of a core; woken: ${all}`,
      )
    }
    return results
  },
}
