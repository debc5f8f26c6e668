import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { lastsMs, scenarioOf } from './attack.ts'

const TICK_MS = 20

/** Clocks that are this wrong would be thrown away; here they let a lease that does not allow for it be found. */
const MOST_DRIFT_PPM = 300_000

/** Everything at once: any group, any user, any fault. */
export default scenarioOf({
  name: 'group',
  group: random => {
    const voters = random.pick([3, 3, 5, 5, 7])
    return {
      nodes: voters + random.below(3),
      voters,
      tickMs: TICK_MS,
      compactEvery: random.pick([10, 40, 1_000]),
      changes: random.chance(0.6),
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
    }
  },
  driftPpm: random => random.between(-MOST_DRIFT_PPM, MOST_DRIFT_PPM),
  faults: ({ world, network }) => [
    ...nodeFaults(world.nodes, {
      weights: { crashAtRequest: world.losses === undefined ? 0 : 6, clockDrift: 3 },
      mostDriftPpm: MOST_DRIFT_PPM,
      downMs: lastsMs,
      pauseMs: lastsMs,
    }),
    ...networkFaults(network, world.names, { lastsMs }),
    world.boundaries.fault(8, lastsMs),
    world.endReceivers(6, lastsMs),
  ],
  diskWeight: 10,
  everyMs: { least: 20, most: 600 },
  forMs: 15_000,
})
