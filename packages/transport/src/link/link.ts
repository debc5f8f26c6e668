import type { OutgoingStream, PeerInfo } from '@disruptorx/contracts'
import type { Frame } from '@disruptorx/serializer'
import { LinkBrokenError, ListenerFailedError, MessageSizeError, NotConnectedError, PeerFloodError, PeerProtocolError } from '../errors.ts'
import { readRefusal } from '../handshake/messages.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import * as kinds from '../protocol/frame-kinds.ts'
import { HEAD_BYTES, type PeerLimits, TEXT_BYTES } from '../protocol/limits.ts'
import type { Timekeeper } from '../time/timekeeper.ts'
import { Answers } from './answers.ts'
import type { ChannelUser } from './channel-contract.ts'
import type { FrameChannel } from './frame-channel.ts'
import type { Handlers } from './handlers.ts'
import { IncomingStreams } from './incoming-streams.ts'
import { KeepAlive, type KeepAliveOptions } from './keep-alive.ts'
import type { CurrentFigures, LinkFigures } from './link-figures.ts'
import type { LinkParts } from './link-parts.ts'
import { OutgoingStreams } from './outgoing-streams.ts'
import { Requests } from './requests.ts'

/** What a link needs of the transport. */
export interface LinkHost {
  readonly time: Timekeeper
  readonly handlers: Handlers
  readonly ours: PeerLimits
  readonly keepAlive: KeepAliveOptions
  /** The link is gone; without a reason if an end closed it by agreement. */
  ended(link: Link, reason: Error | undefined): void
  /** There is more room in its queue than before. */
  drained(link: Link): void
}

/** Frames without effect that a peer may send in a second: what comes too late, what it takes back. An overloaded peer sends many of them. */
const MOST_NUISANCES = 10_000

/** Who takes frames of which kind; `before` is how many came before it. */
const takers = new Map<number, (link: Link, frame: Frame, before: number) => void>([
  [kinds.REQUEST, (link, frame) => link.answers.asked(frame)],
  [kinds.ANSWER, (link, frame) => link.requests.answered(frame)],
  [kinds.FAILURE, (link, frame) => link.requests.failed(frame)],
  [kinds.CANCEL, (link, frame) => link.answers.cancelled(frame)],
  [kinds.STREAM_OPEN, (link, frame) => link.incoming.opened(frame)],
  [kinds.STREAM_DATA, (link, frame) => link.incoming.data(frame)],
  [kinds.STREAM_END, (link, frame) => link.incoming.ended(frame)],
  [kinds.STREAM_ABORT, (link, frame) => link.incoming.aborted(frame)],
  [kinds.STREAM_CREDIT, (link, frame) => link.outgoing.credited(frame)],
  [kinds.STREAM_STOP, (link, frame) => link.outgoing.stopped(frame)],
  [kinds.STREAM_DONE, (link, frame) => link.outgoing.done(frame)],
  [kinds.PING, (link, frame, before) => link.keepAlive.pinged(frame, before)],
  [kinds.PONG, (link, frame) => link.keepAlive.ponged(frame)],
  [kinds.GOODBYE, (link, frame) => link.left(frame)],
  [kinds.REFUSE, (link, frame) => link.refused(frame)],
])

/** A connection with a peer that has proved who it is. */
export class Link implements ChannelUser, LinkParts {
  readonly info: PeerInfo
  readonly peer: string
  readonly channel: FrameChannel
  readonly time: Timekeeper
  readonly handlers: Handlers
  readonly figures: LinkFigures
  readonly ours: PeerLimits
  readonly theirs: PeerLimits
  readonly requests: Requests
  readonly answers: Answers
  readonly outgoing: OutgoingStreams
  readonly incoming: IncomingStreams
  readonly keepAlive: KeepAlive
  private readonly host: LinkHost
  /** Frames of this link that came so far. */
  receivedFrames = 0
  private nuisances = 0
  private nuisancesSinceNs: number
  private isOver = false

  constructor(host: LinkHost, info: PeerInfo, channel: FrameChannel, theirs: PeerLimits, figures: LinkFigures) {
    this.host = host
    this.info = info
    this.peer = info.node
    this.channel = channel
    this.time = host.time
    this.handlers = host.handlers
    this.figures = figures
    this.ours = host.ours
    this.theirs = theirs
    this.requests = new Requests(this)
    this.answers = new Answers(this)
    this.outgoing = new OutgoingStreams(this)
    this.incoming = new IncomingStreams(this)
    this.keepAlive = new KeepAlive(this, host.keepAlive)
    this.nuisancesSinceNs = host.time.nowNs()
    channel.user = this
    channel.sentFrames = 0
    channel.silentNs = 0
    this.keepAlive.start()
  }

  /** What was counted on this link. */
  get current(): CurrentFigures {
    const { sentBytes, sentFrames, receivedBytes, queuedBytes, mostQueuedBytes } = this.channel
    return { sentBytes, sentFrames, receivedBytes, receivedFrames: this.receivedFrames, queuedBytes, mostQueuedBytes }
  }

  /** Whether at least half of the queue is free, and the largest message would be taken. */
  get hasRoom(): boolean {
    const { queuedBytes, gatheredBytes, mostQueueBytes, mostPayloadBytes } = this.channel
    return queuedBytes <= mostQueueBytes / 2 && gatheredBytes + mostPayloadBytes - HEAD_BYTES <= mostQueueBytes
  }

  // Hot: benchmark `transport`.
  /** As `Transport.send`. */
  send(message: Uint8Array, type: number, offset: number, length: number, trace: Uint8Array | undefined): boolean {
    if (length > this.channel.mostPayloadBytes - HEAD_BYTES) this.refuseSize('the message', length)
    if (this.channel.append(kinds.MESSAGE, type, message, offset, length, trace)) return true
    this.figures.refusedMessages++
    return false
  }

  request(body: Uint8Array, type: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (body.length > this.channel.mostPayloadBytes - HEAD_BYTES) this.refuseSize('the request', body.length)
    return this.requests.send(body, type, timeoutMs, signal)
  }

  openStream(header: Uint8Array): OutgoingStream {
    return this.outgoing.open(header)
  }

  // Hot: benchmark `transport`.
  frame(frame: Frame): void {
    if (this.isOver) return
    try {
      if (frame.flags === kinds.MESSAGE) {
        this.receivedFrames++
        this.handlers.message(this.peer, frame)
      } else this.take(frame)
    } catch (error) {
      this.fail(faultOf(frame.flags, error))
    }
  }

  filling(): void {
    this.outgoing.fill(this.channel.gatheredBytes)
  }

  drained(): void {
    this.answers.drained()
    this.host.drained(this)
  }

  closed(reason: Error | undefined): void {
    this.over(reason)
  }

  nuisance(): void {
    this.nuisances++
    if (this.nuisances <= MOST_NUISANCES) return
    const nowNs = this.time.nowNs()
    if (nowNs - this.nuisancesSinceNs < 1e9) this.fail(new PeerFloodError('frames without effect', MOST_NUISANCES))
    this.nuisancesSinceNs = nowNs
    this.nuisances = 0
  }

  /** Breaks the link, and tells the peer why. */
  fail(reason: Error): void {
    if (this.isOver) return
    this.over(reason)
    // What a listener threw is not the peer's affair.
    this.leave(reason instanceof ListenerFailedError ? 'its application failed' : reason.message)
  }

  /** Breaks the link without a word. */
  drop(reason: Error): void {
    this.channel.fail(reason)
  }

  /** Ends the link by agreement, after everything that was sent. */
  close(): void {
    if (this.isOver) return
    this.over(undefined)
    // Its count is the last word on what was sent: nothing before the goodbye is lost in silence.
    this.keepAlive.ping()
    this.leave('')
  }

  private leave(text: string): void {
    this.channel.control(kinds.GOODBYE, new ByteWriter().restText(text, TEXT_BYTES).finish())
    this.channel.end()
  }

  private over(reason: Error | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.keepAlive.stop()
    this.host.ended(this, reason)
    const error = reason ?? new NotConnectedError(this.peer)
    for (const part of [this.requests, this.answers, this.outgoing, this.incoming]) part.end(error)
  }

  private take(frame: Frame): void {
    const before = this.receivedFrames++
    const taker = takers.get(frame.flags)
    if (taker === undefined) throw new PeerProtocolError(`frames of kind ${frame.flags} are not known`)
    taker(this, frame, before)
  }

  /** The peer ends the link. */
  left(frame: Frame): void {
    const text = new ByteReader('a goodbye', frame.source, frame.offset, frame.length).restText(TEXT_BYTES)
    this.over(text === '' ? undefined : new LinkBrokenError(`the peer ended the link: ${text}`))
    this.channel.end()
  }

  /** The peer, which had offered this link, has changed its mind before it heard that the offer was taken. */
  refused(frame: Frame): void {
    this.over(readRefusal(frame.copy()))
    this.channel.end()
  }

  private refuseSize(what: string, bytes: number): never {
    const own = this.ours.maxFrameBytes
    const most = this.channel.mostPayloadBytes
    throw new MessageSizeError(what, bytes, most - HEAD_BYTES, most < own ? 'theirs' : 'ours')
  }
}

/** What broke the link, when a frame of this kind could not be dealt with. */
function faultOf(kind: number, error: unknown): Error {
  if (error instanceof LinkBrokenError) return error
  return new ListenerFailedError(kind === kinds.STREAM_OPEN ? 'listener of streams' : 'listener of messages', error)
}
