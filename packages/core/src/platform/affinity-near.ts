import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { affinity } from './affinity-pin.ts'
import { type CoreDistance, distancesOf, type Topology, topology } from './affinity-topology.ts'

/** How {@link nearCores} chooses. */
export interface NearCoresOptions {
  /** The cores to choose from. @default those that the calling thread may use, where that is known; else all */
  readonly among?: readonly number[]
  /** What the machine looks like. @default what {@link topology} says */
  readonly topology?: Topology
}

/** Cores for threads that talk to each other. */
export interface NearCores {
  /** As many as were asked for; the first one is nearest to the others. */
  readonly cores: readonly number[]
  /** What lies between the two of them that are farthest from each other. `same` for a single core. */
  readonly farthest: CoreDistance
  /** Whether NUMA was considered; if not, why. */
  readonly numa: Topology['numa']
}

/** From best to worst for threads that spin: siblings share one core's units, so two threads there run at half speed each. */
const preference: readonly CoreDistance[] = ['shared-cache', 'same-node', 'siblings', 'other-node']
const farness: readonly CoreDistance[] = ['same', 'siblings', 'shared-cache', 'same-node', 'other-node']

/**
 * Chooses cores for threads that pass events to each other: with a cache in common if there are such, on one NUMA node, and no two on one physical core
 * as long as that can be had. A ring that is made by a thread on one of them lies in memory near them.
 *
 * @param count how many: from 1 to the number of cores to choose from
 * @throws {OptionError}
 */
export function nearCores(count: number, options: NearCoresOptions = {}): NearCores {
  const machine = options.topology ?? topology()
  const known = machine.cores.map(({ core }) => core)
  const among = [...new Set(options.among ?? usableCores(known))]
  const stranger = among.find(core => !known.includes(core))
  if (stranger !== undefined) throw new OptionError('among', stranger, 'cores of this machine that are switched on')
  wholeNumber('count', count, 1, among.length)
  const distance = distancesOf(machine)
  let best: Group | undefined
  for (const start of starts(among, machine)) {
    const group = grow(start, count, among, distance)
    if (best === undefined || group.cost < best.cost) best = group
  }
  const cores = best?.cores ?? []
  const distances = cores.flatMap((a, i) => cores.slice(i + 1).map(b => farness.indexOf(distance(a, b))))
  return { cores, farthest: farness[Math.max(0, ...distances)] as CoreDistance, numa: machine.numa }
}

interface Group {
  readonly cores: readonly number[]
  readonly cost: number
}

function usableCores(known: readonly number[]): readonly number[] {
  return process.platform === 'linux' ? affinity().filter(core => known.includes(core)) : known
}

/** One core of each largest cache: from the others the same groups grow. */
function starts(among: readonly number[], { caches }: Topology): number[] {
  const lastLevel = Math.max(0, ...caches.map(({ level }) => level))
  const groups = caches.filter(({ level }) => level === lastLevel)
  const cached = groups.flatMap(({ cores }) => among.filter(core => cores.includes(core)).slice(0, 1))
  return [...cached, ...among.filter(core => !groups.some(({ cores }) => cores.includes(core)))]
}

/** Adds the core that suits those chosen so far best, again and again. */
function grow(start: number, count: number, among: readonly number[], distance: (a: number, b: number) => CoreDistance): Group {
  const cores = [start]
  let cost = 0
  const left = among.filter(core => core !== start)
  while (cores.length < count) {
    const costs = left.map(core => cores.reduce((sum, chosen) => sum + 10 ** preference.indexOf(distance(core, chosen)), 0))
    const cheapest = Math.min(...costs)
    const [core = start] = left.splice(costs.indexOf(cheapest), 1)
    cores.push(core)
    cost += cheapest
  }
  return { cores, cost }
}
