import type { InboundMessage, IncomingStream, RequestHandler } from '@disruptorx/contracts'

/** Who in the application deals with what comes. One object for all links of a transport. */
export interface Handlers {
  message: (peer: string, message: InboundMessage) => void
  request: RequestHandler | undefined
  stream: ((stream: IncomingStream) => void) | undefined
}
