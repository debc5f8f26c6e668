import { type FaultKind, networkFaults, nodeFaults } from '@disruptorx/testkit'
import { type Attacked, lastsMs, scenarioOf } from './attack.ts'
import { LeaderFaults } from './leader-faults.ts'

/** A state machine that falls behind: a member knows of changes of the configuration that it has not made. */
function slowApplying({ world }: Attacked): FaultKind {
  return {
    name: 'slowApplying',
    weight: 3,
    durationMs: lastsMs,
    begin: random => {
      const living = [...world.replicas.values()].filter(({ isOver }) => !isOver)
      if (living.length === 0) return undefined
      const replica = random.pick(living)
      replica.applySlowerMs = random.between(50, 500)
      return () => {
        replica.applySlowerMs = 0
      }
    },
  }
}

/** Members that come and go all the time, in one step and in joint ones, with logs so short that newcomers need snapshots. */
export default scenarioOf({
  name: 'membership',
  group: random => {
    const voters = random.pick([1, 3, 3, 5])
    return {
      nodes: voters + random.between(1, 2),
      voters,
      tickMs: 20,
      compactEvery: random.pick([5, 20, 1_000]),
      changes: true,
      config: {
        electionTick: random.pick([3, 8]),
        heartbeatTick: random.between(1, 2),
        asyncStorageWrites: random.chance(0.7),
        preVote: random.chance(0.6),
        maxUncommittedEntriesSize: random.pick([100, 10_000]),
        maxSizePerMsg: random.pick([0, 100, 1_000]),
        maxInflightMsgs: random.pick([1, 4, 64]),
        maxCommittedSizePerReady: random.pick([1, 200, 100_000]),
      },
    }
  },
  driftPpm: random => random.between(-100_000, 100_000),
  faults: attacked => {
    const { world, network } = attacked
    return [
      new LeaderFaults(attacked, { least: 100, most: 800 }).cutOff(3),
      slowApplying(attacked),
      ...nodeFaults(world.nodes, {
        weights: { crash: 3, crashAtRequest: 0, kill: 1, pause: 2, clockJump: 0, clockDrift: 0 },
        downMs: lastsMs,
        pauseMs: lastsMs,
      }),
      ...networkFaults(network, world.names, { lastsMs }),
    ]
  },
  diskWeight: 4,
  everyMs: { least: 30, most: 700 },
  forMs: 12_000,
})
