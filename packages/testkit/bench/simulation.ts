import type { FileRequest } from '@disruptorx/contracts'
import { FileCall } from '@disruptorx/contracts/internal'
import { SimulatedNetwork, SimulatedNode, type SimulatedProcess, Simulation } from '@disruptorx/testkit'
import register from '../test/sim/register.scenario.ts'

/** Events per second of a simulation that runs to its end. */
async function rateOf(build: (sim: Simulation) => void): Promise<number> {
  const sim = new Simulation({ seed: 1 })
  build(sim)
  const began = performance.now()
  await sim.run()
  return (sim.events / (performance.now() - began)) * 1_000
}

/** The bare scheduler: 1,000 events wait at any time, and an invariant is checked after each. */
function kernel(sim: Simulation, events: number): void {
  const random = sim.randomFor('delays')
  let left = events
  const happen = () => {
    if (left-- > 0) sim.schedule(random.below(1_000_000), happen)
  }
  for (let i = 0; i < 1_000; i++) happen()
  sim.invariant('some are left', () => {
    if (left < -1_000) throw new Error('too many happened')
  })
}

function startNodes(
  sim: Simulation,
  names: readonly string[],
  start: (process: SimulatedProcess) => void,
  network?: SimulatedNetwork,
): void {
  for (const name of names) new SimulatedNode(sim, { name, start, ...(network && { network }) }).start()
}

/** Steps of three nodes that always have work. */
function steps(sim: Simulation, events: number): void {
  let left = events
  const step = () => (left-- > 0 ? 0 : Number.POSITIVE_INFINITY)
  startNodes(sim, ['a', 'b', 'c'], process => {
    for (const name of ['first', 'second']) process.run(name, { step })
  })
}

/** Programs of promises on three nodes that sleep and go on. */
function promises(sim: Simulation, events: number): void {
  let left = events
  startNodes(sim, ['a', 'b', 'c'], process =>
    process.program('sleeper', async () => {
      while (left-- > 0) await process.sleep(1)
    }),
  )
}

/** Datagrams between three nodes on a network that loses, doubles and reorders; each answers what it receives. */
function network(sim: Simulation, events: number): void {
  let left = events
  const names = ['a', 'b', 'c']
  const start = (process: SimulatedProcess) => {
    process.datagrams.onDatagram((peer, message) => {
      const { number } = message as { number: number }
      if (left-- > 0) process.datagrams.send(peer, { type: 'answer', number: number + 1, entries: [1, 2, 3] })
    })
    for (let i = 0; i < 50; i++) process.scheduler.schedule(i, () => process.datagrams.send(names[i % 3] ?? 'a', { number: 0 }))
  }
  startNodes(sim, names, start, new SimulatedNetwork(sim, { loss: 0.001, duplication: 0.01, reordering: 0.05 }))
}

/** Writes of 4 KiB, each synced, to a disk that answers later. */
function disk(sim: Simulation, events: number): void {
  let left = events
  startNodes(sim, ['a'], process => {
    const call = new FileCall()
    const buffer = new Uint8Array(4_096)
    let handle = 0
    const submit = (fields: Partial<FileRequest>) => {
      process.files.submit(Object.assign(call, fields))
      return 0
    }
    const step = () => {
      process.files.poll()
      if (call.state === 'pending' || left-- <= 0) return Number.POSITIVE_INFINITY
      if (call.state === 'idle') return submit({ operation: 'open', path: 'd/f', mode: 'create' })
      if (call.operation === 'open') handle = call.result
      if (call.operation === 'write') return submit({ operation: 'datasync', handle })
      return submit({ operation: 'write', handle, buffer, length: 4_096, position: (left % 64) * 4_096 })
    }
    process.run('writer', { step })
  })
}

/** Seeds of a whole scenario: nodes, disks, a network, and every fault. */
async function scenario(seeds: number): Promise<{ seedsPerSecond: number; eventsPerSecond: number }> {
  let events = 0
  const began = performance.now()
  for (let seed = 1; seed <= seeds; seed++) events += (await register.run({ seed })).events
  const seconds = (performance.now() - began) / 1_000
  return { seedsPerSecond: seeds / seconds, eventsPerSecond: events / seconds }
}

const bodies = { kernel, steps, promises, network, disk }

export default {
  suite: 'simulation',
  async run({ quick, log }: { readonly quick: boolean; log(line: string): void }): Promise<Readonly<Record<string, number>>> {
    const events = quick ? 2_000 : 500_000
    const results: Record<string, number> = {}
    for (const [name, body] of Object.entries(bodies)) {
      log(`${name}: ${events} events`)
      await rateOf(sim => body(sim, Math.min(events, 20_000)))
      results[`${name}.eventsPerSecond`] = await rateOf(sim => body(sim, events))
    }
    const { seedsPerSecond, eventsPerSecond } = await scenario(quick ? 3 : 200)
    return { ...results, 'register.seedsPerSecond': seedsPerSecond, 'register.eventsPerSecond': eventsPerSecond }
  },
}
