import { DisruptorError, type ErrorDetails } from '@disruptorx/contracts'

/** A link cannot go on: what was under way on it is lost. The base of what ends links; by itself code `DX_LINK_LOST`: the connection ended without a word. */
export class LinkBrokenError extends DisruptorError {
  constructor(message = 'the connection ended without a word', code = 'DX_LINK_LOST', details: ErrorDetails = {}, cause?: unknown) {
    super(code, message, details, cause === undefined ? undefined : { cause })
  }
}

/** A peer sent what the protocol does not allow. Code `DX_PEER_PROTOCOL`. */
export class PeerProtocolError extends LinkBrokenError {
  constructor(what: string, cause?: unknown) {
    super(`the peer broke the protocol: ${what}`, 'DX_PEER_PROTOCOL', { what }, cause)
  }
}

/** Nothing was heard of a peer for too long. Code `DX_PEER_SILENT`. */
export class PeerSilentError extends LinkBrokenError {
  constructor(silentMs: number) {
    super(`nothing was heard of the peer for ${silentMs} ms (option deadAfterMs)`, 'DX_PEER_SILENT', { silentMs })
  }
}

/** A peer took nothing of what was sent to it for too long. Code `DX_PEER_STALLED`. */
export class PeerStalledError extends LinkBrokenError {
  constructor(stalledMs: number, bytes: number) {
    super(
      `the peer did not take ${bytes} bytes within ${stalledMs} ms (option stallAfterMs): it reads nothing, or too little`,
      'DX_PEER_STALLED',
      {
        stalledMs,
        bytes,
      },
    )
  }
}

/** A peer sends more than its link allows. Code `DX_PEER_FLOOD`. */
export class PeerFloodError extends LinkBrokenError {
  constructor(what: string, most: number) {
    super(`the peer sent more than ${most} ${what} in a second`, 'DX_PEER_FLOOD', { what, most })
  }
}

/** Frames of a link are missing: some carrier lost them. Code `DX_LINK_GAP`. */
export class LinkGapError extends LinkBrokenError {
  constructor(sent: number, received: number) {
    super(`the peer has sent ${sent} frames, and ${received} came: the carrier lost or doubled some`, 'DX_LINK_GAP', { sent, received })
  }
}

/** Another connection with the same peer took the link's place: the peer had lost this one, or was started anew. Code `DX_LINK_REPLACED`. */
export class LinkReplacedError extends LinkBrokenError {
  constructor(why: string) {
    super(`a newer link took the place of this one: ${why}`, 'DX_LINK_REPLACED', { why })
  }
}

/** A queue towards a peer is full, so that the link or a request had to end. Code `DX_QUEUE_FULL`. */
export class QueueFullError extends LinkBrokenError {
  constructor(peer: string, queuedBytes: number, mostBytes: number) {
    super(`the queue towards ${peer} holds ${queuedBytes} of ${mostBytes} bytes (option queueBytes); it takes no more`, 'DX_QUEUE_FULL', {
      peer,
      queuedBytes,
      mostBytes,
    })
  }
}

/** A listener of the application threw while it dealt with a peer's frame. `cause` is what it threw. Code `DX_LISTENER_FAILED`. */
export class ListenerFailedError extends LinkBrokenError {
  constructor(what: string, cause: unknown) {
    super(`the ${what} threw: ${cause instanceof Error ? cause.message : String(cause)}`, 'DX_LISTENER_FAILED', { what }, cause)
  }
}

/** There is no link with a peer. Code `DX_NOT_CONNECTED`. */
export class NotConnectedError extends DisruptorError {
  constructor(peer: string) {
    super('DX_NOT_CONNECTED', `there is no link with ${peer}; dial it, or wait with ready()`, { peer })
  }
}

/** A message is larger than one of the two ends allows. Code `DX_MESSAGE_SIZE`; nothing was sent. */
export class MessageSizeError extends DisruptorError {
  constructor(what: string, bytes: number, mostBytes: number, whose: 'ours' | 'theirs') {
    const owner = whose === 'ours' ? 'this end sends' : 'the peer takes'
    super('DX_MESSAGE_SIZE', `${what} has ${bytes} bytes; ${owner} at most ${mostBytes} (option maxMessageBytes); use a stream for more`, {
      bytes,
      mostBytes,
      whose,
    })
  }
}

/** A peer's handler failed, and not with an error of DisruptorX: its log says more. Code `DX_REQUEST_FAILED`. */
export class RequestFailedError extends DisruptorError {
  constructor(peer: string, why: string) {
    super('DX_REQUEST_FAILED', `${peer} did not answer: ${why}`, { peer, why })
  }
}

/** An error that a peer's handler answered with: its code and message. */
export class RemoteError extends DisruptorError {
  constructor(peer: string, code: string, message: string) {
    super(code, `${peer} answered: ${message}`, { peer })
  }
}

/** As many requests or streams are under way as the peer takes. Code `DX_REQUEST_LIMIT` or `DX_STREAM_LIMIT`; nothing was sent. */
export class PeerLimitError extends DisruptorError {
  constructor(kind: 'request' | 'stream', peer: string, most: number) {
    super(`DX_${kind.toUpperCase()}_LIMIT`, `${peer} takes at most ${most} ${kind}s at a time; wait for one to end`, { peer, most })
  }
}

/** One end of a stream wants no more, or could not go on. Code `DX_STREAM_STOPPED`. */
export class StreamStoppedError extends DisruptorError {
  constructor(by: string, why: string) {
    super('DX_STREAM_STOPPED', `${by} stopped the stream${why === '' ? '' : `: ${why}`}`, { by, why })
  }
}

/** A listener, or a dialler, would let strangers in. Code `DX_INSECURE_ADDRESS`. */
export class InsecureAddressError extends DisruptorError {
  constructor(address: string, act: 'listen' | 'dial') {
    const what = act === 'listen' ? 'anybody who reaches it could join the cluster' : 'whoever answers there would be believed'
    super(
      'DX_INSECURE_ADDRESS',
      `${address} is not on this machine alone, and ${what}; give the transport a secret, or the carrier mutual TLS (cert, key and ca)`,
      { address, act },
    )
  }
}

/** An address cannot be listened at. `cause` is the system's error. Code `DX_LISTEN`. */
export class ListenError extends DisruptorError {
  constructor(address: string, why: string, cause?: unknown) {
    super('DX_LISTEN', `cannot listen at ${address}: ${why}`, { address, why }, { cause })
  }
}

/** An address cannot be reached. `cause` is the system's error. Code `DX_UNREACHABLE`. */
export class UnreachableError extends DisruptorError {
  constructor(address: string, why: string, cause?: unknown) {
    super('DX_UNREACHABLE', `cannot reach ${address}: ${why}`, { address, why }, { cause })
  }
}

/** What is wrong with a certificate. */
export type CertificateProblem = 'expired' | 'not-yet-valid' | 'name' | 'untrusted' | 'missing' | 'refused' | 'invalid'

/** A certificate, ours or the other end's, was not accepted. `cause` is the system's error. Code `DX_CERTIFICATE`. */
export class CertificateError extends DisruptorError {
  constructor(problem: CertificateProblem, message: string, cause?: unknown) {
    super('DX_CERTIFICATE', message, { problem }, { cause })
  }
}
