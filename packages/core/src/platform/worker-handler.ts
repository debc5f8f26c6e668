import { OptionError } from '@disruptorx/contracts'
import { nonEmptyText } from '@disruptorx/contracts/internal'
import { absoluteUrl } from '../disruptor/exception-policy.ts'
import type { Reclaimable, ThreadHandler } from '../disruptor/thread-handler.ts'
import { WorkerGroup } from './worker-group.ts'

/** How {@link workerHandler} runs a handler. */
export interface WorkerHandlerOptions {
  /** Passed to the export if that is a function; must survive a structured clone. @default undefined */
  readonly argument?: unknown
  /**
   * Whether the worker's event loop runs between batches, so that timers and promises of the handler do, and handlers may be asynchronous. Otherwise the
   * thread blocks while there is nothing to do, which wakes it sooner. @default false
   */
  readonly eventLoop?: boolean
  /** Whose workers to use. @default a worker of its own for each start */
  readonly workers?: WorkerGroup
  /** The file that the worker runs, for bundlers that move it: the package's `handler-worker.js`. @default what `workers` says, or beside this module */
  readonly workerUrl?: URL
  /** Other rings that the handler takes part in, such as one that it publishes into: what it held there is taken back when its thread ends. @default none */
  readonly rings?: readonly Reclaimable[]
}

/**
 * A handler that runs on a worker thread. Code crosses threads as a module URL: `exportName` of the module at `url` is an event handler, or a
 * function that makes one (or a promise of one) from `argument` and a {@link WorkerContext}.
 *
 * @throws {OptionError} the URL is not absolute, or the name is empty
 */
export function workerHandler(url: URL | string, exportName: string, options: WorkerHandlerOptions = {}): ThreadHandler {
  const { argument, eventLoop = false, workers, workerUrl, rings = [] } = options
  if (workers !== undefined && workerUrl !== undefined)
    throw new OptionError('workerUrl', workerUrl.href, 'given to the group of workers, where there is one')
  const source = { url: absoluteUrl(url), exportName: nonEmptyText('exportName', exportName), eventLoop }
  return {
    ...source,
    startThread(job, start) {
      const group = workers ?? new WorkerGroup({ threads: 1, idle: 0, ...(workerUrl && { workerUrl }) })
      return group.run({ ...job, ...source, argument }, { ...start, rings: [...start.rings, ...rings] })
    },
  }
}
