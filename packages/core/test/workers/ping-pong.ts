import { parentPort, workerData } from 'node:worker_threads'
import { ParkingLot, type ParkingLotHandle } from '@disruptorx/core'

const { lot, memory, rounds, self } = workerData as { lot: ParkingLotHandle; memory: SharedArrayBuffer; rounds: number; self: 0 | 1 }
const parkingLot = ParkingLot.attach(lot)
const parker = parkingLot.parker()
const cells = new Int32Array(memory)
const mine = self * 32
const theirs = (1 - self) * 32
for (let round = 1; round <= rounds; round++) {
  if (self === 1) waitFor(round)
  Atomics.store(cells, mine, round)
  parkingLot.unparkAll()
  if (self === 0) waitFor(round)
}
parentPort?.postMessage({ fallbackWakes: parker.fallbackWakes })
parker.close()

function waitFor(round: number): void {
  for (;;) {
    parker.raise()
    if (Atomics.load(cells, theirs) >= round) break
    parker.park(Number.POSITIVE_INFINITY)
  }
  parker.lower()
}
