import type { Sequence } from '@disruptorx/contracts'

/** Where a processor gets its sequences: a `Consumer` of a ring, which sees every event, or a worker of a {@link WorkPool}, which shares them with others. */
export interface SequenceSource {
  /** The sequence to handle next. {@link available} may move it on. */
  readonly next: Sequence
  /** The highest sequence that may be handled now; one less than {@link next} when there is none. */
  available(): Sequence
  /** Releases everything up to and including `sequence`. */
  advance(sequence: Sequence): void
}
