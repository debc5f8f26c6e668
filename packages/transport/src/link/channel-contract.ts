import type { Clock } from '@disruptorx/contracts'
import type { Compressor, Frame, FrameLimits } from '@disruptorx/serializer'
import type { FrameChannel } from './frame-channel.ts'

/** Who speaks over a channel: first the handshake, then the link. */
export interface ChannelUser {
  /** A frame came; what this throws breaks the channel. */
  frame(frame: Frame): void
  /** A write is about to begin: more may be appended. */
  filling(): void
  /** A write is over, so that there is more room than before. */
  drained(): void
  /** The channel is gone; without a reason if the pipe ended after {@link FrameChannel.end}. The last call. */
  closed(reason: Error | undefined): void
}

/** What a channel needs of the transport. */
export interface ChannelHost {
  nowNs(): number
  /** Has {@link FrameChannel.flush} called when this turn is over. */
  flushLater(channel: FrameChannel): void
  /** The channel ends: it goes when the pipe does, and that may take for ever. */
  ending(channel: FrameChannel): void
  /** The channel is gone. */
  gone(channel: FrameChannel): void
}

/** What both ends of a channel take. */
export interface AgreedLimits extends Required<FrameLimits> {
  /** Numbers of the ways to compress that both know. */
  readonly compressors: readonly number[]
}

/** Bounds of a channel. */
export interface ChannelOptions extends Required<FrameLimits> {
  /** Ways to compress that are known here. */
  readonly compressors: readonly Compressor[]
  readonly clock: Clock
  /** Bytes that may wait beside those that are being written. */
  readonly queueBytes: number
  /** As soon as so many bytes are gathered they are written, though the turn goes on. */
  readonly flushBytes: number
  /** As soon as bytes have been gathered for so long they are written, though the turn goes on. Looked at with every 32nd frame. */
  readonly flushAfterUs: number
}
