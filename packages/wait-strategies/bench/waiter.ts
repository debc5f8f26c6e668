import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@disruptorx/contracts/internal'
import { SharedWait } from '../src/compliance/shared-wait.ts'
import { type AsyncWaitStrategyHandle, createAsyncWaitStrategy, createWaitStrategy, type WaitStrategyHandle } from '../src/index.ts'

/** What a waiting thread is told. */
export interface WaiterData {
  readonly memory: SharedArrayBuffer
  /** When the sequence was moved, in nanoseconds. */
  readonly stamps: SharedArrayBuffer
  readonly handle: WaitStrategyHandle | AsyncWaitStrategyHandle
  readonly wakeUps: number
  readonly idleMs: number
}

/** What it says at the end. */
export interface WaiterResult {
  readonly wakeUpP50Us: number
  readonly idleCpuPercent: number
}

const { memory, stamps, handle, wakeUps, idleMs } = workerData as WaiterData
const blocking = handle.kind !== 'async'
const source = new SharedWait(memory, blocking)
const strategy = blocking ? createWaitStrategy(handle) : createAsyncWaitStrategy(handle)
const wait = (sequence: number, timeoutMs: number) =>
  'waitFor' in strategy ? strategy.waitFor(sequence, source, timeoutMs) : strategy.waitForAsync(sequence, source, timeoutMs)

const moved = new Float64Array(stamps)
const latencies: number[] = []
const hold = setInterval(() => {}, 1 << 30)
for (let sequence = 1; sequence <= wakeUps; sequence++) {
  source.ask(sequence)
  while ((await wait(sequence, Infinity)) < sequence) {}
  latencies.push((systemClock.monotonicNs() - (moved[0] as number)) / 1000)
}
const endNs = systemClock.monotonicNs() + idleMs * 1e6
const before = process.threadCpuUsage()
const startNs = systemClock.monotonicNs()
for (let leftMs = idleMs; leftMs > 0; leftMs = (endNs - systemClock.monotonicNs()) / 1e6) await wait(wakeUps + 1, leftMs)
const used = process.threadCpuUsage(before)
const idleCpuPercent = ((used.user + used.system) * 1000 * 100) / (systemClock.monotonicNs() - startNs)
clearInterval(hold)
const result: WaiterResult = { wakeUpP50Us: latencies.sort((a, b) => a - b)[latencies.length >> 1] as number, idleCpuPercent }
parentPort?.postMessage(result)
