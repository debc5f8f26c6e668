import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { systemClock } from '@disruptorx/contracts/internal'
import { ByteRing } from '@disruptorx/core'
import { openJournal } from '@disruptorx/wal'
import { append } from './append-all.ts'
import type { ProducerData } from './producer.ts'
import type { Figure } from './report.ts'
import { alone, checkOneSegment } from './rounds.ts'
import type { Sizes } from './sizes.ts'

const PRODUCERS = 2

/** Two threads publish 64-byte records into one ring; this one appends them to a log for each, of a journal on a thread of its own. */
export async function append64(dir: string, { segmentBytes, records, rounds, warmUp }: Sizes): Promise<Figure[]> {
  const journal = await openJournal(dir, { segmentBytes, spareSegments: 0 })
  const ring = ByteRing.create({ capacityBytes: 1024 ** 2, producers: 'multi' })
  const go = new Int32Array(new SharedArrayBuffer(4))
  const workers: Worker[] = []
  for (let number = 0; number < PRODUCERS; number++) {
    const data: ProducerData = { ring: ring.handle, records: records / PRODUCERS, round: go.buffer as SharedArrayBuffer, number }
    const worker = new Worker(new URL('./producer.ts', import.meta.url), { workerData: data })
    await once(worker, 'message')
    workers.push(worker)
  }
  const consumer = ring.consumer()
  const logs = workers.map((_, number) => journal.log(number))
  const value = await alone(
    async () => {
      const startNs = systemClock.monotonicNs()
      Atomics.add(go, 0, 1)
      Atomics.notify(go, 0)
      let lsn = 0
      for (let taken = 0; taken < records; ) {
        if (!consumer.peek()) {
          consumer.release()
          await consumer.ready()
          continue
        }
        const { offset, length } = consumer
        const data = ring.bytes.subarray(offset, offset + length)
        lsn = await append(logs[data[0] as number] ?? journal.log(0), data)
        consumer.advance()
        if (++taken % 256 === 0) consumer.release()
      }
      consumer.release()
      await journal.durable(lsn)
      return (records * 1e9) / (systemClock.monotonicNs() - startNs)
    },
    rounds,
    warmUp,
  )
  Atomics.store(go, 0, -1)
  Atomics.notify(go, 0)
  await Promise.all(workers.map(worker => once(worker, 'exit')))
  checkOneSegment(journal.stats())
  await journal.close()
  return [{ name: 'append64.recordsPerSecond', value, note: `${PRODUCERS} producers, fsynced, through a thread of the journal's own` }]
}
