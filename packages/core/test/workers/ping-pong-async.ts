import { parentPort, workerData } from 'node:worker_threads'
import { ParkingLot, type ParkingLotHandle } from '@disruptorx/core'

const { lot, memory, rounds } = workerData as { lot: ParkingLotHandle; memory: SharedArrayBuffer; rounds: number }
const parkingLot = ParkingLot.attach(lot)
const parker = parkingLot.parker()
const cells = new Int32Array(memory)
const hold = setInterval(() => {}, 1 << 30)
for (let round = 1; round <= rounds; round++) {
  for (;;) {
    parker.raise()
    if (Atomics.load(cells, 0) >= round) break
    await parker.parkAsync(Number.POSITIVE_INFINITY)
  }
  parker.lower()
  Atomics.store(cells, 32, round)
  parkingLot.unparkAll()
}
clearInterval(hold)
parentPort?.postMessage({ fallbackWakes: parker.fallbackWakes })
parker.close()
