import type { Files } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { type FaultKind, Nemesis } from '../src/nemesis/nemesis.ts'
import { networkFaults } from '../src/nemesis/network-faults.ts'
import { nodeFaults } from '../src/nemesis/node-faults.ts'
import { diskFaults } from '../src/nemesis/storage-faults.ts'
import { swarm } from '../src/nemesis/swarm.ts'
import { SimulatedNetwork } from '../src/network/simulated-network.ts'
import { SimulatedNode } from '../src/node/simulated-node.ts'
import { SeededRandom } from '../src/seeded-random.ts'
import { Simulation } from '../src/simulation/simulation.ts'

const names = ['a', 'b', 'c']

function* write(files: Files): FileTask<void> {
  const { result: handle } = yield* perform(files, { operation: 'open', path: 'd/f', mode: 'create' })
  yield* perform(files, { operation: 'write', handle, buffer: new Uint8Array(2_000), length: 2_000 })
  yield* perform(files, { operation: 'datasync', handle })
}

/** Three nodes that write to their disks and talk. */
function world(seed = 1) {
  const sim = new Simulation({ seed })
  const network = new SimulatedNetwork(sim)
  const nodes = names.map(
    name =>
      new SimulatedNode(sim, {
        name,
        network,
        start: process => {
          process.run('chat', {
            step: () => {
              for (const peer of names) if (peer !== name) process.datagrams.send(peer, 'hello')
              return 5
            },
          })
          process.program('write', async () => {
            for (;;) {
              await process.perform(write(process.files)).catch(() => undefined)
              await process.sleep(20)
            }
          })
        },
      }),
  )
  for (const node of nodes) node.start()
  return { sim, network, nodes, count: (kind: string) => sim.coverage.of(`nemesis.${kind}`) }
}

/** A kind that takes note of its beginnings and ends. */
function noted(name: string, weight: number, durationMs: number, log: string[], can = true): FaultKind {
  return {
    name,
    weight,
    durationMs,
    begin: () => {
      if (!can) return undefined
      log.push(`+${name}`)
      return () => void log.push(`-${name}`)
    },
  }
}

describe('a nemesis', () => {
  it('draws faults by their weights, each with its end', async () => {
    const { sim, count } = world()
    const log: string[] = []
    const kinds = [noted('often', 3, 1, log), noted('seldom', 1, 1, log), noted('never', 0, 1, log), noted('unable', 1, 1, log, false)]
    const nemesis = new Nemesis(sim, { kinds, everyMs: 10 })
    await sim.run({ forMs: 100 })
    expect(log).toEqual([])
    nemesis.start()
    nemesis.start()
    await sim.run({ forMs: 10_005 })
    const begun = log.filter(line => line.startsWith('+')).length
    expect(log.filter(line => line.startsWith('-'))).toHaveLength(begun)
    expect(count('often') + count('seldom')).toBe(begun)
    expect(begun).toBeGreaterThan(700)
    expect(begun).toBeLessThan(900)
    expect(count('often') / count('seldom')).toBeGreaterThan(2)
    expect([count('never'), count('unable')]).toEqual([0, 0])
  })

  it('keeps to so many at once, and ends all when it is stopped', async () => {
    const { sim } = world()
    const log: string[] = []
    const nemesis = new Nemesis(sim, { kinds: [noted('long', 1, 1e6, log)], everyMs: 10, mostAtOnce: 4 })
    nemesis.start()
    await sim.run({ forMs: 1_000 })
    expect([log, nemesis.active]).toEqual([Array(4).fill('+long'), Array(4).fill('long')])
    nemesis.stop()
    expect(log).toEqual([...Array(4).fill('+long'), ...Array(4).fill('-long')])
    await sim.run({ forMs: 1_000 })
    expect(log).toHaveLength(8)
    nemesis.start()
    await sim.run({ forMs: 1_000 })
    expect(nemesis.active).toHaveLength(4)
  })

  it('refuses what makes no sense', () => {
    const { sim } = world()
    expect(() => new Nemesis(sim, { kinds: [noted('x', -1, 1, [])] })).toThrow(/weight of x/)
    expect(() => new Nemesis(sim, { kinds: [noted('x', 1, -1, [])] })).toThrow(/durationMs of x/)
    expect(() => new Nemesis(sim, { kinds: [], mostAtOnce: 0 })).toThrow(/mostAtOnce/)
  })

  it('does the same twice with one seed, and something else with another', async () => {
    const run = async (seed: number) => {
      const { sim, network, nodes } = world(seed)
      new Nemesis(sim, { kinds: [...nodeFaults(nodes), ...networkFaults(network, names), ...diskFaults(nodes)] }).start()
      await sim.run({ forMs: 5_000 })
      return sim.fingerprint
    }
    expect(await run(1)).toBe(await run(1))
    expect(await run(1)).not.toBe(await run(2))
  })

  it('after stop and heal leaves a world in which all nodes run and hear each other', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { sim, network, nodes } = world(seed)
      const kinds = [...nodeFaults(nodes, { weights: { wipe: 1 } }), ...networkFaults(network, names), ...diskFaults(nodes)]
      const nemesis = new Nemesis(sim, { kinds, everyMs: { least: 5, most: 200 }, mostAtOnce: 6 })
      nemesis.start()
      await sim.run({ forMs: 30_000 })
      nemesis.stop()
      network.heal()
      for (const node of nodes) node.heal()
      const lost = ['loss', 'cut', 'clogged', 'unreachable', 'duplication', 'reordering']
      await sim.run({ forMs: 100 })
      const before = lost.map(kind => sim.coverage.of(`network.${kind}`))
      await sim.run({ forMs: 5_000 })
      expect(lost.map(kind => sim.coverage.of(`network.${kind}`))).toEqual(before)
      expect(nodes.map(({ state, clock }) => [state, clock.driftPpm])).toEqual(names.map(() => ['running', 0]))
    }
  })
})

describe('the faults of', () => {
  it('nodes, networks and disks all happen, and none does whose weight is 0', async () => {
    const { sim, network, nodes, count } = world()
    const brief = { downMs: 100, pauseMs: 100, lastsMs: 100 }
    const kinds = [
      ...nodeFaults(nodes, { ...brief, weights: { wipe: 1 } }),
      ...networkFaults(network, names, brief),
      ...diskFaults(nodes, brief),
    ]
    const nemesis = new Nemesis(sim, { kinds, everyMs: 50, mostAtOnce: 5 })
    nemesis.start()
    await sim.run({ forMs: 30_000 })
    for (const { name } of kinds) expect([name, count(name) > 0]).toEqual([name, true])
    const quiet = world()
    const off = Object.fromEntries(kinds.map(({ name }) => [name, 0]))
    const none = [
      ...nodeFaults(quiet.nodes, { weights: off }),
      ...networkFaults(quiet.network, names, { weights: off }),
      ...diskFaults(quiet.nodes, { weights: off }),
    ]
    new Nemesis(quiet.sim, { kinds: none, everyMs: 50 }).start()
    await quiet.sim.run({ forMs: 10_000 })
    expect(quiet.sim.coverage.counts()).toEqual({})
  })

  it('nodes take no more of them down than allowed', async () => {
    const { sim, nodes } = world()
    const kinds = nodeFaults(nodes, { mostDown: 1 })
    new Nemesis(sim, { kinds, everyMs: 20, mostAtOnce: 9 }).start()
    let worst = 0
    sim.invariant('most run', () => {
      worst = Math.max(worst, nodes.filter(({ state }) => state !== 'running').length)
    })
    await sim.run({ forMs: 30_000 })
    expect(worst).toBe(1)
  })

  it('a network cut what their names say', () => {
    const { network } = world()
    const kinds = networkFaults(network, names)
    const cutBy = (name: string, seed: number) => {
      const recover = kinds.find(kind => kind.name === name)?.begin(new SeededRandom(seed))
      const wires = names.flatMap(a => names.filter(b => b !== a).map(b => network.wire(a, b)))
      const count = (state: 'isCut' | 'isClogged') => wires.filter(wire => wire[state]).length
      const seen = [count('isCut'), count('isClogged'), Math.max(...wires.map(wire => wire.conditions.loss))]
      recover?.()
      expect([count('isCut'), count('isClogged')]).toEqual([0, 0])
      return seen
    }
    for (let seed = 1; seed <= 20; seed++) {
      expect(cutBy('partition', seed)).toEqual([4, 0, 0])
      expect(cutBy('oneWay', seed)).toEqual([2, 0, 0])
      expect(cutBy('partial', seed)).toEqual([2, 0, 0])
      expect(cutBy('isolate', seed)).toEqual([4, 0, 0])
      expect(cutBy('clog', seed)).toEqual([0, 1, 0])
      expect(cutBy('lossy', seed)).toEqual([0, 0, 0.2])
    }
    expect(networkFaults(network, ['alone'])).toEqual([])
  })
})

describe('a swarm', () => {
  it('turns each rate off about every second time, and never raises one', () => {
    const most = { a: 1, b: 0.1, c: 0 }
    const drawn = Array.from({ length: 400 }, (_, seed) => swarm(most, new SeededRandom(seed)))
    const on = drawn.filter(({ a }) => a > 0).length
    expect(on).toBeGreaterThan(150)
    expect(on).toBeLessThan(250)
    expect(Math.max(...drawn.map(({ b }) => b))).toBeLessThanOrEqual(0.1)
    expect(drawn.some(({ a, b }) => a === 0 && b > 0) && drawn.some(({ a, b }) => a > 0 && b === 0)).toBe(true)
    expect(drawn.every(({ c }) => c === 0)).toBe(true)
    expect(swarm({ ...most, more: 1 }, new SeededRandom(7))).toMatchObject(swarm(most, new SeededRandom(7)))
  })
})
