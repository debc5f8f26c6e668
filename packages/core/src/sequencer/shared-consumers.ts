import type { Sequence } from '@disruptorx/contracts'
import type { SequencerMemory } from './sequencer-memory.ts'

/** The highest sequence that can be released while a thread waits; Infinity where that does not matter. */
export type HeldBy = (thread: number) => Sequence

/** What this thread knows of consumers that several threads move, by their places in the table: the table cannot say whose they are. */
const known = new WeakMap<SequencerMemory, Map<number, HeldBy>>()

/** Says who holds a shared consumer back. The last to say so for a place counts. */
export function knowHolders(ring: SequencerMemory, index: number, heldBy: HeldBy): void {
  const places = known.get(ring) ?? new Map<number, HeldBy>()
  known.set(ring, places.set(index, heldBy))
}

/** How far the shared consumer at a place can get while a thread waits. */
export function sharedHeldBy(ring: SequencerMemory, index: number, thread: number): Sequence {
  return known.get(ring)?.get(index)?.(thread) ?? Infinity
}
