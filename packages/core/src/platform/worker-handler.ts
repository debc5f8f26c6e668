import { Worker } from 'node:worker_threads'
import { type ErrorData, errorFromData, nonEmptyText } from '@disruptorx/contracts/internal'
import type { RunningThread, ThreadHandler, ThreadJob } from '../disruptor/thread-handler.ts'
import { WorkerExitedError } from '../errors.ts'
import { later } from './event-loop.ts'

/** How {@link workerHandler} runs a handler. */
export interface WorkerHandlerOptions {
  /** Passed to the export if that is a function; must survive a structured clone. @default undefined */
  readonly argument?: unknown
  /** The file that the worker runs, for bundlers that move it: the package's `handler-worker.js`. @default beside this module */
  readonly workerUrl?: URL
}

/** What the worker is started with. */
export interface HandlerWorkerData extends ThreadJob {
  readonly url: string
  readonly exportName: string
  readonly argument: unknown
}

/** What the worker says: that its handler is loaded, that it ended as asked, or what it threw. */
export type HandlerWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly error: ErrorData }

/**
 * A handler that runs on a worker thread of its own. Code crosses threads as a module URL: `exportName` of the module at `url` is an event handler, or a
 * function that makes one (or a promise of one) from `argument`.
 *
 * The thread blocks between events, so the handler is synchronous: timers and promises on its thread do not run.
 *
 * @throws {OptionError} the name is empty
 */
export function workerHandler(url: URL | string, exportName: string, options: WorkerHandlerOptions = {}): ThreadHandler {
  const workerUrl = options.workerUrl ?? new URL('./handler-worker.js', import.meta.url)
  const source = { url: String(url), exportName: nonEmptyText('exportName', exportName), argument: options.argument }
  return { startThread: job => startWorker(workerUrl, { ...job, ...source }) }
}

async function startWorker(workerUrl: URL, data: HandlerWorkerData): Promise<RunningThread> {
  const worker = new Worker(workerUrl, { workerData: data, name: data.exportName })
  const ready = Promise.withResolvers<void>()
  const finished = Promise.withResolvers<void>()
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  // Whoever looks at `finished` later must not make its rejection an unhandled one now.
  finished.promise.catch(() => {})
  const fail = (error: Error) => {
    ready.reject(error)
    finished.reject(error)
  }
  worker.on('message', (message: HandlerWorkerMessage) => {
    if (message.kind === 'ready') ready.resolve()
    else if (message.kind === 'finished') finished.resolve()
    else fail(errorFromData(message.error))
  })
  worker.on('error', fail)
  worker.on('exit', code => fail(new WorkerExitedError(`the worker of handler ${data.exportName}`, code)))
  await ready.promise
  return {
    finished: finished.promise,
    async close(graceMs) {
      const cancel = later(graceMs, () => worker.terminate())
      await exited
      cancel()
      await finished.promise
    },
  }
}
