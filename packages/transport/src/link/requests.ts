import { TimeoutError } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { PeerLimitError, QueueFullError, RemoteError, RequestFailedError } from '../errors.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { CANCEL, REQUEST } from '../protocol/frame-kinds.ts'
import { TEXT_BYTES } from '../protocol/limits.ts'
import type { LinkParts } from './link-parts.ts'
import { onAbort } from './signal.ts'

/** A request that waits for its answer. */
interface Pending {
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (error: Error) => void
  readonly sentNs: number
  /** Ends its timer and its signal. */
  release(): void
}

const CODE = /^DX_[A-Z0-9_]{1,60}$/

/** Requests of this end, and the answers that come. */
export class Requests {
  readonly #parts: LinkParts
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  /** Asks the peer. The size of the body was checked. */
  send(body: Uint8Array, type: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { peer, channel, theirs, time } = this.#parts
    if (this.#pending.size >= theirs.maxRequests) throw new PeerLimitError('request', peer, theirs.maxRequests)
    const id = this.#nextId()
    const head = new ByteWriter().u32(id).u32(Number.isFinite(timeoutMs) ? timeoutMs : 0)
    if (!channel.appendParts(REQUEST, type, head.finish(), body))
      throw new QueueFullError(peer, channel.queuedBytes, channel.mostQueueBytes)
    return new Promise((resolve, reject) => {
      const giveUp = (error: Error) => {
        if (this.#settle(id) === undefined) return
        channel.control(CANCEL, new ByteWriter().u32(id).finish())
        reject(error)
      }
      const timer = Number.isFinite(timeoutMs)
        ? time.after(timeoutMs, () => giveUp(new TimeoutError(`the request to ${peer}`, timeoutMs)))
        : undefined
      let release = () => time.cancel(timer)
      this.#pending.set(id, { resolve, reject, sentNs: time.nowNs(), release: () => release() })
      const ignore = onAbort(signal, `the request to ${peer}`, giveUp)
      release = () => {
        time.cancel(timer)
        ignore()
      }
    })
  }

  answered(frame: Frame): void {
    const reader = new ByteReader('an answer', frame.source, frame.offset, frame.length)
    const pending = this.#find(reader)
    if (pending === undefined) return
    this.#parts.figures.requests.record(this.#parts.time.nowNs() - pending.sentNs)
    pending.resolve(reader.rest())
  }

  failed(frame: Frame): void {
    const reader = new ByteReader('a failure', frame.source, frame.offset, frame.length)
    const pending = this.#find(reader)
    if (pending === undefined) return
    const [code, text] = [reader.text(), reader.restText(TEXT_BYTES)]
    const { peer } = this.#parts
    pending.reject(CODE.test(code) && code !== 'DX_REQUEST_FAILED' ? new RemoteError(peer, code, text) : new RequestFailedError(peer, text))
  }

  /** The link is gone: nothing is answered any more. */
  end(reason: Error): void {
    for (const [id, { reject }] of [...this.#pending]) {
      this.#settle(id)
      reject(reason)
    }
  }

  /** The request that is answered, unless nobody waits any more. */
  #find(reader: ByteReader): Pending | undefined {
    const pending = this.#settle(reader.u32())
    if (pending === undefined) this.#parts.nuisance()
    return pending
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    pending.release()
    return pending
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#pending.has(this.#lastId))
    return this.#lastId
  }
}
