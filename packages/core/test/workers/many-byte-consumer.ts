import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle } from '@disruptorx/core'
import { isWhole } from './many-byte-record.ts'

/** What a consumer of the thread tests is given. */
export interface ManyByteConsumerData {
  readonly ring: ByteRingHandle
  /** The number due next from each producer: where a consumer that follows a dead one goes on. */
  readonly due: SharedArrayBuffer
  /** Whether some numbers of a producer may never come. Otherwise that is a fault. */
  readonly mayMiss: boolean
}

/** What it found. */
export interface ManyByteConsumerResult {
  readonly faults: readonly string[]
  /** Producers' ids and the numbers that did not come from them, though later ones did. */
  readonly missed: readonly (readonly [id: number, number: number])[]
  readonly skipped: number
}

const { ring: handle, due: memory, mayMiss } = workerData as ManyByteConsumerData
const ring = ByteRing.attach(handle)
const words = new Int32Array(ring.memory)
const due = new Int32Array(memory)
const consumer = ring.consumer()
const faults: string[] = []
const missed: [number, number][] = []

function take(_bytes: Uint8Array, offset: number, length: number): void {
  const id = words[offset >> 2] as number
  const number = words[(offset >> 2) + 1] as number
  const expected = Atomics.load(due, id)
  if (!isWhole(words, offset, length)) faults.push(`record ${number} of producer ${id} is damaged`)
  else if (number > expected) for (let other = expected; other < number; other++) missed.push([id, other])
  if (number >= expected) Atomics.store(due, id, number + 1)
}

parentPort?.postMessage('reading')
while (consumer.wait()) consumer.poll(take, 256)
consumer.close()
if (!mayMiss) for (const [id, number] of missed) faults.push(`record ${number} of producer ${id} did not come`)
parentPort?.postMessage({ faults: faults.slice(0, 10), missed, skipped: consumer.skipped } satisfies ManyByteConsumerResult)
