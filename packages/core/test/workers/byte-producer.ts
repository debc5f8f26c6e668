import { parentPort, workerData } from 'node:worker_threads'
import { ByteRing, type ByteRingHandle, runStep } from '@disruptorx/core'

const { ring: handle, records } = workerData as { ring: ByteRingHandle; records: number }
const ring = ByteRing.attach(handle)
const parker = ring.parkingLot.parker()
const producer = ring.producer()
let written = 0
let sum = 0
runStep(
  {
    step() {
      let claimed = 0
      for (; claimed < 16 && written < records; claimed++) {
        const length = (written * 13) % 200
        const offset = producer.tryClaim(length)
        if (offset < 0) break
        for (let i = 0; i < length; i++) ring.bytes[offset + i] = written + i
        sum = (sum * 31 + length + ((written + length - 1) & 0xff)) | 0
        written++
      }
      producer.publish()
      return claimed > 0 ? 0 : Number.POSITIVE_INFINITY
    },
  },
  { parker, stopped: () => written === records },
)
parentPort?.postMessage({ sum, fallbackWakes: parker.fallbackWakes })
