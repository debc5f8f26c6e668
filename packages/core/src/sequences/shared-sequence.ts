import type { Sequence, SequenceCell } from '@disruptorx/contracts'
import { LINE_BYTES, rebuild } from '../memory/cells.ts'

/** A half of what 32 bits can count: how much one step of the epoch stands for. */
const HALF = 2 ** 31

const LOW = 0
const EPOCH = 16

/**
 * A sequence in shared memory: one thread moves it, any thread reads it.
 *
 * ```
 *  one line:  word 0             word 16
 *             +------------+-----+-----------------------+-----
 *             | low 32 bits| ... | epoch = value div 2^31| ...
 *             +------------+-----+-----------------------+-----
 * ```
 * The epoch moves once in 2^31 steps, so it costs the owner nothing, and it makes the full number known to whoever attaches late or looks
 * seldom: the low bits are right, and the epoch says near which multiple of 2^31. It may lag by the one moment between the two stores, which the
 * distance of 2^30 on either side allows for; a reader that was stopped between its loads sees another epoch and reads again.
 */
export class SharedSequence implements SequenceCell {
  /** Bytes of shared memory that one sequence takes. Its offset must be a multiple of this. */
  static readonly BYTES = LINE_BYTES

  private readonly words: Int32Array
  /** Where the epoch moves next. Only the owner's is true. */
  private boundary: number

  /**
   * Places a sequence at `byteOffset`. With `initial`, sets it: only its maker does so; everyone else attaches without.
   *
   * @throws {RangeError} the offset is outside of the memory, or not a multiple of 4
   */
  constructor(memory: SharedArrayBuffer, byteOffset: number, initial?: Sequence) {
    this.words = new Int32Array(memory, byteOffset, LINE_BYTES / 4)
    this.boundary = -Infinity
    if (initial !== undefined) this.set(initial)
    // By the epoch as it stands: who moved the sequence before may have died between its two stores, and the next move makes up for that.
    else this.boundary = (Atomics.load(this.words, EPOCH) + 1) * HALF
  }

  get(): Sequence {
    const words = this.words
    for (;;) {
      const epoch = Atomics.load(words, EPOCH)
      const low = Atomics.load(words, LOW)
      if (Atomics.load(words, EPOCH) === epoch) return rebuild(epoch * HALF + HALF / 2, low)
    }
  }

  // Hot: one store.
  set(sequence: Sequence): void {
    Atomics.store(this.words, LOW, sequence | 0)
    if (sequence >= this.boundary) this.moveEpoch(sequence)
  }

  /** For a sequence that several threads move by compare-and-swap of the low bits: raises the epoch if `sequence` asks for it, never lowers it. */
  raiseEpoch(sequence: Sequence): void {
    if (sequence < this.boundary) return
    const epoch = Math.floor(sequence / HALF) | 0
    for (let seen = Atomics.load(this.words, EPOCH); ((epoch - seen) | 0) > 0; ) {
      const before = Atomics.compareExchange(this.words, EPOCH, seen, epoch)
      if (before === seen) break
      seen = before
    }
    this.boundary = boundaryAbove(sequence)
  }

  private moveEpoch(sequence: Sequence): void {
    Atomics.store(this.words, EPOCH, Math.floor(sequence / HALF))
    this.boundary = boundaryAbove(sequence)
  }
}

function boundaryAbove(sequence: number): number {
  return (Math.floor(sequence / HALF) + 1) * HALF
}
