import type { SimulatedNetwork } from '../network/simulated-network.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Range } from '../simulation/range.ts'
import { kind, type Weights } from './fault-kind.ts'
import type { FaultKind } from './nemesis.ts'

/** What a network suffers. */
export interface NetworkFaultOptions {
  /** @default partition 3, oneWay 2, partial 2, isolate 2, clog 2, lossy 1 */
  readonly weights?: Weights<'partition' | 'oneWay' | 'partial' | 'isolate' | 'clog' | 'lossy'>
  /** How long each lasts, in milliseconds. @default { least: 50, most: 15_000 } */
  readonly lastsMs?: Range
  /** Conditions of the kind `lossy`. @default { loss: 0.2, duplication: 0.1, reordering: 0.2 } */
  readonly lossy?: { readonly loss?: number; readonly duplication?: number; readonly reordering?: number }
}

/**
 * Partitions of every sort. `partition` splits all nodes in two groups; `oneWay` lets one group hear the other, but not the reverse; `partial` cuts two nodes
 * off from each other only; `isolate` cuts one off from all; `clog` holds up everything from one node to another; `lossy` makes all wires bad.
 */
export function networkFaults(network: SimulatedNetwork, names: readonly string[], options: NetworkFaultOptions = {}): FaultKind[] {
  const { weights = {}, lossy = { loss: 0.2, duplication: 0.1, reordering: 0.2 } } = options
  if (names.length < 2) return []
  const { lastsMs = { least: 50, most: 15_000 } } = options
  /** Two groups, neither of them empty. */
  const split = (random: SeededRandom) => {
    const [first, ...rest] = shuffled(names, random)
    const some = random.below(rest.length)
    return [[first as string, ...rest.slice(0, some)], rest.slice(some)] as const
  }
  const pair = (random: SeededRandom) => shuffled(names, random).slice(0, 2) as [string, string]
  return [
    kind('partition', weights.partition ?? 3, lastsMs, random => network.partition(...split(random))),
    kind('oneWay', weights.oneWay ?? 2, lastsMs, random => network.cut(...split(random))),
    kind('partial', weights.partial ?? 2, lastsMs, random => {
      const [a, b] = pair(random)
      return network.partition([a], [b])
    }),
    kind('isolate', weights.isolate ?? 2, lastsMs, random => {
      const one = random.pick(names)
      return network.partition(
        [one],
        names.filter(name => name !== one),
      )
    }),
    kind('clog', weights.clog ?? 2, lastsMs, random => {
      const [a, b] = pair(random)
      return network.clog([a], [b])
    }),
    kind('lossy', weights.lossy ?? 1, lastsMs, () => network.worsen(lossy)),
  ]
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const item = result[i] as T
    result[i] = result[j] as T
    result[j] = item
  }
  return result
}
