import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { lastsMs, scenarioOf } from './attack.ts'
import { LeaderFaults } from './leader-faults.ts'

/** Writes that take so long that what they write is out of date when they end. */
export default scenarioOf({
  name: 'writes',
  group: random => ({
    nodes: 5,
    voters: 5,
    tickMs: 20,
    compactEvery: 1_000,
    changes: false,
    config: {
      electionTick: random.pick([3, 6]),
      heartbeatTick: 1,
      asyncStorageWrites: random.chance(0.3),
      preVote: random.chance(0.3),
      checkQuorum: random.chance(0.3),
      maxInflightMsgs: random.pick([4, 64]),
    },
  }),
  driftPpm: random => random.between(-100_000, 100_000),
  faults: attacked => {
    const leader = new LeaderFaults(attacked, { least: 300, most: 1_000 })
    const { world, network } = attacked
    return [
      leader.heardByOne(8),
      leader.cutOff(2),
      ...nodeFaults(world.nodes, {
        weights: { crash: 1, crashAtRequest: 0, kill: 1, pause: 1, clockJump: 0, clockDrift: 0 },
        downMs: { least: 1, most: 300 },
        pauseMs: lastsMs,
      }),
      ...networkFaults(network, world.names, { weights: { partition: 1, oneWay: 1, partial: 1, isolate: 0, clog: 1, lossy: 1 }, lastsMs }),
    ]
  },
  diskWeight: 4,
  everyMs: { least: 50, most: 600 },
  forMs: 12_000,
})
