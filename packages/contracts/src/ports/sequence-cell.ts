import type { Sequence } from '../brands.ts'

/**
 * A sequence that one participant moves and others read, across threads.
 *
 * The shared cell holds the low 32 bits; each reader rebuilds the full number from the last value that it saw.
 */
export interface SequenceCell {
  /** The newest value: `-1` before the first. */
  get(): Sequence
  /** Moves the sequence and publishes everything written before it. Only its owner may call this, and never with a smaller value. */
  set(sequence: Sequence): void
}
