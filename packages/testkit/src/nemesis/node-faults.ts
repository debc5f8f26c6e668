import { wholeNumber } from '@disruptorx/contracts/internal'
import type { SimulatedNode } from '../node/simulated-node.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Range } from '../simulation/range.ts'
import { type Begin, kind, nothingToEnd, type Weights } from './fault-kind.ts'
import type { FaultKind, Recovery } from './nemesis.ts'

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
  const { weights = {}, downMs = { least: 10, most: 10_000 }, pauseMs = { least: 10, most: 5_000 } } = options
  const victims = new Victims(nodes, wholeNumber('mostDown', options.mostDown ?? nodes.length, 0, nodes.length))
  const restart = (node: SimulatedNode) => {
    node.disk.stopAfter(Number.POSITIVE_INFINITY)
    node.start()
  }
  const down = (act: Act) => victims.fault(act, restart)
  const stopSoon: Act = (node, random) => node.disk.stopAfter(random.below(50))
  const [crash, kill, wipe] = [down(node => node.crash()), down(node => node.kill()), down(node => node.wipe())]
  const pause = victims.fault(
    node => node.pause(),
    node => node.resume(),
  )
  return [
    kind('crash', weights.crash ?? 3, downMs, random => powerCut(nodes, random, restart) ?? crash(random)),
    kind('crashAtRequest', weights.crashAtRequest ?? 3, downMs, down(stopSoon)),
    kind('kill', weights.kill ?? 2, downMs, kill),
    kind('wipe', weights.wipe ?? 0, downMs, wipe),
    kind('pause', weights.pause ?? 3, pauseMs, pause),
    ...clockFaults(nodes, options),
  ]
}

/** What a fault does to a node: false when it did not happen. */
type Act = (node: SimulatedNode, random: SeededRandom) => unknown

/** Every second crash strikes a machine whose process is dead already, if there is one: what that had not synced may still be lost. */
function powerCut(nodes: readonly SimulatedNode[], random: SeededRandom, restart: (node: SimulatedNode) => void): Recovery | undefined {
  const dead = nodes.filter(({ state, isPowered }) => state === 'down' && isPowered)
  if (dead.length === 0 || random.chance(0.5)) return undefined
  const node = random.pick(dead)
  node.crash()
  return () => restart(node)
}

function clockFaults(nodes: readonly SimulatedNode[], { weights = {}, ...options }: NodeFaultOptions): FaultKind[] {
  const mostDriftPpm = wholeNumber('mostDriftPpm', options.mostDriftPpm ?? 500, 1, 500_000)
  const mostJumpMs = wholeNumber('mostJumpMs', options.mostJumpMs ?? MINUTE_MS, 1, Number.MAX_SAFE_INTEGER)
  return [
    kind('clockJump', weights.clockJump ?? 1, 0, random => {
      random.pick(nodes).jumpClock(Math.round((random.float() * 2 - 1) * mostJumpMs))
      return nothingToEnd
    }),
    kind('clockDrift', weights.clockDrift ?? 1, { least: 1_000, most: MINUTE_MS }, random => {
      const node = random.pick(nodes)
      node.setDrift(random.between(-mostDriftPpm, mostDriftPpm))
      return () => node.setDrift(0)
    }),
  ]
}

/** Picks nodes that a fault may take down, so that enough others run. */
class Victims {
  readonly #nodes: readonly SimulatedNode[]
  readonly #mostDown: number
  /** Nodes that a fault has taken down, or is about to. */
  readonly #doomed = new Set<SimulatedNode>()

  constructor(nodes: readonly SimulatedNode[], mostDown: number) {
    this.#nodes = nodes
    this.#mostDown = mostDown
  }

  /** A fault of a node that runs. What `act` returns as false did not happen. */
  fault(act: Act, recover: (node: SimulatedNode) => void): Begin {
    return random => {
      const well = this.#nodes.filter(node => node.state === 'running' && !this.#doomed.has(node))
      if (well.length <= this.#nodes.length - this.#mostDown) return undefined
      const node = random.pick(well)
      if (act(node, random) === false) return undefined
      this.#doomed.add(node)
      return () => {
        this.#doomed.delete(node)
        recover(node)
      }
    }
  }
}
