import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { scenarioOf } from './attack.ts'
import { LeaderFaults } from './leader-faults.ts'

const TICK_MS = 20

/** Clocks that are this wrong would be thrown away; here they let a lease that does not allow for it be found. */
const DRIFT_PPM = 300_000

/** A leader whose lease is all that holds others back: clocks at the ends of what they may be, a leader that is cut off, is asked to hand over, or is forgotten. */
export default scenarioOf({
  name: 'leases',
  group: random => ({
    nodes: 3,
    voters: 3,
    tickMs: TICK_MS,
    compactEvery: 1_000,
    changes: false,
    config: {
      electionTick: random.pick([4, 10]),
      heartbeatTick: random.between(1, 2),
      asyncStorageWrites: random.chance(0.5),
      preVote: random.chance(0.5),
      lease: { tickMs: TICK_MS, maxClockDriftPpm: DRIFT_PPM },
    },
  }),
  driftPpm: random => random.pick([-DRIFT_PPM, DRIFT_PPM]),
  faults: attacked => {
    const leader = new LeaderFaults(attacked, { least: 100, most: 800 })
    const { world, network } = attacked
    const shortMs = { least: 1, most: 200 }
    return [
      leader.cutOff(6),
      leader.transferTakenBack(4),
      leader.overthrow(4),
      leader.lateRefusal(4),
      ...nodeFaults(world.nodes, {
        weights: { crash: 1, crashAtRequest: 0, kill: 1, pause: 1, clockJump: 0, clockDrift: 0 },
        downMs: shortMs,
        pauseMs: shortMs,
      }),
      ...networkFaults(network, world.names, {
        weights: { partition: 0, oneWay: 1, partial: 1, isolate: 0, clog: 1, lossy: 0.5 },
        lastsMs: shortMs,
      }),
    ]
  },
  diskWeight: 1,
  everyMs: { least: 100, most: 900 },
  forMs: 10_000,
})
