import { DisruptorError, type InboundRequest, isDisruptorError, type RequestHandler } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { PeerProtocolError } from '../errors.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { ANSWER, FAILURE } from '../protocol/frame-kinds.ts'
import { HEAD_BYTES, TEXT_BYTES } from '../protocol/limits.ts'
import { Fifo } from './fifo.ts'
import type { LinkParts } from './link-parts.ts'

/** A request of the peer that is being dealt with. */
class ActiveRequest implements InboundRequest {
  readonly peer: string
  readonly type: number
  readonly body: Uint8Array
  readonly timeoutMs: number
  #controller: AbortController | undefined
  #reason: Error | undefined

  constructor(peer: string, type: number, timeoutMs: number, body: Uint8Array) {
    this.peer = peer
    this.type = type
    this.timeoutMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs
    this.body = body
  }

  // Made only for who looks at it.
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Nobody waits for the answer any more. */
  get isForgotten(): boolean {
    return this.#reason !== undefined
  }

  forget(reason: Error): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}

const nothing = new Uint8Array(0)
/** Bytes of answers that may wait for room in the queue, or one answer. Beyond that a request is told that the link is busy. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024

/** Requests of the peer, and the answers of this end. */
export class Answers {
  readonly #parts: LinkParts
  readonly #active = new Map<number, ActiveRequest>()
  /** Answers for which the queue has no room yet, in order. */
  readonly #waiting = new Fifo<{ readonly kind: number; readonly head: Uint8Array; readonly body: Uint8Array }>()
  #waitingBytes = 0

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  asked(frame: Frame): void {
    const { peer, handlers, ours } = this.#parts
    const reader = new ByteReader('a request', frame.source, frame.offset, frame.length)
    const [id, timeoutMs] = [reader.u32(), reader.u32()]
    if (this.#active.has(id)) throw new PeerProtocolError(`request ${id} comes twice`)
    if (this.#active.size >= ours.maxRequests) {
      this.#parts.nuisance()
      this.#fail(id, new DisruptorError('DX_PEER_BUSY', `at most ${ours.maxRequests} requests are dealt with at a time`))
    } else if (handlers.request === undefined) this.#fail(id, new DisruptorError('DX_REQUEST_FAILED', 'nobody answers requests there'))
    else this.#handle(id, new ActiveRequest(peer, frame.type, timeoutMs, reader.rest()), handlers.request)
  }

  /** The peer waits no more. The request counts as active until its handler is done, so that nobody gets more work done by taking it back. */
  cancelled(frame: Frame): void {
    const id = new ByteReader('a cancellation', frame.source, frame.offset, frame.length).u32()
    this.#parts.nuisance()
    this.#active.get(id)?.forget(new DisruptorError('DX_REQUEST_CANCELLED', 'the peer waits no more for the answer'))
  }

  /** There is room again. */
  drained(): void {
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!this.#parts.channel.appendParts(first.kind, 0, first.head, first.body)) return
      this.#waiting.take()
      this.#waitingBytes -= first.head.length + first.body.length
    }
  }

  /** The link is gone. */
  end(reason: Error): void {
    for (const request of this.#active.values()) request.forget(reason)
    this.#active.clear()
    this.#waiting.clear()
  }

  #handle(id: number, request: ActiveRequest, handler: RequestHandler): void {
    this.#active.set(id, request)
    try {
      const answer = handler(request)
      if (answer instanceof Uint8Array) this.#answer(id, request, answer)
      else
        answer.then(
          body => this.#answer(id, request, body),
          error => this.#answerError(id, request, error),
        )
    } catch (error) {
      this.#answerError(id, request, error)
    }
  }

  #answer(id: number, request: ActiveRequest, body: unknown): void {
    if (this.#active.get(id) !== request) return
    this.#active.delete(id)
    if (request.isForgotten) return
    const most = this.#parts.channel.mostPayloadBytes - HEAD_BYTES
    if (!(body instanceof Uint8Array)) this.#fail(id, new DisruptorError('DX_REQUEST_FAILED', 'the answer is no byte array'))
    else if (body.length > most)
      this.#fail(
        id,
        new DisruptorError('DX_MESSAGE_SIZE', `the answer has ${body.length} bytes; at most ${most} may be sent; use a stream`),
      )
    else if (this.#waitingBytes > 0 && this.#waitingBytes + body.length > MOST_WAITING_BYTES)
      this.#fail(id, new DisruptorError('DX_PEER_BUSY', 'answers of this size come faster than they can be sent'))
    else this.#send(ANSWER, new ByteWriter().u32(id).finish(), body)
  }

  #answerError(id: number, request: ActiveRequest, error: unknown): void {
    if (this.#active.get(id) !== request) return
    this.#active.delete(id)
    if (!request.isForgotten) this.#fail(id, error)
  }

  #fail(id: number, error: unknown): void {
    const [code, text] = isDisruptorError(error) ? [error.code, error.message] : ['DX_REQUEST_FAILED', 'its handler failed']
    this.#send(FAILURE, new ByteWriter().u32(id).text(code).restText(text, TEXT_BYTES).finish(), nothing)
  }

  #send(kind: number, head: Uint8Array, body: Uint8Array): void {
    if (this.#waiting.length === 0 && this.#parts.channel.appendParts(kind, 0, head, body)) return
    this.#waiting.add({ kind, head, body })
    this.#waitingBytes += head.length + body.length
    // Failures of requests beyond the limit, whose sender does not even read them.
    const most = 2 * this.#parts.ours.maxRequests
    if (this.#waiting.length > most) this.#parts.fail(new PeerProtocolError(`more than ${most} answers wait for it to read`))
  }
}
