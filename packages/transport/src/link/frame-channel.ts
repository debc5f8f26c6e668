import { isDisruptorError, type Pipe, type PipeUser } from '@disruptorx/contracts'
import { AdaptiveCompression, type BatchCompression, type Compressor, FrameDecoder, FrameWriter } from '@disruptorx/serializer'
import { LinkBrokenError, PeerProtocolError, QueueFullError } from '../errors.ts'
import type { AgreedLimits, ChannelHost, ChannelOptions, ChannelUser } from './channel-contract.ts'

/** Room beyond the queue for frames of the protocol: they are small and few, and none of them may be lost. */
const PROTOCOL_BYTES = 64 * 1024
const HANDSHAKE_BYTES = 128 * 1024
const LATE_CHECK_MASK = 31

/**
 * Frames over a pipe. What is appended during a turn goes out as one write; what is appended while that write is under way, as the next.
 *
 * Memory: what is being written, what is gathered, and an unfinished batch that came: each of them bounded.
 */
export class FrameChannel implements PipeUser {
  user: ChannelUser
  /** Bytes on the wire, and frames. */
  sentBytes = 0
  receivedBytes = 0
  sentFrames = 0
  mostQueuedBytes = 0
  /** How long nothing has come, and how long a write has taken so far; as {@link age} counts. */
  silentNs = 0
  stalledNs = 0
  /** Bytes that may come as long as the handshake lasts. */
  mostReceivedBytes = HANDSHAKE_BYTES
  /** Whether compressed batches are taken: a few bytes of a stranger shall not become many here. */
  takesCompressed = false
  /** Whether batches may be compressed: the other end takes them. */
  sendsCompressed = false
  /** Whether the host has it on its list of those to flush. The host takes it off. */
  isListed = false
  // Plain `private`: benchmark `transport` guards what is marked hot.
  private readonly pipe: Pipe
  private readonly host: ChannelHost
  private readonly options: ChannelOptions
  private readonly queueBytes: number
  private readonly flushBytes: number
  private readonly decoder: FrameDecoder
  private writer: FrameWriter
  private writing: Uint8Array | undefined
  private isGathering = false
  private isFilling = false
  private isReceiving = false
  private gatheredSinceNs = 0
  private state: 'open' | 'ending' | 'over' = 'open'
  private isPaused = false
  private maxFrameBytes: number

  constructor(pipe: Pipe, host: ChannelHost, options: ChannelOptions, user: ChannelUser) {
    this.pipe = pipe
    this.host = host
    this.options = options
    this.queueBytes = options.queueBytes
    this.flushBytes = options.flushBytes
    this.maxFrameBytes = options.maxFrameBytes
    this.user = user
    this.writer = this.makeWriter({ ...options, compressors: [] })
    const compressors = options.compressors.map(compressor => this.guarded(compressor))
    this.decoder = new FrameDecoder(frame => this.user.frame(frame), { ...options, compressors })
    pipe.open(this)
  }

  get isOver(): boolean {
    return this.state !== 'open'
  }

  /** Bytes that wait: gathered, or handed to the pipe and not gone. */
  get queuedBytes(): number {
    return this.gatheredBytes + this.writingBytes
  }

  /** Bytes that the next write takes. */
  get gatheredBytes(): number {
    return this.writer.pendingBytes
  }

  /** Bytes of the write that is under way. */
  get writingBytes(): number {
    return this.writing?.length ?? 0
  }

  /** The most that may be gathered. */
  get mostQueueBytes(): number {
    return this.queueBytes
  }

  /** The largest payload of a frame that both ends allow. */
  get mostPayloadBytes(): number {
    return this.maxFrameBytes
  }

  /** From here on frames are written as the other end takes them. Nothing may be gathered at that moment. */
  agree(limits: AgreedLimits): void {
    this.maxFrameBytes = limits.maxFrameBytes
    this.writer = this.makeWriter(limits)
  }

  // Hot: benchmark `transport`. One copy, no allocation.
  /**
   * Appends a frame of the application. False when the queue is full: nothing was taken.
   *
   * @param length at most {@link mostPayloadBytes}, and so many bytes are there from `offset` on
   */
  append(kind: number, type: number, bytes: Uint8Array, offset: number, length: number, trace: Uint8Array | undefined): boolean {
    const { writer } = this
    if (writer.pendingBytes + length > this.queueBytes) return false
    const at = writer.reserve(type, kind, length, trace)
    if (at < 0) return false
    if (offset === 0 && length === bytes.length) writer.target.set(bytes, at)
    else writer.target.set(bytes.subarray(offset, offset + length), at)
    this.appended()
    return true
  }

  /** Appends a frame that begins with fields of the protocol. False when the queue is full. */
  appendParts(kind: number, type: number, head: Uint8Array, body: Uint8Array): boolean {
    const length = head.length + body.length
    if (this.writer.pendingBytes + length > this.queueBytes) return false
    const at = this.writer.reserve(type, kind, length)
    if (at < 0) return false
    this.writer.target.set(head, at)
    this.writer.target.set(body, at + head.length)
    this.appended()
    return true
  }

  /** Appends a frame of the protocol, for which there is room of its own. Breaks the channel when even that is full. */
  control(kind: number, payload: Uint8Array): void {
    if (this.state !== 'open') return
    if (this.writer.append(0, kind, payload)) this.appended()
    else this.fail(new QueueFullError('the peer', this.writer.pendingBytes, this.queueBytes))
  }

  /** Writes what is gathered, unless a write is under way. */
  flush(): void {
    if (this.writing !== undefined || this.isFilling || this.state === 'over') return
    if (this.state === 'open') this.fill()
    this.noteQueued()
    const bytes = this.writer.take()
    this.isGathering = false
    if (bytes.length === 0) {
      if (this.state === 'ending') this.pipe.end()
      return
    }
    this.writing = bytes
    this.stalledNs = 0
    this.pipe.write(bytes)
  }

  /** Has {@link flush} called when this turn is over. */
  flushLater(): void {
    if (this.isListed) return
    this.isListed = true
    this.host.flushLater(this)
  }

  received(bytes: Uint8Array): void {
    this.silentNs = 0
    this.receivedBytes += bytes.length
    if (this.state !== 'open') return
    this.isReceiving = true
    try {
      this.decoder.push(bytes)
    } catch (error) {
      this.fail(error instanceof Error ? error : new LinkBrokenError(String(error)))
      return
    } finally {
      this.isReceiving = false
    }
    if (this.receivedBytes > this.mostReceivedBytes) this.fail(new PeerProtocolError('its handshake is too long'))
    // What this turn answers need not wait for its end.
    if (this.isGathering) this.flush()
  }

  written(): void {
    const bytes = this.writing
    if (bytes === undefined) return
    this.noteQueued()
    this.sentBytes += bytes.length
    this.writing = undefined
    this.writer.recycle(bytes)
    if (this.state === 'open') this.user.drained()
    this.flush()
  }

  closed(error: Error | undefined): void {
    this.finish(this.state === 'ending' ? undefined : lossBy(error))
  }

  /** Time has passed: `elapsedNs` since the last call, or less where this process itself stood still. */
  age(elapsedNs: number): void {
    if (!this.isPaused) this.silentNs += elapsedNs
    if (this.writing !== undefined) this.stalledNs += elapsedNs
  }

  pause(): void {
    if (this.isPaused) return
    this.isPaused = true
    this.silentNs = 0
    this.pipe.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.pipe.resume()
  }

  /** Ends the pipe after everything that was appended. Nothing more is received. */
  end(): void {
    if (this.state !== 'open') return
    this.state = 'ending'
    this.decoder.close()
    // Bytes that nobody reads would turn the end into a reset, which could overtake what was sent.
    this.resume()
    this.host.ending(this)
    this.flush()
  }

  /** Breaks the pipe at once. */
  fail(reason: Error): void {
    if (this.state !== 'over') this.finish(reason)
  }

  private finish(reason: Error | undefined): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.decoder.close()
    this.pipe.destroy()
    this.user.closed(reason)
    this.host.gone(this)
  }

  private appended(): void {
    this.sentFrames++
    if (!this.isGathering) this.gather()
    else if (this.writer.pendingBytes >= this.flushBytes || ((this.sentFrames & LATE_CHECK_MASK) === 0 && this.isLate())) this.flush()
  }

  /** The first frame since the last write: it goes out when the turn is over, at the latest. */
  private gather(): void {
    this.isGathering = true
    this.gatheredSinceNs = this.host.nowNs()
    // What answers bytes that are being received goes out as soon as they are dealt with.
    if (!this.isReceiving) this.flushLater()
    if (this.writer.pendingBytes >= this.flushBytes) this.flush()
  }

  private fill(): void {
    this.isFilling = true
    this.user.filling()
    this.isFilling = false
  }

  private noteQueued(): void {
    if (this.queuedBytes > this.mostQueuedBytes) this.mostQueuedBytes = this.queuedBytes
  }

  private isLate(): boolean {
    return this.host.nowNs() - this.gatheredSinceNs > this.options.flushAfterUs * 1e3
  }

  private makeWriter({ maxFrameBytes, maxBatchBytes, maxFrames, compressors: ids }: AgreedLimits): FrameWriter {
    const { queueBytes, compressors, clock } = this.options
    const known = compressors.filter(({ id }) => ids.includes(id))
    const compression = known.length > 0 ? this.delayed(new AdaptiveCompression({ compressors: known, clock })) : undefined
    const maxBufferBytes = Math.max(queueBytes, maxBatchBytes) + PROTOCOL_BYTES
    return new FrameWriter({ maxFrameBytes, maxBatchBytes, maxFrames, maxBufferBytes, compression })
  }

  private guarded(compressor: Compressor): Compressor {
    const { id, name } = compressor
    const decompress = (packed: Uint8Array, plainBytes: number) => {
      if (!this.takesCompressed) throw new PeerProtocolError('it compresses what it says before it has proved who it is')
      return compressor.decompress(packed, plainBytes)
    }
    return { id, name, compress: plain => compressor.compress(plain), decompress }
  }

  private delayed(compression: AdaptiveCompression): BatchCompression {
    return {
      get id() {
        return compression.id
      },
      compress: plain => (this.sendsCompressed ? compression.compress(plain) : undefined),
    }
  }
}

/** What to call it when a pipe ends and nobody here wanted that. */
function lossBy(error: Error | undefined): Error {
  if (error === undefined || isDisruptorError(error)) return error ?? new LinkBrokenError()
  return new LinkBrokenError(`the connection broke: ${error.message}`, undefined, {}, error)
}
