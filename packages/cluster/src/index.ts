/**
 * Replayable state machines behind a ring and a journal: what one node of DisruptorX is made of.
 *
 * @example
 * import { createNode } from '@disruptorx/cluster'
 * import orders from './orders.js' // export default defineApp({ url: import.meta.url, ... })
 *
 * await using node = await createNode({ dataDir: './data', apps: [orders] })
 * const { reply } = await node.client(orders).publish('order', { id: 1, price: 100, size: 10 })
 * @packageDocumentation
 */
export {
  type AnyApp,
  type App,
  type ApplyContext,
  defineApp,
  type EventDefinition,
  type SnapshotReader,
  type SnapshotWriter,
} from './app/define-app.ts'
export { type AckLevel, Client, type Published, type PublishOptions, type Taken } from './client/client.ts'
export { EventStream } from './client/event-stream.ts'
export type { WaitOptions } from './client/limited.ts'
export {
  AppError,
  AppHaltedError,
  AppMismatchError,
  FormatTooNewError,
  LogGapError,
  OutcomeUnknownError,
  QueryError,
  ReplyTooLargeError,
  SessionExpiredError,
  SessionGapError,
  SnapshotError,
  ThreadDiedError,
} from './errors.ts'
export { createNode } from './node/create-node.ts'
export { type CloseOptions, Node } from './node/node.ts'
export type { NodeOptions } from './node/options.ts'
export type { LatencySummary, NodeStatus } from './node/status.ts'
