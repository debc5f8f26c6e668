import { SimulatedNetwork, type SimulatedNetworkOptions } from '../../src/network/simulated-network.ts'
import { SimulatedNode } from '../../src/node/simulated-node.ts'
import { Simulation } from '../../src/simulation/simulation.ts'

/** What a node received, and when. */
export interface Received {
  readonly at: number
  readonly to: string
  readonly from: string
  readonly payload: unknown
}

/** Three nodes that take note of what they receive. */
export function stations(options: SimulatedNetworkOptions = {}, seed = 1) {
  const sim = new Simulation({ seed })
  const network = new SimulatedNetwork(sim, { delayMs: 1, ...options })
  const received: Received[] = []
  const node = (name: string) => {
    const made = new SimulatedNode(sim, {
      name,
      network,
      start: process => {
        const note = (from: string, payload: unknown) => void received.push({ at: sim.nowMs, to: name, from, payload })
        process.datagrams.onDatagram(note)
        process.messages.onMessage(note)
      },
    })
    made.start()
    return made
  }
  const nodes = { a: node('a'), b: node('b'), c: node('c') }
  /** Sends numbered datagrams, one each millisecond. */
  const stream = async (from: keyof typeof nodes, to: string, count: number) => {
    for (let i = 1; i <= count; i++) {
      nodes[from].process?.datagrams.send(to, i)
      await sim.run({ forMs: 1 })
    }
    await sim.run()
  }
  const numbers = (to: string) => received.filter(one => one.to === to).map(({ payload }) => payload as number)
  const count = (kind: string) => sim.coverage.of(`network.${kind}`)
  return { sim, network, nodes, received, stream, numbers, count }
}

/** The numbers from 1 to `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)
