import { DisruptorError, type OutgoingStream } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { MessageSizeError, PeerLimitError, PeerProtocolError, QueueFullError, StreamStoppedError } from '../errors.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { STREAM_ABORT, STREAM_DATA, STREAM_END, STREAM_OPEN } from '../protocol/frame-kinds.ts'
import { HEAD_BYTES, STREAM_HEADER_BYTES, TEXT_BYTES } from '../protocol/limits.ts'
import type { LinkParts } from './link-parts.ts'
import { costOf } from './stream-cost.ts'

/** Bytes of all streams in one write to the pipe: what a small message may have to wait for, beyond what the network holds. */
const BULK_BYTES = 64 * 1024
/** The same when messages are gathered already. */
const BULK_BESIDE_MESSAGES_BYTES = 16 * 1024

/** Who awaits a write or the end. */
interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The sending end of one stream. */
class SendingStream implements OutgoingStream {
  readonly peer: string
  readonly id: number
  readonly head: Uint8Array
  /** What the receiver's window has left. */
  credit: number
  /** What is being written, and how much of it is on its way. */
  bytes: Uint8Array | undefined
  at = 0
  waiter: Waiter | undefined
  /** `ended`: the peer was told that nothing more comes. */
  phase: 'open' | 'ending' | 'ended' = 'open'
  /** Why it is over. */
  over: Error | undefined
  readonly #streams: OutgoingStreams

  constructor(streams: OutgoingStreams, peer: string, id: number, credit: number) {
    this.#streams = streams
    this.peer = peer
    this.id = id
    this.head = new ByteWriter().u32(id).finish()
    this.credit = credit
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#wait(() => {
      this.bytes = bytes
      this.at = 0
    })
  }

  end(): Promise<void> {
    return this.#wait(() => {
      this.phase = 'ending'
    })
  }

  abort(reason = ''): void {
    this.#streams.abort(this, new StreamStoppedError('this end', reason), reason)
  }

  #wait(begin: () => void): Promise<void> {
    if (this.over !== undefined) return Promise.reject(this.over)
    if (this.waiter !== undefined || this.phase !== 'open')
      return Promise.reject(
        new DisruptorError('DX_STREAM_BUSY', 'the stream is being written or has ended: await each call before the next'),
      )
    return new Promise((resolve, reject) => {
      this.waiter = { resolve, reject }
      begin()
      this.#streams.wake()
    })
  }
}

/** Streams of this end. They take what the queue leaves: a bounded piece of each, in turn, whenever bytes are written. */
export class OutgoingStreams {
  readonly #parts: LinkParts
  /** In the order in which they have their turn. */
  readonly #streams = new Map<number, SendingStream>()
  #lastId = 0

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  open(header: Uint8Array): OutgoingStream {
    const { peer, channel, theirs } = this.#parts
    if (header.length > STREAM_HEADER_BYTES)
      throw new MessageSizeError('the header of a stream', header.length, STREAM_HEADER_BYTES, 'ours')
    if (this.#streams.size >= theirs.maxStreams) throw new PeerLimitError('stream', peer, theirs.maxStreams)
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#streams.has(this.#lastId))
    const stream = new SendingStream(this, peer, this.#lastId, theirs.streamWindowBytes)
    if (!channel.appendParts(STREAM_OPEN, 0, stream.head, header))
      throw new QueueFullError(peer, channel.queuedBytes, channel.mostQueueBytes)
    this.#streams.set(stream.id, stream)
    return stream
  }

  /** Something is to be sent. */
  wake(): void {
    this.#parts.channel.flushLater()
  }

  /** A write to the pipe begins: adds pieces of streams to it. */
  fill(gatheredBytes: number): void {
    if (this.#streams.size === 0) return
    let budget = gatheredBytes > BULK_BESIDE_MESSAGES_BYTES ? BULK_BESIDE_MESSAGES_BYTES : BULK_BYTES
    for (const stream of [...this.#streams.values()]) {
      if (budget <= 0) return
      const sent = this.#sendPiece(stream, budget)
      budget -= sent
      // Whoever had its turn goes to the end.
      if (sent > 0 && this.#streams.delete(stream.id)) this.#streams.set(stream.id, stream)
    }
  }

  credited(frame: Frame): void {
    const reader = new ByteReader('a credit', frame.source, frame.offset, frame.length)
    const stream = this.#find(reader)
    if (stream === undefined) return
    stream.credit += reader.u32()
    if (stream.credit > this.#parts.theirs.streamWindowBytes)
      throw new PeerProtocolError('it gives a stream more credit than its window has')
    this.wake()
  }

  stopped(frame: Frame): void {
    const reader = new ByteReader('a stop', frame.source, frame.offset, frame.length)
    const stream = this.#find(reader)
    if (stream !== undefined) this.abort(stream, new StreamStoppedError(this.#parts.peer, reader.restText(TEXT_BYTES)), '')
  }

  done(frame: Frame): void {
    const stream = this.#find(new ByteReader('the end of a stream', frame.source, frame.offset, frame.length))
    if (stream === undefined) return
    if (stream.phase !== 'ended') throw new PeerProtocolError('it is done with a stream that has not ended')
    this.#streams.delete(stream.id)
    stream.over = new StreamStoppedError('this end', 'it has ended')
    stream.waiter?.resolve()
  }

  /** Ends a stream before its end, and tells the peer so, unless the peer knows that nothing more comes. */
  abort(stream: SendingStream, error: Error, text: string): void {
    if (stream.over !== undefined) return
    this.#over(stream, error)
    if (stream.phase !== 'ended')
      this.#parts.channel.control(STREAM_ABORT, new ByteWriter().u32(stream.id).restText(text, TEXT_BYTES).finish())
  }

  /** The link is gone. */
  end(reason: Error): void {
    for (const stream of [...this.#streams.values()]) this.#over(stream, reason)
  }

  /** The stream that a frame is about, unless it is over already: the two ends do not learn that at the same moment. */
  #find(reader: ByteReader): SendingStream | undefined {
    const stream = this.#streams.get(reader.u32())
    if (stream === undefined) this.#parts.nuisance()
    return stream
  }

  #over(stream: SendingStream, error: Error): void {
    this.#streams.delete(stream.id)
    stream.over = error
    stream.bytes = undefined
    stream.waiter?.reject(error)
    stream.waiter = undefined
  }

  /** Sends the next piece of a stream. Returns what that took of the budget. */
  #sendPiece(stream: SendingStream, budget: number): number {
    const { channel } = this.#parts
    const { bytes } = stream
    if (bytes === undefined) {
      this.#sendEnd(stream)
      return 0
    }
    const room = Math.min(channel.mostPayloadBytes, channel.mostQueueBytes - channel.gatheredBytes) - HEAD_BYTES
    const length = Math.min(bytes.length - stream.at, stream.credit, budget, room)
    if (length <= 0 && bytes.length > 0) return 0
    if (bytes.length > 0) {
      if (
        costOf(length) > stream.credit ||
        !channel.appendParts(STREAM_DATA, 0, stream.head, bytes.subarray(stream.at, stream.at + length))
      )
        return 0
      stream.credit -= costOf(length)
      stream.at += length
    }
    if (stream.at === bytes.length) this.#pieceSent(stream)
    return costOf(length)
  }

  #pieceSent(stream: SendingStream): void {
    const { waiter } = stream
    stream.bytes = undefined
    stream.waiter = undefined
    waiter?.resolve()
  }

  #sendEnd(stream: SendingStream): void {
    if (stream.phase !== 'ending') return
    stream.phase = 'ended'
    this.#parts.channel.control(STREAM_END, stream.head)
  }
}
