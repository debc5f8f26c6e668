import { LatencyHistogram, systemClock } from '@disruptorx/contracts/internal'
import { openLog } from '@disruptorx/wal'
import { spreadOf } from '../../../core/bench/ring/statistics.ts'
import { tryAppend } from './append-all.ts'
import type { Figure } from './report.ts'
import type { Sizes } from './sizes.ts'

/** One record each ten microseconds: a tenth of a million in a second. */
const EVERY_NS = 10_000
/** Records are looked after in so many parts, of which each has a figure. */
const PARTS = 15

/** From when a record was due until this thread knows that it is durable, while records come at a steady rate whether or not those before them are. */
export async function load(dir: string, { segmentBytes, paced }: Sizes): Promise<Figure[]> {
  const log = await openLog(dir, { segmentBytes, spareSegments: 0 })
  const histogram = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
  const perPart = Math.ceil(paced / PARTS)
  const parts: number[] = []
  const startNs = systemClock.monotonicNs()
  for (let appended = 0, durable = 0; durable < paced; ) {
    const nowNs = systemClock.monotonicNs()
    // What finds no room is late, and counts from when it was due.
    while (appended < paced && startNs + appended * EVERY_NS <= nowNs && tryAppend(log) !== 0) appended++
    const lsn: number = log.durableLsn
    for (; durable < lsn; durable++) {
      histogram.record(nowNs - startNs - durable * EVERY_NS)
      if ((durable + 1) % perPart !== 0) continue
      // The first part warms up.
      if (durable + 1 > perPart || PARTS > paced) parts.push(histogram.percentile(99) / 1000)
      histogram.reset()
    }
  }
  await log.close()
  return [{ name: 'load.p99Us', value: spreadOf(parts), note: '100,000 records of 64 bytes a second, until they are known to be durable' }]
}
