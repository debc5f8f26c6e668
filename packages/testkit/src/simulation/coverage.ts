/** How often each kind of fault really fired, by name. */
export type CoverageCounts = Readonly<Record<string, number>>

/** Counts what a run really met: a fault that was asked for and changed nothing does not count. */
export class Coverage {
  readonly #counts = new Map<string, number>()

  /** Counts one more of a kind, or several. */
  count(kind: string, times = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + times)
  }

  /** Says that a kind may fire: its count shows, though it be 0. */
  expect(kind: string): void {
    this.count(kind, 0)
  }

  /** How often a kind fired. */
  of(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  /** All counts, sorted by name: 0 for what might have fired and did not. */
  counts(): CoverageCounts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** The sums of several runs' counts, sorted by name. */
export function addCoverage(...all: readonly CoverageCounts[]): CoverageCounts {
  const sum = new Coverage()
  for (const counts of all) for (const [kind, times] of Object.entries(counts)) sum.count(kind, times)
  return sum.counts()
}
