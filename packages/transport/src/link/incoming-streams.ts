import type { IncomingStream } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { PeerProtocolError, StreamStoppedError } from '../errors.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { STREAM_CREDIT, STREAM_DONE, STREAM_STOP } from '../protocol/frame-kinds.ts'
import { STREAM_HEADER_BYTES, TEXT_BYTES } from '../protocol/limits.ts'
import { Fifo } from './fifo.ts'
import type { LinkParts } from './link-parts.ts'
import { costOf } from './stream-cost.ts'

type Result = IteratorResult<Uint8Array, undefined>

const DONE: Result = { done: true, value: undefined }

/** The receiving end of one stream. */
class ReceivingStream implements IncomingStream, AsyncIterator<Uint8Array, undefined> {
  readonly peer: string
  readonly header: Uint8Array
  readonly id: number
  /** What may still come, and what was consumed since the sender was last given credit. */
  credit: number
  consumed = 0
  /** `stopped`: nobody here wants it, and the sender is yet to notice. */
  phase: 'open' | 'ended' | 'stopped' | 'over' = 'open'
  readonly #streams: IncomingStreams
  /** What nobody has read yet. */
  readonly #pieces = new Fifo<Uint8Array>()
  #error: Error | undefined
  #reader: { resolve: (result: Result) => void; reject: (error: Error) => void } | undefined

  constructor(streams: IncomingStreams, peer: string, id: number, header: Uint8Array, credit: number) {
    this.#streams = streams
    this.peer = peer
    this.id = id
    this.header = header
    this.credit = credit
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this
  }

  next(): Promise<Result> {
    const piece = this.#pieces.take()
    if (piece !== undefined) {
      this.#streams.consumed(this, piece.length)
      return Promise.resolve({ done: false, value: piece })
    }
    if (this.phase === 'ended') this.#streams.finish(this)
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.phase !== 'open' || this.#reader !== undefined) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  return(): Promise<Result> {
    this.stop('the reader has left')
    return Promise.resolve(DONE)
  }

  stop(reason = ''): void {
    this.#pieces.clear()
    this.#streams.stop(this, reason)
    this.#reader?.resolve(DONE)
    this.#reader = undefined
  }

  /** A piece came. */
  take(piece: Uint8Array): void {
    const reader = this.#reader
    if (reader === undefined) {
      this.#pieces.add(piece)
      return
    }
    this.#reader = undefined
    this.#streams.consumed(this, piece.length)
    reader.resolve({ done: false, value: piece })
  }

  /** Nothing more comes: because it has ended, or because of an error. */
  close(error: Error | undefined): void {
    this.#error = error
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) return
    if (error !== undefined) reader.reject(error)
    else {
      this.#streams.finish(this)
      reader.resolve(DONE)
    }
  }
}

/** Streams of the peer. Each may have so many bytes here that nobody has read, and no more. */
export class IncomingStreams {
  readonly #parts: LinkParts
  readonly #streams = new Map<number, ReceivingStream>()

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  opened(frame: Frame): void {
    const { peer, ours, handlers } = this.#parts
    const reader = new ByteReader('the start of a stream', frame.source, frame.offset, frame.length)
    const id = reader.u32()
    if (this.#streams.has(id)) throw new PeerProtocolError(`stream ${id} begins twice`)
    if (this.#streams.size >= ours.maxStreams) throw new PeerProtocolError(`more than ${ours.maxStreams} streams at a time`)
    const header = reader.rest()
    if (header.length > STREAM_HEADER_BYTES) throw new PeerProtocolError('the header of a stream is too long')
    const stream = new ReceivingStream(this, peer, id, header, ours.streamWindowBytes)
    this.#streams.set(id, stream)
    if (handlers.stream === undefined) this.stop(stream, 'nobody takes streams there')
    else handlers.stream(stream)
  }

  data(frame: Frame): void {
    const reader = new ByteReader('a piece of a stream', frame.source, frame.offset, frame.length)
    const stream = this.#find(reader.u32())
    const cost = costOf(frame.length - 4)
    if (cost > stream.credit) throw new PeerProtocolError('it sends more of a stream than it has credit for')
    stream.credit -= cost
    if (stream.phase === 'open') stream.take(reader.rest())
    else if (stream.phase !== 'stopped') throw new PeerProtocolError('it sends more of a stream that has ended')
  }

  ended(frame: Frame): void {
    const stream = this.#find(new ByteReader('the end of a stream', frame.source, frame.offset, frame.length).u32())
    if (stream.phase === 'stopped') this.#forget(stream)
    else {
      stream.phase = 'ended'
      stream.close(undefined)
    }
  }

  aborted(frame: Frame): void {
    const reader = new ByteReader('the abortion of a stream', frame.source, frame.offset, frame.length)
    const stream = this.#streams.get(reader.u32())
    // Begun and given up: work for nothing.
    this.#parts.nuisance()
    if (stream?.phase === 'open') stream.close(new StreamStoppedError(this.#parts.peer, reader.restText(TEXT_BYTES)))
    if (stream !== undefined) this.#forget(stream)
  }

  /** Bytes were read: the sender may send as many more, of which it is told when they are worth a frame. */
  consumed(stream: ReceivingStream, length: number): void {
    stream.consumed += costOf(length)
    if (stream.phase !== 'open' || stream.consumed < this.#parts.ours.streamWindowBytes / 2) return
    this.#parts.channel.control(STREAM_CREDIT, new ByteWriter().u32(stream.id).u32(stream.consumed).finish())
    stream.credit += stream.consumed
    stream.consumed = 0
  }

  /** Everything was read. */
  finish(stream: ReceivingStream): void {
    this.#forget(stream)
    this.#parts.channel.control(STREAM_DONE, new ByteWriter().u32(stream.id).finish())
  }

  stop(stream: ReceivingStream, reason: string): void {
    if (stream.phase === 'stopped' || stream.phase === 'over') return
    // Who has ended does not answer.
    if (stream.phase === 'ended') this.#forget(stream)
    else stream.phase = 'stopped'
    this.#parts.channel.control(STREAM_STOP, new ByteWriter().u32(stream.id).restText(reason, TEXT_BYTES).finish())
  }

  /** The link is gone. What came before may still be read. */
  end(reason: Error): void {
    for (const stream of [...this.#streams.values()]) {
      const { phase } = stream
      this.#forget(stream)
      // Whoever waits for the end of a stream that has ended shall not learn that the link is gone.
      if (phase !== 'ended') stream.close(reason)
    }
  }

  #find(id: number): ReceivingStream {
    const stream = this.#streams.get(id)
    if (stream === undefined) throw new PeerProtocolError(`stream ${id} was not opened`)
    return stream
  }

  #forget(stream: ReceivingStream): void {
    this.#streams.delete(stream.id)
    stream.phase = 'over'
  }
}
