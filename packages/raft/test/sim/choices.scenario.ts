import { networkFaults, nodeFaults } from '@disruptorx/testkit'
import { lastsMs, scenarioOf } from './attack.ts'

/**
 * What is left to whoever drives a member, and few choose: groups that sleep, logs that are read from elsewhere, joint configurations that are left by hand, news of
 * snapshots that arrived, narrow bounds on bytes and reads, proposals that are not passed on.
 */
export default scenarioOf({
  name: 'choices',
  group: random => {
    const voters = random.pick([1, 3, 3, 5])
    const maxSizePerMsg = random.pick([0, 60, 1_000])
    const changes = random.chance(0.6)
    const preVote = random.chance(0.6)
    // One that was removed and has not heard of it disturbs the others without end where neither keeps it from that (Raft thesis, section 4.2.3).
    const checkQuorum = random.chance(0.7) || (changes && !preVote)
    return {
      nodes: voters + random.below(3),
      voters,
      tickMs: 20,
      compactEvery: random.pick([5, 20, 1_000]),
      changes,
      useEveryMs: random.pick([
        { least: 5, most: 150 },
        { least: 50, most: 3_000 },
      ]),
      habits: {
        sleeps: random.chance(0.6),
        fetches: random.chance(0.6),
        leavesByHand: random.chance(0.6),
        reportsSnapshots: random.chance(0.6),
        forgetsCommits: random.chance(0.4),
        keepsState: random.chance(0.4),
      },
      config: {
        electionTick: random.pick([3, 8]),
        heartbeatTick: random.between(1, 2),
        asyncStorageWrites: random.chance(0.5),
        preVote,
        checkQuorum,
        disableProposalForwarding: random.chance(0.3),
        maxSizePerMsg,
        maxInflightMsgs: random.pick([1, 4, 64]),
        maxInflightBytes: random.pick([Math.max(1, maxSizePerMsg), 2_000]),
        maxPendingReads: random.pick([1, 3, 100]),
        maxUncommittedEntriesSize: random.pick([100, 10_000]),
        maxCommittedSizePerReady: random.pick([1, 200, 100_000]),
      },
    }
  },
  driftPpm: random => random.between(-100_000, 100_000),
  faults: ({ world, network }) => [
    ...nodeFaults(world.nodes, {
      weights: { crash: 3, crashAtRequest: world.losses === undefined ? 0 : 3, kill: 2, pause: 2, clockJump: 0, clockDrift: 0 },
      downMs: lastsMs,
      pauseMs: lastsMs,
    }),
    ...networkFaults(network, world.names, { lastsMs }),
    world.boundaries.fault(4, lastsMs),
    world.endReceivers(4, lastsMs),
  ],
  diskWeight: 4,
  everyMs: { least: 50, most: 900 },
  forMs: 15_000,
})
