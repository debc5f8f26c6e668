import type { SimulatedProcess } from '@disruptorx/testkit'
import type { Entry, LogState, MemoryLog, Snapshot } from '../../../src/index.ts'

/** A saved log that is not in memory: entries are read first, now and then, and a snapshot cannot be had each time it is asked for. */
export class FetchedLog implements LogState {
  readonly #log: MemoryLog
  readonly #process: SimulatedProcess
  readonly #onFetched: () => void
  #isFetching = false

  /** @param onFetched called when entries that were not in memory are there */
  constructor(log: MemoryLog, process: SimulatedProcess, onFetched: () => void) {
    this.#log = log
    this.#process = process
    this.#onFetched = onFetched
  }

  get firstIndex(): number {
    return this.#log.firstIndex
  }

  get lastIndex(): number {
    return this.#log.lastIndex
  }

  initialState(): ReturnType<LogState['initialState']> {
    return this.#log.initialState()
  }

  term(index: number): number | undefined {
    return this.#log.term(index)
  }

  entries(from: number, to: number, maxBytes: number): Entry[] | undefined {
    const { random } = this.#process
    if (random.chance(0.6)) return this.#log.entries(from, to, maxBytes)
    if (!this.#isFetching) this.#process.scheduler.schedule(random.between(1, 40), () => this.#fetched())
    this.#isFetching = true
    return undefined
  }

  snapshot(): Snapshot | undefined {
    return this.#process.random.chance(0.8) ? this.#log.snapshot() : undefined
  }

  #fetched(): void {
    this.#isFetching = false
    this.#onFetched()
  }
}
