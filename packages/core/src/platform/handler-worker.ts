/**
 * The worker thread behind `workerHandler`: loads handlers, one after the other, and hands each the events of a ring until it is told to stop.
 */
import { parentPort } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { type ErrorData, errorToData } from '@disruptorx/contracts/internal'
import { SharedStats } from '../disruptor/shared-stats.ts'
import type { HandlerJob, HandlerThreadNews, HandlerThreadOrder } from './handler-thread.ts'
import { runJob } from './run-job.ts'

function tell(news: HandlerThreadNews): void {
  parentPort?.postMessage(news)
}

/** What a handler threw. An error that has no values of its own says where it comes from: on the other side it stands alone. */
function dataOf(thrown: unknown, { name, stats }: HandlerJob): ErrorData {
  const data = errorToData(thrown)
  const sequence = SharedStats.attach(stats).failedAt
  return isDisruptorError(thrown) ? data : { ...data, details: { handler: name, ...(sequence !== undefined && { sequence }) } }
}

parentPort?.on('message', (order: HandlerThreadOrder) => {
  if (order.kind === 'end') parentPort?.close()
  else
    runJob(order.job, () => tell({ kind: 'ready' })).then(
      () => tell({ kind: 'finished' }),
      error => tell({ kind: 'failed', error: dataOf(error, order.job) }),
    )
})
