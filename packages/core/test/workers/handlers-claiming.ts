import { parentPort, workerData } from 'node:worker_threads'
import type { EventHandler } from '@disruptorx/contracts'
import { StructRing, type StructRingHandle } from '@disruptorx/core'

/** Takes the writing side of another ring for itself. */
export function holding(handle: StructRingHandle): EventHandler<unknown> {
  const producer = StructRing.attach(handle).producer()
  return { onEvent: () => void producer.tryNext() }
}

/** As a worker of its own: claims three slots that it never publishes, adds a consumer, and stays. */
if (workerData) {
  const ring = StructRing.attach(workerData as StructRingHandle)
  ring.producer().next(3)
  ring.addConsumer()
  setInterval(() => {}, 1000)
  parentPort?.postMessage('claimed')
}
