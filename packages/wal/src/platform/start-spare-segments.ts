import { Worker } from 'node:worker_threads'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { resolveJournalStepOptions } from '../options.ts'
import { SharedSpareSegments } from '../segments/shared-spare-segments.ts'
import { MOST_SPARES, SpareQueue } from '../segments/spare-queue.ts'
import type { SpareSegments } from '../segments/spare-segments.ts'

/** How spare segments are prepared. */
export interface SpareSegmentsOptions {
  /** Directory of the journal, as the journal's own option says it. */
  readonly dir: string
  /** As the journal's own option. @default 64 MiB */
  readonly segmentBytes?: number
  /** How many to keep ready: 1 to 8. @default 1 */
  readonly count?: number
  /** Where the worker's code is, for programs that were bundled. @default beside this module */
  readonly workerUrl?: URL
}

/**
 * Starts a thread that prepares segments for a journal which this thread is about to open: hand the result over as the option `spares`. The
 * thread touches nothing before the journal has locked its directory, ends when the journal is closed, and keeps no process alive.
 *
 * @throws {OptionError}
 */
export function startSpareSegments(options: SpareSegmentsOptions): SpareSegments {
  const { dir, segmentBytes } = resolveJournalStepOptions(options)
  const queue = SpareQueue.create(dir, segmentBytes, wholeNumber('count', options.count ?? 1, 1, MOST_SPARES))
  const worker = new Worker(options.workerUrl ?? new URL('./spare-worker.js', import.meta.url), { workerData: queue.handle })
  worker.unref()
  // A thread that could not start or died prepares nothing, and the journal counts the segments that it makes itself.
  worker.on('error', () => queue.stopped())
  return new SharedSpareSegments(queue)
}
