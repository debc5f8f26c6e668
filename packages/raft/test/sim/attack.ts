import {
  diskFaults,
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
import { heal } from './healing.ts'

/** Faults are short, so that much happens in a run. */
export const lastsMs = { least: 20, most: 1_500 }

/** What a scenario that is after one thing consists of. */
export interface Attack {
  readonly name: string
  /** The group, drawn anew for each seed. */
  group(random: SeededRandom): GroupOptions
  /** How much faster each clock runs than true time, in parts per million. */
  driftPpm(random: SeededRandom): number
  /** Faults beside those of what logs are kept on. */
  faults(attacked: Attacked): FaultKind[]
  /** The weight of slow memory, and about that of all faults of disks together where there are journals. */
  readonly diskWeight: number
  /** Every group keeps its logs in memory. @default half of them */
  readonly isInMemory?: boolean
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

/**
 * The scenario of an attack: first safety under its faults, then a healing, then progress. Half of the groups keep their logs in journals on simulated disks,
 * the others in memory that survives them.
 */
export function scenarioOf(attack: Attack): Scenario {
  return {
    name: attack.name,
    run: options =>
      simulate(options, async sim => {
        const random = sim.randomFor('shape')
        const network = new SimulatedNetwork(sim, { delayMs: { least: 0.2, mean: 3 }, loss: 0.02, duplication: 0.02, reordering: 0.05 })
        const group = attack.group(random)
        const journals = { segmentBytes: random.pick([16, 64, 256]) * 1024, maxBatchBytes: 8 * 1024 }
        const onDisks = attack.isInMemory !== true && sim.randomFor('disks').chance(0.5)
        const world = new GroupWorld(sim, network, onDisks ? { ...group, journals } : group)
        for (const node of world.nodes) {
          node.setDrift(attack.driftPpm(random))
          node.start()
        }
        const kinds = [...attack.faults({ sim, world, network }), ...faultsOfDisks(world, attack.diskWeight)]
        const nemesis = new Nemesis(sim, { kinds, everyMs: attack.everyMs })
        const clients = attack.clients?.({ sim, world, network })
        nemesis.start()
        await sim.run({ forMs: attack.forMs })
        nemesis.stop()
        await heal(sim, network, world)
        clients?.check()
      }),
  }
}

/** Memory is slow at times. Disks also fail, are full, and are lost. */
function faultsOfDisks(world: GroupWorld, weight: number): FaultKind[] {
  if (world.losses === undefined) return [world.slowDisks(lastsMs, weight)]
  const weights = { stall: weight / 2, full: weight / 10, failing: weight / 5, rot: 0, spoil: 0 }
  return [...diskFaults(world.nodes, { weights, lastsMs }), world.losses.fault(weight / 2, lastsMs)]
}
