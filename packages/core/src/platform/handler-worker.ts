/**
 * The worker thread behind `workerHandler`: loads handlers, one after the other, and hands each the events of a ring until it is told to stop.
 */
import { parentPort } from 'node:worker_threads'
import { errorToData } from '@disruptorx/contracts/internal'
import type { HandlerThreadNews, HandlerThreadOrder } from './handler-thread.ts'
import { runJob } from './run-job.ts'

function tell(news: HandlerThreadNews): void {
  parentPort?.postMessage(news)
}

parentPort?.on('message', (order: HandlerThreadOrder) => {
  if (order.kind === 'end') parentPort?.close()
  else
    runJob(order.job, () => tell({ kind: 'ready' })).then(
      () => tell({ kind: 'finished' }),
      error => tell({ kind: 'failed', error: errorToData(error) }),
    )
})
