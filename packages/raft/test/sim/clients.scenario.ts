import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { lastsMs, scenarioOf } from './attack.ts'
import { Clients } from './clients.ts'
import { LeaderFaults } from './leader-faults.ts'

const TICK_MS = 20
const DRIFT_PPM = 200_000

/** Clients that write and read through any node, with and without leases, and whose history must be that of one map. */
export default scenarioOf({
  name: 'clients',
  group: random => {
    const voters = random.pick([3, 3, 5])
    return {
      nodes: voters + random.below(2),
      voters,
      tickMs: TICK_MS,
      compactEvery: random.pick([20, 1_000]),
      changes: random.chance(0.3),
      config: {
        electionTick: random.pick([4, 10]),
        heartbeatTick: random.between(1, 2),
        asyncStorageWrites: random.chance(0.5),
        preVote: random.chance(0.7),
        maxSizePerMsg: random.pick([0, 100, 1_000]),
        ...(random.chance(0.7) ? { lease: { tickMs: TICK_MS, maxClockDriftPpm: DRIFT_PPM } } : {}),
      },
    }
  },
  driftPpm: random => random.pick([-DRIFT_PPM, 0, DRIFT_PPM]),
  clients: ({ sim, world }) => new Clients(sim, world, 6),
  faults: attacked => {
    const leader = new LeaderFaults(attacked, { least: 50, most: 800 })
    const { world, network } = attacked
    return [
      leader.cutOff(4),
      leader.transferTakenBack(2),
      leader.overthrow(1),
      ...nodeFaults(world.nodes, {
        weights: { crash: 2, crashAtRequest: 0, kill: 1, pause: 2, clockJump: 0, clockDrift: 0 },
        downMs: lastsMs,
        pauseMs: lastsMs,
      }),
      ...networkFaults(network, world.names, { lastsMs }),
    ]
  },
  diskWeight: 4,
  everyMs: { least: 50, most: 900 },
  forMs: 12_000,
})
