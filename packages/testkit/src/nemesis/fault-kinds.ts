import { wholeNumber } from '@disruptorx/contracts/internal'
import type { DiskFaultRates } from '../disk/disk-faults.ts'
import type { SimulatedNetwork } from '../network/simulated-network.ts'
import type { SimulatedNode } from '../node/simulated-node.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { drawFrom, type Range } from '../simulation/range.ts'
import type { FaultKind, Recovery } from './nemesis.ts'

/** How likely each kind of a family is, compared with the others; 0 turns it off. What is not named has its default. */
export type Weights<Name extends string> = Readonly<Partial<Record<Name, number>>>

type Begin = (random: SeededRandom) => Recovery | undefined

function kind(name: string, weight: number, durationMs: FaultKind['durationMs'], begin: Begin): FaultKind {
  return { name, weight, durationMs, begin }
}

const MINUTE_MS = 60_000

/** What nodes suffer. */
export interface NodeFaultOptions {
  /** Nodes that may be down or paused at the same time. From 0. @default all of them */
  readonly mostDown?: number
  /** @default crash 3, crashAtRequest 3, kill 2, pause 3, clockJump 1, clockDrift 1, wipe 0 */
  readonly weights?: Weights<'crash' | 'crashAtRequest' | 'kill' | 'pause' | 'clockJump' | 'clockDrift' | 'wipe'>
  /** How long a node is down, in milliseconds. @default { least: 10, most: 10_000 } */
  readonly downMs?: Range
  /** How long a node pauses, in milliseconds. @default { least: 10, most: 5_000 } */
  readonly pauseMs?: Range
  /** Longest jump of a wall clock, in milliseconds, in either direction. @default 1 minute */
  readonly mostJumpMs?: number
  /** Strongest drift, in parts per million, in either direction. @default 500 */
  readonly mostDriftPpm?: number
}

/**
 * Machines that crash, processes that are killed or pause, clocks that jump and drift, disks that are wiped. `crashAtRequest` has the machine stand still at one
 * of the next requests to its disk, which takes effect or not.
 */
export function nodeFaults(nodes: readonly SimulatedNode[], options: NodeFaultOptions = {}): FaultKind[] {
  const { weights = {} } = options
  const mostDown = wholeNumber('mostDown', options.mostDown ?? nodes.length, 0, nodes.length)
  const mostDriftPpm = wholeNumber('mostDriftPpm', options.mostDriftPpm ?? 500, 1, 500_000)
  const mostJumpMs = wholeNumber('mostJumpMs', options.mostJumpMs ?? MINUTE_MS, 1, Number.MAX_SAFE_INTEGER)
  /** Nodes that a fault has taken down, or is about to. */
  const doomed = new Set<SimulatedNode>()
  /** A fault of a node that runs, while enough others do. What it returns as false did not happen. */
  const befall = (act: (node: SimulatedNode, random: SeededRandom) => unknown, recover: (node: SimulatedNode) => void): Begin => {
    return random => {
      const well = nodes.filter(node => node.state === 'running' && !doomed.has(node))
      if (well.length <= nodes.length - mostDown) return undefined
      const node = random.pick(well)
      if (act(node, random) === false) return undefined
      doomed.add(node)
      return () => {
        doomed.delete(node)
        recover(node)
      }
    }
  }
  const down = (act: (node: SimulatedNode, random: SeededRandom) => unknown) =>
    befall(act, node => {
      node.disk.stopAfter(Number.POSITIVE_INFINITY)
      node.start()
    })
  const { downMs = { least: 10, most: 10_000 }, pauseMs = { least: 10, most: 5_000 } } = options
  return [
    kind(
      'crash',
      weights.crash ?? 3,
      downMs,
      down(node => node.crash()),
    ),
    kind(
      'kill',
      weights.kill ?? 2,
      downMs,
      down(node => node.kill()),
    ),
    kind(
      'wipe',
      weights.wipe ?? 0,
      downMs,
      down(node => node.wipe()),
    ),
    kind(
      'crashAtRequest',
      weights.crashAtRequest ?? 3,
      downMs,
      down((node, random) => node.disk.stopAfter(random.below(50))),
    ),
    kind(
      'pause',
      weights.pause ?? 3,
      pauseMs,
      befall(
        node => node.pause(),
        node => node.resume(),
      ),
    ),
    kind('clockJump', weights.clockJump ?? 1, 0, random => {
      random.pick(nodes).jumpClock(Math.round((random.float() * 2 - 1) * mostJumpMs))
      return () => undefined
    }),
    kind('clockDrift', weights.clockDrift ?? 1, { least: 1_000, most: MINUTE_MS }, random => {
      const node = random.pick(nodes)
      node.setDrift(random.between(-mostDriftPpm, mostDriftPpm))
      return () => node.setDrift(0)
    }),
  ]
}

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

/** What disks suffer. */
export interface DiskFaultOptions {
  /** @default stall 2, full 1, failing 2, rot 1, spoil 1 */
  readonly weights?: Weights<'stall' | 'full' | 'failing' | 'rot' | 'spoil'>
  /** How long each lasts that ends, in milliseconds. @default { least: 100, most: 10_000 } */
  readonly lastsMs?: Range
  /** Rates while the kind `failing` lasts. @default { readErrors: 0.05, writeErrors: 0.05, syncErrors: 0.05, slowSyncs: 0.2, shortWrites: 0.2 } */
  readonly failing?: Partial<DiskFaultRates>
}

/**
 * Disks that answer nothing for a while, are full, fail for a while, or are damaged for good where their atlas allows it (`rot` turns a bit over, `spoil` makes
 * a sector unreadable).
 */
export function diskFaults(nodes: readonly SimulatedNode[], options: DiskFaultOptions = {}): FaultKind[] {
  const { weights = {} } = options
  const failing = options.failing ?? { readErrors: 0.05, writeErrors: 0.05, syncErrors: 0.05, slowSyncs: 0.2, shortWrites: 0.2 }
  const { lastsMs = { least: 100, most: 10_000 } } = options
  const none = () => undefined
  return [
    kind('stall', weights.stall ?? 2, 0, random => {
      random.pick(nodes).disk.stall(drawFrom(lastsMs, random))
      return none
    }),
    kind('full', weights.full ?? 1, lastsMs, random => {
      const { disk } = random.pick(nodes)
      disk.setCapacity(disk.bytes + random.below(4_096))
      return () => disk.resetCapacity()
    }),
    kind('failing', weights.failing ?? 2, lastsMs, random => random.pick(nodes).disk.faults.worsen(failing)),
    kind('rot', weights.rot ?? 1, 0, random => random.pick(nodes).disk.rot() && none),
    kind('spoil', weights.spoil ?? 1, 0, random => random.pick(nodes).disk.spoil() && none),
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
