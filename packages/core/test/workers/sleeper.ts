import { parentPort, workerData } from 'node:worker_threads'
import { ParkingLot, type ParkingLotHandle } from '@disruptorx/core'
import { currentThread } from '../../src/platform/current-thread.ts'

/** Says its number, and sleeps for ever. */
const parker = ParkingLot.attach((workerData as { lot: ParkingLotHandle }).lot).parker()
parentPort?.postMessage(currentThread())
parker.raise()
parker.park(Number.POSITIVE_INFINITY)
