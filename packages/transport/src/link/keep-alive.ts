import type { Frame } from '@disruptorx/serializer'
import { LinkGapError, PeerFloodError, PeerSilentError, PeerStalledError } from '../errors.ts'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { PING, PONG } from '../protocol/frame-kinds.ts'
import type { Timer } from '../time/timer-queue.ts'
import type { LinkParts } from './link-parts.ts'

/** How a link is watched. */
export interface KeepAliveOptions {
  /** A ping goes out each time this has passed. */
  readonly heartbeatMs: number
  /** The link is broken when nothing was heard for so long. */
  readonly deadAfterMs: number
  /** The link is broken when one write takes so long. */
  readonly stallAfterMs: number
  /** What a peer may send in a second; Infinity for no limit. */
  readonly maxFramesPerSecond: number
  readonly maxBytesPerSecond: number
}

/** Pings whose answers are awaited. */
const MOST_PINGS = 64

/** What is watched. */
interface Watched extends LinkParts {
  readonly receivedFrames: number
  /** The link is broken without a word: nobody would hear it. */
  drop(reason: Error): void
}

/**
 * Watches a link: whether the peer is heard, takes what is sent to it, and keeps to its limits. Measures the round trip.
 *
 * Every ping says how many frames came before it, so that both ends know that none was lost. Time in which this process itself stood still is not held against
 * the peer: what it sent may wait in the system's buffers.
 */
export class KeepAlive {
  readonly #link: Watched
  readonly #options: KeepAliveOptions
  #timer: Timer | undefined
  #lastBeatNs = 0
  /** Stamps of pings whose answers are awaited, the oldest first. */
  readonly #stamps: number[] = []
  #frames = 0
  #bytes = 0

  constructor(link: Watched, options: KeepAliveOptions) {
    this.#link = link
    this.#options = options
  }

  start(): void {
    this.#lastBeatNs = this.#link.time.nowNs()
    this.#bytes = this.#link.channel.receivedBytes
    this.ping()
    this.#wait()
  }

  stop(): void {
    this.#link.time.cancel(this.#timer)
  }

  /** A ping came, and before it `frames` other frames on this link. */
  pinged(frame: Frame, frames: number): void {
    // An end that pings all the time does not want to know whether we live.
    this.#link.nuisance()
    const reader = new ByteReader('a ping', frame.source, frame.offset, frame.length)
    const stamp = reader.bytes(8)
    const sent = reader.count()
    if (sent !== frames) throw new LinkGapError(sent, frames)
    this.#link.channel.control(PONG, stamp)
  }

  /** A ping was answered. */
  ponged(frame: Frame): void {
    const stamp = new ByteReader('a pong', frame.source, frame.offset, frame.length).count()
    const at = this.#stamps.indexOf(stamp)
    if (at < 0) this.#link.nuisance()
    else this.#link.figures.roundTrip.record(this.#link.time.nowNs() - stamp * 1e3)
    this.#stamps.splice(0, at + 1)
  }

  #beat(): void {
    const { time, channel } = this.#link
    const { heartbeatMs, deadAfterMs, stallAfterMs } = this.#options
    const nowNs = time.nowNs()
    const elapsedNs = nowNs - this.#lastBeatNs
    this.#lastBeatNs = nowNs
    channel.age(Math.min(elapsedNs, heartbeatMs * 1.5e6))
    const flood = this.#flood(elapsedNs / 1e9)
    if (channel.silentNs >= deadAfterMs * 1e6) this.#link.drop(new PeerSilentError(deadAfterMs))
    else if (channel.stalledNs >= stallAfterMs * 1e6) this.#link.drop(new PeerStalledError(stallAfterMs, channel.writingBytes))
    else if (flood !== undefined) this.#link.fail(flood)
    else {
      this.ping()
      this.#wait()
    }
  }

  #wait(): void {
    this.#timer = this.#link.time.after(this.#options.heartbeatMs, () => this.#beat())
  }

  /** Asks for a sign of life, and says how many frames came before. */
  ping(): void {
    const { time, channel } = this.#link
    // In microseconds: nanoseconds of a machine that runs for months are beyond what a number holds exactly.
    const stamp = Math.floor(time.nowNs() / 1e3)
    this.#stamps.push(stamp)
    if (this.#stamps.length > MOST_PINGS) this.#stamps.shift()
    channel.control(PING, new ByteWriter().count(stamp).count(channel.sentFrames).finish())
  }

  /** What the peer sent too much of since the last beat. */
  #flood(seconds: number): Error | undefined {
    const { maxFramesPerSecond, maxBytesPerSecond } = this.#options
    const { receivedFrames, channel } = this.#link
    const frames = receivedFrames - this.#frames
    const bytes = channel.receivedBytes - this.#bytes
    this.#frames = receivedFrames
    this.#bytes = channel.receivedBytes
    if (frames > maxFramesPerSecond * seconds) return new PeerFloodError('frames', maxFramesPerSecond)
    return bytes > maxBytesPerSecond * seconds ? new PeerFloodError('bytes', maxBytesPerSecond) : undefined
  }
}
