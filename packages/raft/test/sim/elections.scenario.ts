import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { lastsMs, scenarioOf } from './attack.ts'
import { LeaderFaults } from './leader-faults.ts'

/** Leaders that come, go, and come back: what was said in one term arrives in another, and disks are so slow that elections end before votes are written. */
export default scenarioOf({
  name: 'elections',
  group: random => {
    const voters = random.pick([3, 5])
    return {
      nodes: voters,
      voters,
      tickMs: 20,
      compactEvery: random.pick([20, 1_000]),
      changes: false,
      config: {
        electionTick: random.pick([3, 6]),
        heartbeatTick: 1,
        asyncStorageWrites: random.chance(0.5),
        preVote: random.chance(0.5),
        checkQuorum: random.chance(0.7),
        maxSizePerMsg: random.pick([0, 100, 1_000]),
        maxInflightMsgs: random.pick([1, 4, 64]),
      },
    }
  },
  driftPpm: random => random.between(-100_000, 100_000),
  faults: attacked => {
    const leader = new LeaderFaults(attacked, { least: 150, most: 700 })
    const { world, network } = attacked
    return [
      leader.cutOff(4),
      leader.acknowledgedInAnEarlierTerm(6),
      leader.overthrow(2),
      leader.splitVote(3),
      ...nodeFaults(world.nodes, {
        weights: { crash: 3, crashAtRequest: 0, kill: 2, pause: 1, clockJump: 0, clockDrift: 0 },
        downMs: { least: 1, most: 300 },
        pauseMs: lastsMs,
      }),
      ...networkFaults(network, world.names, { lastsMs }),
    ]
  },
  diskWeight: 4,
  everyMs: { least: 50, most: 700 },
  forMs: 12_000,
})
