import {
  diskFaults,
  Nemesis,
  networkFaults,
  nodeFaults,
  type Scenario,
  SimulatedNetwork,
  SimulatedNode,
  type SimulatedProcess,
  simulate,
} from '../../src/index.ts'
import { Backup, client, Primary, Store } from './register.ts'

const faults = {
  lostWrites: 0.8,
  reorderedWrites: 0.5,
  tornSectors: 0.5,
  lostEntries: 0.8,
  forgetfulSyncs: 0.05,
  shortWrites: 0.05,
  slowSyncs: 0.02,
}

/** Short, so that something happens in between. */
const lastsMs = { least: 10, most: 200 }

/** Slow, so that crashes often come in the middle of something. */
const latency = { writeUs: { least: 50, most: 1_000 }, syncUs: { least: 500, most: 10_000 } }

/** A number kept on two nodes: an acknowledged value is on both disks, whatever happens to them and between them. */
const scenario: Scenario = {
  name: 'register',
  run: options =>
    simulate(options, async sim => {
      let acknowledged = 0
      let set = 0
      const network = new SimulatedNetwork(sim, { delayMs: { least: 0.1, mean: 2 }, loss: 0.01, duplication: 0.02, reordering: 0.05 })
      const open = (process: SimulatedProcess, begin: (store: Store) => unknown) => {
        const promised = acknowledged
        process.task('open', Store.open(process.files), store => {
          sim.facts.count('openings')
          if (store.value < promised) throw new Error(`${process.name} has ${store.value}, and ${promised} was acknowledged`)
          if (store.value > set) throw new Error(`${process.name} has ${store.value}, and nobody set more than ${set}`)
          begin(store)
        })
      }
      const replica = (name: string, begin: (process: SimulatedProcess, store: Store) => unknown) =>
        new SimulatedNode(sim, {
          name,
          network,
          disk: { faults, latency },
          start: process => open(process, store => begin(process, store)),
          onError: error => (['EIO', 'ENOSPC'].includes(String((error as { code?: unknown }).code)) ? 'exit' : 'fail'),
          restartAfterMs: { least: 5, most: 50 },
        })
      const nodes = [replica('primary', (...both) => new Primary(...both)), replica('backup', (...both) => new Backup(...both))]
      const user = new SimulatedNode(sim, {
        name: 'client',
        network,
        start: process =>
          process.program('client', () =>
            client(process, {
              set: value => {
                set = value
              },
              acknowledged: value => {
                acknowledged = value
                sim.facts.count('acknowledged')
                sim.trace?.record('client', 'acknowledged', { value })
              },
            }),
          ),
      })
      for (const node of [...nodes, user]) node.start()
      const nemesis = new Nemesis(sim, {
        kinds: [
          ...nodeFaults(nodes, { weights: { crashAtRequest: 8 }, downMs: lastsMs, pauseMs: lastsMs }),
          ...networkFaults(network, ['primary', 'backup', 'client'], { lastsMs }),
          ...diskFaults(nodes, { weights: { rot: 0, spoil: 0, full: 0 }, lastsMs }),
        ],
        everyMs: { least: 5, most: 200 },
      })
      nemesis.start()
      await sim.run({ forMs: 3_000 })
      nemesis.stop()
      network.heal()
      for (const node of nodes) node.heal()
      const goal = acknowledged + 20
      await sim.eventually('more values are acknowledged', () => acknowledged >= goal, 30_000)
    }),
}

export default scenario
