import type { Closeable } from './closeable.ts'
import type { MessageReceiver, MessageSender } from './messages.ts'

/** Who a process of a cluster is. */
export interface NodeIdentity {
  /** Name of the node: 1 to 64 letters, digits, dots, dashes and underscores. */
  readonly node: string
  /** Name of the cluster, made of the same. */
  readonly cluster: string
  /** Counts the lives of the node's data, from 0: a node that lost its disk is a new one. A whole number up to 2^53 - 1. */
  readonly incarnation: number
}

/** The peer at the other end of a link. */
export interface PeerInfo extends NodeIdentity {
  /** Where it is, without a port. */
  readonly remoteAddress: string
  /** Whether this side dialled. */
  readonly isDialed: boolean
  /** Counts the links that this transport had with the peer, from 1. Messages are in order and without gaps within one link. */
  readonly link: number
  /** Types of messages that this end has and the peer does not: it cannot read them. */
  readonly missingTypes: readonly number[]
}

/** What happens to links. */
export type LinkEvent =
  /** A link is there: from here on messages may be sent and received. */
  | { readonly kind: 'up'; readonly peer: PeerInfo }
  /** A link is gone, and with it what was under way; without a reason if an end closed it by agreement. */
  | { readonly kind: 'down'; readonly peer: PeerInfo; readonly reason: Error | undefined }
  /** A connection did not become a link: this end or the other one refused it. */
  | { readonly kind: 'refused'; readonly remoteAddress: string; readonly node: string | undefined; readonly reason: Error }
  /** An address could not be reached; it is dialled again after that time. */
  | { readonly kind: 'unreachable'; readonly address: string; readonly attempt: number; readonly retryInMs: number; readonly reason: Error }

/** How an address is dialled. */
export interface DialOptions {
  /** Who has to be there. Any other node is refused. @default whoever is */
  readonly peer?: string
  /** How long until the first link must be there, in milliseconds: 1 to 2^31 - 1, or Infinity. @default 10_000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** How long to wait. */
export interface WaitOptions {
  /** In milliseconds: 1 to 2^31 - 1, or Infinity. @default 10_000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** How a request is made. */
export interface RequestOptions extends WaitOptions {
  /** What the request is, for the other side: 0 to 65,535. @default 0 */
  readonly type?: number
}

/** A request of a peer, to be answered. */
export interface InboundRequest {
  readonly peer: string
  readonly type: number
  /** The handler's own. */
  readonly body: Uint8Array
  /** Milliseconds that the peer waits from now on; Infinity when it set no limit. */
  readonly timeoutMs: number
  /** Aborted when nobody waits for the answer any more: the peer gave up, or the link is gone. */
  readonly signal: AbortSignal
}

/** Answers requests. What it throws, or rejects with, the peer gets as an error: that of DisruptorX with code and message, any other without a word about what it was. */
export type RequestHandler = (request: InboundRequest) => Uint8Array | Promise<Uint8Array>

/** The sending end of a one-way stream: for bulk, beside which small messages still get through. */
export interface OutgoingStream {
  readonly peer: string
  /**
   * Sends bytes, of any length; they may be changed when it has resolved, which it does when the peer has room for them. One call at a time.
   *
   * @throws {DisruptorError} `DX_STREAM_STOPPED`: the peer wants no more, or the stream was aborted; or why the link is gone
   */
  write(bytes: Uint8Array): Promise<void>
  /** Ends the stream, and resolves when the peer has consumed all of it. @throws as {@link write} */
  end(): Promise<void>
  /** Gives the stream up: the peer's reading ends with an error that shows this reason. Without effect on one that is over. */
  abort(reason?: string): void
}

/** The receiving end of a one-way stream. Iterate over it once; breaking off tells the sender to stop. */
export interface IncomingStream extends AsyncIterable<Uint8Array> {
  readonly peer: string
  /** What the sender said about it at its start. The listener's own. */
  readonly header: Uint8Array
  /** Wants no more: the sender's next write fails with an error that shows this reason. Without effect on one that is over. */
  stop(reason?: string): void
}

/** Figures about durations. */
export interface LatencySummary {
  readonly count: number
  readonly p50Us: number
  readonly p90Us: number
  readonly p99Us: number
  readonly p999Us: number
}

/** Figures of one direction. */
export interface TrafficStats {
  /** Bytes on the wire. */
  readonly bytes: number
  /** Messages, requests, answers, pieces of streams, and what keeps the link alive. */
  readonly frames: number
}

/** Figures of all links with one peer, since the transport was made. */
export interface LinkStats {
  readonly peer: string
  readonly isUp: boolean
  readonly sent: TrafficStats
  readonly received: TrafficStats
  /** Bytes that wait for the network now, and the most that ever did. */
  readonly queuedBytes: number
  readonly mostQueuedBytes: number
  /** Messages that were not taken because the queue was full. */
  readonly refusedMessages: number
  /** Links after the first one. */
  readonly reconnects: number
  /** From a ping to its answer. */
  readonly roundTrip: LatencySummary
  /** From a request to its answer, the peer's work included. */
  readonly requests: LatencySummary
}

/** Figures of a whole transport. */
export interface TransportStats {
  readonly links: number
  /** Connections that were turned away before a handshake, by the limits per address and in total. */
  readonly turnedAway: number
  /** Connections whose handshake was refused, by either end. */
  readonly refused: number
  /** Links that broke. */
  readonly broken: number
}

/** Takes connections until it is closed. */
export interface TransportListener extends Closeable {
  /** Where it listens: what others dial. */
  readonly address: string
}

/**
 * Links between nodes: at most one with each peer, whoever dialled. Messages keep their order within a link; a link that cannot keep it breaks, and says so.
 *
 * Every wait of a peer that is not linked fails with `DX_NOT_CONNECTED`; every use of a closed transport with `DX_CLOSED`.
 */
export interface Transport extends MessageSender, MessageReceiver, Closeable {
  readonly self: NodeIdentity
  /** Takes connections at an address, such as `tcp://127.0.0.1:0`. @throws as the carrier of its scheme */
  listen(address: string): Promise<TransportListener>
  /**
   * Makes a link to whoever is at an address, trying again until the time is over, and makes it anew whenever it breaks, until {@link hangUp}. Resolves with
   * the peer's name when the first link is there, also one that the peer made meanwhile.
   *
   * @throws {DisruptorError} why it is not: refused (`DX_PEER_...`), `DX_TIMEOUT`, `DX_ABORTED`, ... The address is then forgotten
   */
  dial(address: string, options?: DialOptions): Promise<string>
  /** Closes the link with a peer after what was sent, and dials its addresses no more. */
  hangUp(peer: string): void
  /**
   * Hands over a message, copying `length` bytes from `offset`. False when there is no link with the peer, or its queue is full: nothing was taken. See {@link ready}.
   *
   * @param type what the message is, for the receiver: 0 to 65,535. @default 0
   * @param trace a trace context of 25 bytes
   * @throws {DisruptorError} `DX_MESSAGE_SIZE`: larger than this end sends or the other end takes
   */
  send(peer: string, message: Uint8Array, type?: number, offset?: number, length?: number, trace?: Uint8Array): boolean
  /** Resolves when there is a link with the peer, at least half of its queue is free, and there is room for the largest message. */
  ready(peer: string, options?: WaitOptions): Promise<void>
  /** Asks a peer. @throws {DisruptorError} the peer's own error, `DX_REQUEST_FAILED`, `DX_PEER_BUSY`, `DX_TIMEOUT`, `DX_ABORTED`, or why the link is gone */
  request(peer: string, body: Uint8Array, options?: RequestOptions): Promise<Uint8Array>
  /** Who answers requests. A new handler takes the place of the one before; without any, requests fail. */
  onRequest(handler: RequestHandler): void
  /** Begins a stream, with at most 4 KiB about what it is. @throws {DisruptorError} `DX_STREAM_LIMIT`: as many are open as the peer takes */
  openStream(peer: string, header: Uint8Array): OutgoingStream
  /** Who takes streams of peers. A new listener takes the place of the one before; without any, streams are stopped. */
  onStream(listener: (stream: IncomingStream) => void): void
  /** Tells of links; the result ends that. */
  onLink(listener: (event: LinkEvent) => void): () => void
  /** Reads nothing more from a peer until {@link resume}: its queue fills, and its `send` tells. Up to a batch may still come. */
  pause(peer: string): void
  resume(peer: string): void
  /** The peers with a link. */
  peers(): readonly PeerInfo[]
  /** Figures of a peer; `undefined` of one that never had a link, or not for long. */
  linkStats(peer: string): LinkStats | undefined
  stats(): TransportStats
}
