import { parentPort, workerData } from 'node:worker_threads'
import type { BroadcastReceiverOptions } from '../../src/bytes/broadcast-receiver.ts'
import { BroadcastRing, type BroadcastRingHandle } from '../../src/bytes/broadcast-ring.ts'
import { isWhole } from './many-byte-record.ts'

/** What a reader of the thread tests found. */
export interface BroadcastReaderResult {
  readonly received: number
  readonly missed: number
  readonly laps: number
  readonly faults: readonly string[]
}

interface BroadcastReaderData {
  readonly ring: BroadcastRingHandle
  readonly options: BroadcastReceiverOptions
  /** After every so many records it does nothing for a while. */
  readonly pauseEvery: number
  readonly pauseMs: number
}

const { ring: handle, options, pauseEvery, pauseMs } = workerData as BroadcastReaderData
const ring = BroadcastRing.attach(handle)
const receiver = ring.receiver(options)
const nap = new Int32Array(new SharedArrayBuffer(4))
const faults: string[] = []
let received = 0
let due = 0
parentPort?.postMessage('reading')
while (receiver.wait()) {
  while (receiver.receive()) {
    const words = new Int32Array(receiver.bytes.buffer)
    const number = words[(receiver.offset >> 2) + 1] as number
    if (number !== receiver.number) faults.push(`record ${receiver.number} says that it is ${number}`)
    if (number < due) faults.push(`record ${number} came where ${due} was due`)
    if (!isWhole(words, receiver.offset, receiver.length)) faults.push(`record ${number} is damaged`)
    due = number + 1
    received++
    if (received % pauseEvery === 0) Atomics.wait(nap, 0, 0, pauseMs)
  }
}
const { missed, laps } = receiver
parentPort?.postMessage({ received, missed, laps, faults: faults.slice(0, 10) } satisfies BroadcastReaderResult)
