import { SimulatedNetwork } from '../../src/network/simulated-network.ts'
import { SimulatedNode, type SimulatedNodeOptions } from '../../src/node/simulated-node.ts'
import { Simulation } from '../../src/simulation/simulation.ts'

/** A node in a world of its own. It is down. */
export function worldOf(start: SimulatedNodeOptions['start'], options: Partial<SimulatedNodeOptions> = {}, seed = 1) {
  const sim = new Simulation({ seed })
  const network = new SimulatedNetwork(sim, { delayMs: 1 })
  const node = new SimulatedNode(sim, { name: 'n', network, start, ...options })
  return { sim, network, node, count: (what: string) => sim.coverage.of(`node.${what}`) }
}

/** A step that takes note of each call and asks for the next one after a delay. */
export function stepOf(note: () => unknown, delayMs: number | (() => number)): { step(): number } {
  return {
    step: () => {
      note()
      return typeof delayMs === 'number' ? delayMs : delayMs()
    },
  }
}
