import type { Closeable } from './closeable.ts'

/** One ordered connection to a peer. Order is kept or the link is declared broken: never a silent gap. */
export interface Link extends Closeable {
  /** The peer's name, as its handshake proved it. */
  readonly peer: string
  /** Hands over a frame, copying it. False when the link's queue is full: nothing was taken. */
  send(frame: Uint8Array): boolean
  /** Called with each frame in order; the bytes are valid only during the call. */
  onFrame(listener: (frame: Uint8Array) => void): void
  /** Called once when the link is gone, with the reason if it did not end by agreement. */
  onClosed(listener: (reason: Error | undefined) => void): void
}
