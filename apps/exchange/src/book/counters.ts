/** What a book has counted since it was made. `submits`, `reductions`, `cancels`, `executions` and `hidden` count accepted ones. */
export interface BookCounters {
  /** Operations of every kind, refused ones included. */
  readonly events: number
  /** Operations that were refused. */
  readonly rejected: number
  readonly submits: number
  readonly reductions: number
  readonly cancels: number
  readonly executions: number
  /** Fills of an order at the best price of its side. */
  readonly executionsAtBest: number
  /** Those of them that also found the order first in its queue. */
  readonly executionsAtFront: number
  /** Executions of orders that the book never shows. */
  readonly hidden: number
}

/** The counters' names, in the order of the numbers in {@link Count} and of a snapshot. */
export const COUNTERS = [
  'events',
  'rejected',
  'submits',
  'reductions',
  'cancels',
  'executions',
  'executionsAtBest',
  'executionsAtFront',
  'hidden',
] as const satisfies readonly (keyof BookCounters)[]

/** The number of each counter. */
export const Count = {
  events: 0,
  rejected: 1,
  submits: 2,
  reductions: 3,
  cancels: 4,
  executions: 5,
  executionsAtBest: 6,
  executionsAtFront: 7,
  hidden: 8,
} as const satisfies Record<keyof BookCounters, number>

/** The counters of one book, in a typed array: exact up to 2^53, and nothing is allocated when they outgrow 31 bits. */
export class CounterCells {
  readonly #cells = new Float64Array(COUNTERS.length)

  /** Adds one to a counter of {@link Count}. */
  add(counter: number): void {
    this.#cells[counter] = (this.#cells[counter] as number) + 1
  }

  /** All of them, by name. */
  read(): BookCounters {
    const at = (counter: number): number => this.#cells[counter] as number
    return {
      events: at(Count.events),
      rejected: at(Count.rejected),
      submits: at(Count.submits),
      reductions: at(Count.reductions),
      cancels: at(Count.cancels),
      executions: at(Count.executions),
      executionsAtBest: at(Count.executionsAtBest),
      executionsAtFront: at(Count.executionsAtFront),
      hidden: at(Count.hidden),
    }
  }

  /** Sets all of them. */
  write(counters: BookCounters): void {
    for (const name of COUNTERS) this.#cells[Count[name]] = counters[name]
  }
}
