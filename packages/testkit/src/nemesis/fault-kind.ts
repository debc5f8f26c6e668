import type { SeededRandom } from '../seeded-random.ts'
import type { FaultKind, Recovery } from './nemesis.ts'

/** How likely each kind of a family is, compared with the others; 0 turns it off. What is not named has its default. */
export type Weights<Name extends string> = Readonly<Partial<Record<Name, number>>>

/** Begins a fault: as {@link FaultKind.begin}. */
export type Begin = (random: SeededRandom) => Recovery | undefined

/** A kind of fault. */
export function kind(name: string, weight: number, durationMs: FaultKind['durationMs'], begin: Begin): FaultKind {
  return { name, weight, durationMs, begin }
}

/** The end of a fault that needs none. */
export const nothingToEnd: Recovery = () => undefined
