/**
 * A message as a receiver hands it over: a flyweight over the bytes that came, the same object for every message.
 *
 * Valid during the call only, and so is every view made from it. {@link copy} gives what stays.
 */
export interface InboundMessage {
  /** What the payload is, by the sender's word: 0 to 65,535. */
  readonly type: number
  /** The memory that the payload lies in, from {@link offset}, {@link length} bytes long. Do not change it. */
  readonly source: Uint8Array
  readonly offset: number
  readonly length: number
  /** Whether no further message is at hand: the moment to act on what was gathered. */
  readonly endOfBatch: boolean
  /** A view of the payload. Makes an object: hot paths use {@link source} and {@link offset}. */
  payload(): Uint8Array
  /** The payload in memory of its own. */
  copy(): Uint8Array
  /** A view of the trace context, 25 bytes; `undefined` without one. */
  trace(): Uint8Array | undefined
}

/** Sends messages to nodes by name; connections are its own affair. */
export interface MessageSender {
  /** Hands over a message, copying it. False when it could not be queued; delivery is at most once and in order per peer. */
  send(peer: string, message: Uint8Array): boolean
}

/** Receives messages from nodes by name. */
export interface MessageReceiver {
  /** Called with each message, in order from each peer. A new listener takes the place of the one before; without any, messages are dropped. */
  onMessage(listener: (peer: string, message: InboundMessage) => void): void
}
