import type { Sequence } from '@disruptorx/contracts'
import { sharedMemory } from '../memory/shared-memory.ts'
import type { ProcessorStats } from '../processing/processor-stats.ts'

/** What a processor has done, as data. */
export type ProcessorFigures = { readonly [F in keyof ProcessorStats]: number }

/** How many cells the figures take, of 8 bytes each, in the order in which {@link SharedStats.write} names them. */
const CELLS = 8

/** Behind them: the sequence at which the processor failed, plus 1. */
const FAILED_AT = CELLS

/**
 * The figures of a processor in memory that other threads read. Plain stores by its one thread, which no processor of today tears; nothing but monitoring
 * reads them.
 */
export class SharedStats {
  readonly memory: SharedArrayBuffer
  readonly #cells: Float64Array

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#cells = new Float64Array(memory)
  }

  static create(): SharedStats {
    return new SharedStats(sharedMemory(8 * (CELLS + 1), 'disruptor'))
  }

  static attach(memory: SharedArrayBuffer): SharedStats {
    return new SharedStats(memory)
  }

  // Hot: once per batch.
  write(stats: ProcessorFigures): void {
    const cells = this.#cells
    cells[0] = stats.events
    cells[1] = stats.batches
    cells[2] = stats.rewinds
    cells[3] = stats.exceptions
    cells[4] = stats.skipped
    cells[5] = stats.poisoned
    cells[6] = stats.passedOver
    cells[7] = stats.timeouts
  }

  /** Notes where the processor failed. To be called before anybody is told that it did. */
  fail(sequence: Sequence): void {
    this.#cells[FAILED_AT] = sequence + 1
  }

  /** Where the processor failed, if it said so: a thread that is ended says nothing. */
  get failedAt(): Sequence | undefined {
    const failed = this.#cells[FAILED_AT] as number
    return failed === 0 ? undefined : failed - 1
  }

  read(): ProcessorFigures {
    const [events = 0, batches = 0, rewinds = 0, exceptions = 0, skipped = 0, poisoned = 0, passedOver = 0, timeouts = 0] = this.#cells
    return { events, batches, rewinds, exceptions, skipped, poisoned, passedOver, timeouts }
  }
}
