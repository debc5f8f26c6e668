import { diskFaults, Nemesis, networkFaults, nodeFaults, type Scenario, SimulatedNetwork, simulate } from '@disruptorx/testkit'
import { heal, lastsMs } from './attack.ts'
import { GroupWorld } from './group-world.ts'

const TICK_MS = 20

/** Clocks that are this wrong would be thrown away; here they let a lease that does not allow for it be found. */
const MOST_DRIFT_PPM = 300_000

/** A group whose members keep their logs in memory that survives them: everything may fail but a disk. First safety under faults, then a healing, then progress. */
const scenario: Scenario = {
  name: 'group',
  run: options =>
    simulate(options, async sim => {
      const random = sim.randomFor('shape')
      const voters = random.pick([3, 3, 5, 5, 7])
      const onDisks = sim.randomFor('disks').chance(0.5)
      const nodes = voters + random.below(3)
      const network = new SimulatedNetwork(sim, { delayMs: { least: 0.2, mean: 3 }, loss: 0.02, duplication: 0.02, reordering: 0.05 })
      const world = new GroupWorld(sim, network, {
        nodes,
        voters,
        tickMs: TICK_MS,
        compactEvery: random.pick([10, 40, 1_000]),
        changes: random.chance(0.6),
        ...(onDisks && { journals: { segmentBytes: random.pick([16, 64, 256]) * 1024, maxBatchBytes: 8 * 1024 } }),
        config: {
          electionTick: random.pick([4, 10]),
          heartbeatTick: random.between(1, 2),
          asyncStorageWrites: random.chance(0.5),
          preVote: random.chance(0.7),
          checkQuorum: true,
          maxUncommittedEntriesSize: random.pick([100, 10_000]),
          maxSizePerMsg: random.pick([0, 100, 1_000]),
          maxInflightMsgs: random.pick([1, 4, 64]),
          maxCommittedSizePerReady: random.pick([1, 200, 100_000]),
          ...(random.chance(0.5) ? { lease: { tickMs: TICK_MS, maxClockDriftPpm: MOST_DRIFT_PPM } } : {}),
        },
      })
      for (const node of world.nodes) {
        node.setDrift(random.between(-MOST_DRIFT_PPM, MOST_DRIFT_PPM))
        node.start()
      }
      const names = world.nodes.map(({ name }) => name)
      const nemesis = new Nemesis(sim, {
        kinds: [
          ...nodeFaults(world.nodes, {
            weights: { crashAtRequest: onDisks ? 6 : 0, clockDrift: 3 },
            mostDriftPpm: MOST_DRIFT_PPM,
            downMs: lastsMs,
            pauseMs: lastsMs,
          }),
          ...networkFaults(network, names, { lastsMs }),
          world.boundaries.fault(8, lastsMs),
          world.endReceivers(6, lastsMs),
          ...(world.losses === undefined
            ? [world.slowDisks(lastsMs, 10)]
            : [...diskFaults(world.nodes, { weights: { stall: 5, rot: 0, spoil: 0 }, lastsMs }), world.losses.fault(8, lastsMs)]),
        ],
        everyMs: { least: 20, most: 600 },
      })
      nemesis.start()
      await sim.run({ forMs: 15_000 })
      nemesis.stop()
      await heal(sim, network, world)
    }),
}

export default scenario
