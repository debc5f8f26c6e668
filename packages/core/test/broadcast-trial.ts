import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect } from 'vitest'
import { BroadcastRing } from '../src/bytes/broadcast-ring.ts'
import { ParkingLot } from '../src/parking/parking-lot.ts'
import type { BroadcastReaderResult } from './workers/broadcast-reader.ts'
import { runWorker } from './workers/run.ts'

/** One writer that never waits, and three readers, of which two are slow. Returns what the readers found. */
export async function broadcast(records: number, capacityBytes: number, burst: number): Promise<readonly BroadcastReaderResult[]> {
  // All sleep without a limit: a lost wake-up would hang the test.
  const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
  const ring = BroadcastRing.create({ capacityBytes, parkingLot, initialPosition: 2 ** 32 - 65_536 })
  const kinds = [
    { options: {}, pauseEvery: Infinity, pauseMs: 0 },
    { options: { afterLap: 'oldest' }, pauseEvery: 100, pauseMs: 1 },
    { options: { afterLap: 'newest', from: 'oldest' }, pauseEvery: 7, pauseMs: 1 },
  ]
  const readers = kinds.map(
    kind => new Worker(new URL('./workers/broadcast-reader.ts', import.meta.url), { workerData: { ring: ring.handle, ...kind } }),
  )
  await Promise.all(readers.map(reader => once(reader, 'message')))
  const results = Promise.all(readers.map(async reader => (await once(reader, 'message'))[0] as BroadcastReaderResult))
  await runWorker('./broadcast-writer.ts', { ring: ring.handle, records, burst })
  for (const { faults, received, missed } of await results) {
    expect(faults).toEqual([])
    expect(received + missed).toBe(records)
    expect(received).toBeGreaterThan(0)
  }
  return results
}
