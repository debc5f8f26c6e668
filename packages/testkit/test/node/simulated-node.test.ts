import { perform } from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { FaultAtlas } from '../../src/disk/fault-atlas.ts'
import type { SimulatedProcess } from '../../src/node/simulated-process.ts'
import { stepOf, worldOf } from './node-world.ts'

/** Counts calls of a step, a timer, a program and messages, each every 10 ms or so, for each life. */
function everything() {
  const calls: Record<string, number> = {}
  const count = (process: SimulatedProcess, what: string) => {
    const key = `${what} of life ${process.life}`
    calls[key] = (calls[key] ?? 0) + 1
  }
  const start = (process: SimulatedProcess) => {
    process.run(
      'step',
      stepOf(() => count(process, 'step'), 10),
    )
    const again = () => {
      count(process, 'timer')
      process.scheduler.schedule(10, again)
    }
    again()
    process.program('program', async () => {
      for (;;) {
        await process.sleep(10)
        count(process, 'program')
      }
    })
    process.datagrams.onDatagram(() => {
      count(process, 'datagram')
      process.datagrams.send('n', 'again')
    })
    process.datagrams.send('n', 'first')
  }
  const lives = () => new Set(Object.keys(calls).map(key => Number(key.split(' ').at(-1))))
  return { start, calls, lives, reset: () => void Object.keys(calls).map(key => delete calls[key]) }
}

function* write(process: SimulatedProcess, value: number, sync: boolean) {
  const { result: handle } = yield* perform(process.files, { operation: 'open', path: 'd/f', mode: 'create' })
  yield* perform(process.files, { operation: 'sync-directory', path: 'd' })
  yield* perform(process.files, { operation: 'write', handle, buffer: new Uint8Array(512).fill(value), length: 512 })
  if (sync) yield* perform(process.files, { operation: 'datasync', handle })
}

describe('a simulated node', () => {
  it('runs steps, timers, programs and listeners, each life with what its factory made', async () => {
    const { start, calls, lives, reset } = everything()
    const { sim, node, count } = worldOf(start)
    await sim.run({ forMs: 100 })
    expect([node.state, calls]).toEqual(['down', {}])
    node.start()
    await sim.run({ forMs: 1_000 })
    expect(Object.keys(calls).sort()).toEqual(['datagram of life 1', 'program of life 1', 'step of life 1', 'timer of life 1'])
    for (const times of Object.values(calls)) expect(times).toBeGreaterThan(80)
    for (const end of [() => node.crash(), () => node.kill(), () => node.process?.exit()]) {
      end()
      expect(node.state).toBe('down')
      reset()
      await sim.run({ forMs: 100 })
      expect(calls).toEqual({})
      node.start()
      await sim.run({ forMs: 100 })
      expect([...lives()]).toEqual([node.lives])
    }
    expect([count('crashes'), count('kills'), count('exits'), count('restarts')]).toEqual([1, 1, 1, 3])
    expect([node.crashes, node.lives]).toEqual([1, 4])
  })

  it('does nothing while it pauses, and then all that came meanwhile', async () => {
    const { start, calls, reset } = everything()
    const { sim, node, count } = worldOf(start)
    node.start()
    await sim.run({ forMs: 100 })
    node.pause()
    reset()
    await sim.run({ forMs: 1_000 })
    expect([node.state, calls]).toEqual(['paused', {}])
    node.resume()
    await sim.run({ forMs: 1 })
    expect(Object.keys(calls)).toHaveLength(4)
    expect([count('pauses'), node.state]).toEqual([1, 'running'])
  })

  it('can crash while it pauses', async () => {
    const { start, lives, reset } = everything()
    const { sim, node } = worldOf(start)
    node.start()
    node.pause()
    await sim.run({ forMs: 100 })
    node.crash()
    reset()
    node.resume()
    node.start()
    await sim.run({ forMs: 100 })
    expect([...lives()]).toEqual([2])
  })

  it('does not fire a timer that was cancelled while it paused', async () => {
    let cancel = () => {}
    const fired: string[] = []
    const { sim, node } = worldOf(process => {
      process.scheduler.schedule(20, () => cancel())
      cancel = process.scheduler.schedule(30, () => fired.push('cancelled'))
      process.scheduler.schedule(40, () => fired.push('kept'))
    })
    node.start()
    node.pause()
    await sim.run({ forMs: 100 })
    node.resume()
    await sim.run()
    expect(fired).toEqual(['kept'])
  })

  it('loses at a crash what it had not synced, and at a kill nothing', async () => {
    for (const [sync, end, kept] of [
      [false, 'crash', 0],
      [true, 'crash', 512],
      [false, 'kill', 512],
    ] as const) {
      const { sim, node } = worldOf(process => process.task('write', write(process, 7, sync)), { disk: { faults: { lostWrites: 1 } } })
      node.start()
      await sim.run()
      node[end]()
      expect(node.disk.content('d/f')).toHaveLength(kept)
    }
  })

  it('loses at a crash what a process had not synced that was dead already; a machine that is off loses nothing more', async () => {
    const { sim, node, count } = worldOf(process => process.task('write', write(process, 7, false)), {
      disk: { faults: { lostWrites: 1 } },
    })
    node.crash()
    node.start()
    await sim.run()
    node.kill()
    expect([node.state, node.isPowered, node.disk.content('d/f')?.length]).toEqual(['down', true, 512])
    node.crash()
    node.crash()
    expect([node.state, node.isPowered, node.disk.content('d/f')?.length, count('crashes')]).toEqual(['down', false, 0, 1])
  })

  it('crashes where its disk is told to stop, and is not heard of any more in that event', async () => {
    const heard: string[] = []
    const { sim, node, count } = worldOf(
      process => {
        process.datagrams.onDatagram((_from, payload) => heard.push(String(payload)))
        process.task(
          'write',
          write(process, 7, true),
          () => expect.unreachable('it was to stop'),
          () => {
            heard.push('told of the failure')
            process.datagrams.send('n', 'from the dead')
          },
        )
      },
      { disk: { completion: 'at-once' } },
    )
    node.disk.stopAfter(2)
    node.start()
    await sim.run()
    expect([node.state, count('crashes'), heard]).toEqual(['down', 1, ['told of the failure']])
  })

  it('is started again by itself, when asked to', async () => {
    const { sim, node, count } = worldOf(() => undefined, { restartAfterMs: { least: 5, most: 10 } })
    node.start()
    for (const end of [() => node.crash(), () => node.kill()]) {
      end()
      await sim.run({ forMs: 4 })
      expect(node.state).toBe('down')
      await sim.run({ forMs: 7 })
      expect(node.state).toBe('running')
    }
    expect(count('restarts')).toBe(2)
  })

  it('loses all with its disk, when its atlas allows it', async () => {
    const atlas = new FaultAtlas({ damageable: 1 })
    const { sim, node, count } = worldOf(process => process.task('write', write(process, 7, true)), { disk: { atlas } })
    node.start()
    await sim.run()
    expect([node.wipe(), node.state, node.disk.paths(), count('wipes')]).toEqual([true, 'down', [], 1])
    atlas.healed('n')
    atlas.mayLose('other')
    node.start()
    expect([node.wipe(), node.state]).toEqual([false, 'running'])
  })

  it('has clocks that jump and drift, and a monotonic one that begins anew when the machine boots', async () => {
    const { sim, node, count } = worldOf(() => undefined)
    node.start()
    await sim.run({ forMs: 1_000 })
    const before = node.clock.monotonicNs()
    node.jumpClock(-500)
    node.setDrift(1_000)
    node.kill()
    node.start()
    expect(node.clock.monotonicNs()).toBe(before)
    node.crash()
    expect(node.clock.monotonicNs()).toBeLessThan(before)
    expect([count('clockJumps'), count('clockDrifts')]).toEqual([1, 1])
    node.heal()
    expect([node.clock.driftPpm, node.state]).toEqual([0, 'running'])
  })

  it('fails the run with what its code throws, wherever it does, or exits when told so', async () => {
    const places: [string, (process: SimulatedProcess, fail: () => never) => void][] = [
      ['start', (_process, fail) => fail()],
      ['a step', (process, fail) => void process.run('a step', { step: fail })],
      ['timer', (process, fail) => void process.scheduler.schedule(1, fail)],
      ['a program', (process, fail) => process.program('a program', async () => await process.sleep(1).then(fail))],
      ['a task', (process, fail) => process.task('a task', failing(fail))],
      ['a task that is done', (process, fail) => process.task('a task that is done', write(process, 1, true), fail)],
      [
        'listener of datagrams',
        (process, fail) => {
          process.datagrams.onDatagram(fail)
          process.datagrams.send('n', 1)
        },
      ],
      [
        'listener of messages',
        (process, fail) => {
          process.messages.onMessage(fail)
          process.messages.send('n', new Uint8Array(1))
        },
      ],
    ]
    function* failing(fail: () => never): Generator<undefined, void, undefined> {
      yield
      fail()
    }
    const fail = () => {
      throw new Error('broken')
    }
    for (const [name, start] of places) {
      const world = worldOf(process => start(process, fail))
      world.node.start()
      await expect(world.sim.run()).rejects.toThrow(`n, ${name}: broken (error; seed 1`)
      const exiting = worldOf(process => start(process, fail), { onError: error => (String(error).includes('broken') ? 'exit' : 'fail') })
      exiting.node.start()
      await exiting.sim.run({ forMs: 100 })
      expect([name, exiting.node.state, exiting.count('exits')]).toEqual([name, 'down', 1])
    }
  })

  it('draws its own chance in each life, whatever other nodes there are', async () => {
    const draws = async (others: boolean) => {
      const drawn: number[] = []
      const { sim, node } = worldOf(process => drawn.push(process.random.u32()))
      if (others) worldOf(() => undefined).node.start()
      sim.randomFor('somebody else').u32()
      node.start()
      node.kill()
      node.start()
      return drawn
    }
    const [first, second] = await draws(false)
    expect(await draws(true)).toEqual([first, second])
    expect(first).not.toBe(second)
  })
})
