/**
 * What every DisruptorX package speaks: brands for its number spaces, the ports through which time, chance, files and
 * threads come in, and the base of its errors. Types and an error base, no dependencies.
 *
 * @example
 * import { DisruptorError, isDisruptorError } from '@disruptorx/contracts'
 *
 * try {
 *   throw new DisruptorError('MY_FAULT', 'the feed is behind by 12 events', { behind: 12 })
 * } catch (error) {
 *   if (isDisruptorError(error, 'MY_FAULT')) console.log(error.details.behind)
 * }
 * @packageDocumentation
 */
export type { Branded, ClientId, Index, LogId, Lsn, Ordinal, Sequence, Term } from './brands.ts'
export {
  AbortedError,
  ClosedError,
  DisruptorError,
  type ErrorDetails,
  errorBrand,
  isDisruptorError,
  OptionError,
  TimeoutError,
} from './errors.ts'
export type { Archive } from './ports/archive.ts'
export type { Carrier, Pipe, PipeAcceptor, PipeListener, PipeTerms, PipeUser } from './ports/carrier.ts'
export type { Clock } from './ports/clock.ts'
export type { Closeable } from './ports/closeable.ts'
export type { Codec, CodecSchema } from './ports/codec.ts'
export type {
  AnyEventHandler,
  BatchHandler,
  EventBatch,
  EventHandler,
  HandlerHooks,
  ProcessorControl,
} from './ports/event-handler.ts'
export type { FileOperation, FileRequest, Files } from './ports/files.ts'
export type { Link } from './ports/link.ts'
export type {
  Appended,
  LogEntry,
  LogJournal,
  LogReadOptions,
  LogStore,
  SnapshotMark,
} from './ports/log-store.ts'
export type { Logger } from './ports/logger.ts'
export type { InboundMessage, MessageReceiver, MessageSender } from './ports/messages.ts'
export type { Counter, Gauge, Histogram, MetricLabels, Metrics } from './ports/metrics.ts'
export type { Random } from './ports/random.ts'
export type { Scheduler, Step } from './ports/scheduler.ts'
export type { SequenceCell } from './ports/sequence-cell.ts'
export type {
  DialOptions,
  InboundRequest,
  IncomingStream,
  LatencySummary,
  LinkEvent,
  LinkStats,
  NodeIdentity,
  OutgoingStream,
  PeerInfo,
  RequestHandler,
  RequestOptions,
  TrafficStats,
  Transport,
  TransportListener,
  TransportStats,
  WaitOptions,
} from './ports/transport.ts'
export type { AsyncWaitStrategy, Parker, WaitSource, WaitStrategy } from './ports/wait-strategy.ts'
