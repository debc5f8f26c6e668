import type { PeerLimits } from '../protocol/limits.ts'
import type { Timekeeper } from '../time/timekeeper.ts'
import type { FrameChannel } from './frame-channel.ts'
import type { Handlers } from './handlers.ts'
import type { LinkFigures } from './link-figures.ts'

/** What the parts of a link share. */
export interface LinkParts {
  /** Name of the peer. */
  readonly peer: string
  readonly channel: FrameChannel
  readonly time: Timekeeper
  readonly handlers: Handlers
  readonly figures: LinkFigures
  /** What we take, and what the peer takes. */
  readonly ours: PeerLimits
  readonly theirs: PeerLimits
  /** A frame came that has no effect: a few of them are in the nature of things, many are a flood. */
  nuisance(): void
  /** The link cannot go on. */
  fail(reason: Error): void
}
