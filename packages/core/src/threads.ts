/**
 * Worker threads for `@disruptorx/core`: handlers on threads of their own. Node only.
 *
 * @example
 * import { Disruptor, struct } from '@disruptorx/core'
 * import { workerHandler } from '@disruptorx/core/threads'
 *
 * const disruptor = new Disruptor({ layout: struct({ id: 'u53' }), capacity: 1024 })
 * disruptor.handleEventsWith(workerHandler(new URL('./audit.js', import.meta.url), 'audit'))
 * await disruptor.start()
 * @packageDocumentation
 */
export type { HandlerJob } from './platform/handler-thread.ts'
export { ModuleLoadError } from './platform/load-export.ts'
export type { WorkerContext } from './platform/run-job.ts'
export { superviseWorker, type WorkerExit } from './platform/supervise-worker.ts'
export { WorkerFileError } from './platform/worker-file.ts'
export { WorkerGroup, type WorkerGroupOptions } from './platform/worker-group.ts'
export { type WorkerHandlerOptions, workerHandler } from './platform/worker-handler.ts'
