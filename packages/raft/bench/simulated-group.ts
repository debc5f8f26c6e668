import { systemClock } from '@disruptorx/contracts/internal'
import { networkFaults, nodeFaults, type ScenarioResult } from '@disruptorx/testkit'
import { scenarioOf } from '../test/sim/attack.ts'

const TICK_MS = 20

/** Five nodes whose logs are in memory, under crashes, pauses and partitions, with every invariant checked at each step. */
async function run(seed: number, forMs: number): Promise<ScenarioResult> {
  const scenario = scenarioOf({
    name: 'five nodes',
    group: () => ({
      nodes: 5,
      voters: 5,
      tickMs: TICK_MS,
      compactEvery: 40,
      changes: false,
      config: { electionTick: 10, asyncStorageWrites: true },
    }),
    driftPpm: () => 0,
    faults: ({ world, network }) => {
      const lastsMs = { least: 20, most: 1_500 }
      const names = world.nodes.map(({ name }) => name)
      return [
        ...nodeFaults(world.nodes, { weights: { crashAtRequest: 0 }, downMs: lastsMs, pauseMs: lastsMs, mostDown: 2 }),
        ...networkFaults(network, names, { lastsMs }),
      ]
    },
    diskWeight: 0,
    isInMemory: true,
    everyMs: { least: 20, most: 600 },
    forMs,
  })
  return await scenario.run({ seed })
}

/** Ticks per second of five simulated nodes: so often a node's clock asks whether there is something to do. */
export async function ticksSimulatedPerSecond(seeds: number, forMs: number): Promise<number> {
  await run(1, forMs)
  let simulatedMs = 0
  const startedNs = systemClock.monotonicNs()
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await run(seed, forMs)
    if (result.failure !== undefined) throw new Error(result.failure.message)
    simulatedMs += result.simulatedMs
  }
  return (5 * simulatedMs) / TICK_MS / ((systemClock.monotonicNs() - startedNs) / 1e9)
}
