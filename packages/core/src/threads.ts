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
export { type WorkerHandlerOptions, workerHandler } from './platform/worker-handler.ts'
