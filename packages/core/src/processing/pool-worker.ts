import { ClosedError, type Sequence } from '@disruptorx/contracts'
import { SequenceRangeError } from '../errors.ts'
import type { PoolMemory } from './pool-memory.ts'
import type { SequenceSource } from './sequence-source.ts'
import { AT, FREE, IDLE, STATE } from './work-pool-descriptor.ts'

/** How a {@link PoolWorker} claims. */
export interface PoolWorkerOptions {
  /**
   * The most events that it claims at once: 1 to 2^16. More cost less each, and wait behind each other while other workers may be idle. @default 1
   */
  readonly claim?: number
}

/** What a worker asks of its pool. */
export interface PoolTender {
  /** Looks what is ready, and releases what is done. For a line that is given, it also takes over a claim that has nobody: whether there was one. */
  tend(line?: number): boolean
}

/**
 * One of several that share the events of a ring: each event goes to one of them. For one thread, and one processor:
 * `new BatchProcessor({ ring, consumer: pool.worker(), handler })`.
 *
 * Claims what is there and nothing in advance, so it holds up neither the ring nor other workers while it is idle.
 */
export class PoolWorker implements SequenceSource {
  readonly #pool: PoolTender
  readonly #memory: PoolMemory
  readonly #line: number
  readonly #most: number
  #next: Sequence
  /** The last event of the claim; before `next` when there is none. */
  #last: Sequence
  #closed = false

  /** For {@link WorkPool}. */
  constructor(pool: PoolTender, memory: PoolMemory, most: number) {
    this.#pool = pool
    this.#memory = memory
    this.#line = memory.takeLine()
    this.#most = most
    this.#last = memory.claimed
    this.#next = this.#last + 1
  }

  /** The next event of its claim; without one, some event that is not its own. */
  get next(): Sequence {
    return this.#next
  }

  /** The last event of its claim. Claims if it has none: less than {@link next} when nothing is ready. @throws {ClosedError} */
  available(): Sequence {
    if (this.#last >= this.#next) return this.#last
    if (this.#closed || this.#memory.isClosed) throw new ClosedError(this.#closed ? 'the worker' : 'the work pool')
    if (this.#claim()) {
      this.#next = this.#memory.at(this.#line)
      this.#last = this.#memory.last(this.#line)
    }
    return this.#last
  }

  /** It is done with everything of its claim up to `sequence`. @throws {SequenceRangeError} that is not of its claim */
  advance(sequence: Sequence): void {
    if (!(sequence >= this.#next - 1 && sequence <= this.#last))
      throw new SequenceRangeError('releasing', sequence, this.#next - 1, this.#last)
    // Nothing new; and a worker that has left must not touch its line, which may be another's.
    if (sequence < this.#next) return
    this.#next = sequence + 1
    if (sequence === this.#last) Atomics.store(this.#memory.words, this.#line + STATE, IDLE)
    else Atomics.store(this.#memory.words, this.#line + AT, this.#next | 0)
    this.#pool.tend()
  }

  /** Leaves the pool; what is left of its claim goes to other workers, or waits for one. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#last >= this.#next) this.#memory.orphan(this.#line)
    else Atomics.store(this.#memory.words, this.#line + STATE, FREE)
    this.#last = this.#next - 1
    this.#pool.tend()
  }

  #claim(): boolean {
    const memory = this.#memory
    if (memory.hasOrphans && this.#pool.tend(this.#line)) return true
    if (memory.claim(this.#line, this.#most)) return true
    do {
      this.#pool.tend()
      if (memory.claim(this.#line, this.#most)) return true
      // A range that it was about to claim may have held back what others are done with.
    } while (memory.withdrew)
    return false
  }
}
