import {
  type FaultKind,
  Nemesis,
  type Range,
  type Scenario,
  type SeededRandom,
  SimulatedNetwork,
  type Simulation,
  simulate,
} from '@disruptorx/testkit'
import type { Clients } from './clients.ts'
import { type GroupOptions, GroupWorld } from './group-world.ts'

/** Faults are short, so that much happens in a run. */
export const lastsMs = { least: 20, most: 1_500 }

/** What a scenario that is after one thing consists of. */
export interface Attack {
  readonly name: string
  /** The group, drawn anew for each seed. */
  group(random: SeededRandom): GroupOptions
  /** How much faster each clock runs than true time, in parts per million. */
  driftPpm(random: SeededRandom): number
  /** Faults, those of all other scenarios included where they are wanted. */
  faults(attacked: Attacked): FaultKind[]
  /** Clients whose history is checked at the end. @default none */
  clients?(attacked: Attacked): Clients
  readonly everyMs: Range
  readonly forMs: number
}

/** What faults act on. */
export interface Attacked {
  readonly sim: Simulation
  readonly world: GroupWorld
  readonly network: SimulatedNetwork
}

/** The scenario of an attack: first safety under its faults, then a healing, then progress. */
export function scenarioOf(attack: Attack): Scenario {
  return {
    name: attack.name,
    run: options =>
      simulate(options, async sim => {
        const random = sim.randomFor('shape')
        const network = new SimulatedNetwork(sim, { delayMs: { least: 0.2, mean: 3 }, loss: 0.01, duplication: 0.02, reordering: 0.05 })
        const world = new GroupWorld(sim, network, attack.group(random))
        for (const node of world.nodes) {
          node.setDrift(attack.driftPpm(random))
          node.start()
        }
        const nemesis = new Nemesis(sim, { kinds: attack.faults({ sim, world, network }), everyMs: attack.everyMs })
        const clients = attack.clients?.({ sim, world, network })
        nemesis.start()
        await sim.run({ forMs: attack.forMs })
        nemesis.stop()
        await heal(sim, network, world)
        clients?.check()
      }),
  }
}

/** Everything is well again: the group has to go on. */
export async function heal(sim: Simulation, network: SimulatedNetwork, world: GroupWorld): Promise<void> {
  network.heal()
  for (const node of world.nodes) {
    node.heal()
    node.start()
  }
  world.isStormy = false
  const goal = world.safety.committed + 20
  await sim.eventually('more entries are applied by every member', () => world.hasAllApplied(goal), 30_000)
}
