import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle, runStep } from '@disruptorx/core'

const { ring: handle, records } = workerData as { ring: ByteRingHandle; records: number }
const ring = ByteRing.attach(handle)
const parker = ring.parkingLot.parker()
const consumer = ring.consumer()
let read = 0
let sum = 0
runStep(
  {
    step() {
      if (!consumer.peek()) return Number.POSITIVE_INFINITY
      while (consumer.peek()) {
        const { offset, length } = consumer
        for (let i = 0; i < length; i++)
          if (ring.bytes[offset + i] !== ((read + i) & 0xff)) throw new Error(`record ${read} is damaged at byte ${i}`)
        sum = (sum * 31 + length + ((read + length - 1) & 0xff)) | 0
        consumer.advance()
        read++
      }
      consumer.release()
      return 0
    },
  },
  { parker, stopped: () => read === records },
)
parentPort?.postMessage({ sum, fallbackWakes: parker.fallbackWakes })
