import { FileCall, perform } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../../src/node/actors.ts'
import type { SimulatedProcess } from '../../src/node/simulated-process.ts'
import { stepOf, worldOf } from './node-world.ts'

const costNs = 1_000

describe('a step in a simulated process', () => {
  it('is called again at once when it had work: after the time that it takes', async () => {
    const at: number[] = []
    const { sim, node } = worldOf(
      process =>
        void process.run(
          's',
          stepOf(
            () => at.push(sim.nowNs),
            () => (at.length < 5 ? 0 : Number.POSITIVE_INFINITY),
          ),
          { costNs },
        ),
    )
    node.start()
    await sim.run()
    const first = at[0] as number
    expect(at).toEqual([0, 1, 2, 3, 4].map(i => first + i * costNs))
  })

  it('is called again after the delay that it asked for, of the clock of its node', async () => {
    for (const [driftPpm, trueMs] of [
      [0, 10],
      [-500_000, 20],
    ] as const) {
      const at: number[] = []
      const { sim, node } = worldOf(
        process =>
          void process.run(
            's',
            stepOf(() => at.push(sim.nowMs), 10),
          ),
        { clock: { driftPpm } },
      )
      node.start()
      await sim.run({ forMs: 100 })
      expect((at[1] as number) - (at[0] as number)).toBeCloseTo(trueMs, 6)
    }
  })

  it('sleeps for ever when it asked to, until it is woken: by its waker, a message, its disk, or work of another step', async () => {
    const wakers: [string, (process: SimulatedProcess, actor: Actor) => void][] = [
      ['wake()', (_process, actor) => actor.wake()],
      ['wake() of the process', process => process.wake()],
      ['a datagram', process => void process.datagrams.send('n', 1)],
      ['a message', process => void process.messages.send('n', new Uint8Array(1))],
      ['the disk', process => process.files.submit(Object.assign(new FileCall(), { operation: 'list', path: 'd' }))],
      ['another step', process => void process.run('other', { step: oneWork() })],
      ['a task that ends', process => process.task('task', noWork())],
    ]
    function oneWork(): () => number {
      let worked = false
      return () => {
        if (worked) return Number.POSITIVE_INFINITY
        worked = true
        return 0
      }
    }
    function* noWork(): Generator<undefined, void, undefined> {}
    for (const [name, wake] of wakers) {
      let [calls, deaf] = [0, 0]
      let actor: Actor | undefined
      const { sim, node } = worldOf(process => {
        actor = process.run(
          's',
          stepOf(() => calls++, Number.POSITIVE_INFINITY),
        )
        process.run(
          'deaf',
          stepOf(() => deaf++, Number.POSITIVE_INFINITY),
          { wakes: 'call' },
        )
      })
      node.start()
      expect(await sim.run({ forMs: 1_000 })).toBe('idle')
      expect([calls, deaf]).toEqual([1, 1])
      sim.schedule(0, () => wake(node.process as SimulatedProcess, actor as Actor))
      await sim.run()
      expect([name, calls >= 2, deaf]).toEqual([name, true, 1])
    }
  })

  it('is woken once by several wakers, and not before the call before is over', async () => {
    const at: number[] = []
    let actor: Actor | undefined
    const { sim, node } = worldOf(process => {
      actor = process.run(
        's',
        stepOf(() => at.push(sim.nowNs), Number.POSITIVE_INFINITY),
        { costNs: 5e6 },
      )
    })
    node.start()
    sim.schedule(1e6, () => {
      for (let i = 0; i < 10; i++) actor?.wake()
    })
    await sim.run()
    expect(at).toHaveLength(2)
    expect((at[1] as number) - (at[0] as number)).toBeGreaterThanOrEqual(5e6)
  })

  it('is late by the time that its blocking calls take', async () => {
    const at: number[] = []
    const step = (process: SimulatedProcess) => () => {
      at.push(sim.nowMs)
      process.files.submit(Object.assign(new FileCall(), { operation: 'sync-directory', path: 'd' }))
      return 0
    }
    const { sim, node } = worldOf(process => void process.run('s', { step: step(process) }, { costNs: 0 }), {
      disk: { completion: 'at-once', latency: { syncUs: 3_000 } },
    })
    node.start()
    await sim.run({ maxEvents: 4 })
    expect(at.slice(1).map((ms, i) => Math.round(ms - (at[i] as number)))).toEqual([3, 3, 3])
  })

  it('may not ask for a time that is none', async () => {
    const { sim, node } = worldOf(process => void process.run('s', { step: () => Number.NaN }))
    node.start()
    await expect(sim.run()).rejects.toThrow('the step s asked to be called again in NaN ms')
  })
})

describe('a file task in a simulated process', () => {
  function* sizes(process: SimulatedProcess) {
    const { result: handle } = yield* perform(process.files, { operation: 'open', path: 'd/f', mode: 'create' })
    yield* perform(process.files, { operation: 'write', handle, buffer: new Uint8Array(100), length: 100 })
    return (yield* perform(process.files, { operation: 'size', handle })).result
  }

  it('goes on when the disk has done something, and hands over what it returns', async () => {
    for (const completion of ['later', 'at-once'] as const) {
      const done: unknown[] = []
      const { sim, node } = worldOf(process => process.task('t', sizes(process), size => done.push(size, sim.nowMs > 0)), {
        disk: { completion },
      })
      node.start()
      await sim.run()
      expect(done).toEqual([100, true])
    }
  })

  it('tells who asked of its failure', async () => {
    const { sim, node } = worldOf(process =>
      process.task(
        't',
        sizes(process),
        () => expect.unreachable('it fails'),
        error => failures.push((error as { code?: unknown }).code),
      ),
    )
    const failures: unknown[] = []
    node.disk.faults.set({ writeErrors: 1 })
    node.start()
    await sim.run()
    expect(failures).toEqual(['EIO'])
  })

  it('is a promise for code with promises', async () => {
    const seen: unknown[] = []
    const { sim, node } = worldOf(process =>
      process.program('p', async () => {
        seen.push(await process.perform(sizes(process)))
        await process.perform(sizes(process)).catch(error => seen.push((error as { code?: unknown }).code))
      }),
    )
    node.start()
    await sim.run({ until: () => seen.length === 1 })
    node.disk.faults.set({ entryErrors: 1 })
    await sim.run()
    expect(seen).toEqual([100, 'EIO'])
  })
})

describe('a timer of a simulated process', () => {
  it('fires after its time of the clock of its node, never early though the clock becomes slower', async () => {
    const at: number[] = []
    const { sim, node } = worldOf(process => void process.scheduler.schedule(100, () => at.push(sim.nowMs)))
    node.start()
    await sim.run({ forMs: 50 })
    node.setDrift(-500_000)
    await sim.run()
    expect(at).toEqual([150])
    expect(() => node.process?.scheduler.schedule(-1, () => undefined)).toThrow(RangeError)
  })
})
