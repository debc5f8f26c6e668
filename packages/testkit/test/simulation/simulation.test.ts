import { describe, expect, it } from 'vitest'
import type { SimulationError } from '../../src/simulation/errors.ts'
import type { EventOwner, SimulatedEvent } from '../../src/simulation/event-queue.ts'
import { Simulation } from '../../src/simulation/simulation.ts'

/** The failure that a run ends with. */
const failureOf = (run: Promise<unknown>): Promise<SimulationError> =>
  run.then(
    () => expect.unreachable('nothing failed'),
    (error: SimulationError) => error,
  )

/** Something that happens every millisecond, for ever. */
function tick(sim: Simulation, task: () => void = () => undefined): void {
  sim.schedule(1e6, () => {
    task()
    tick(sim, task)
  })
}

describe('a simulation', () => {
  it('lets things happen at their moment, and those of one moment in the order of their scheduling', async () => {
    const sim = new Simulation({ seed: 1 })
    const seen: string[] = []
    const note = (what: string) => () => void seen.push(`${what} at ${sim.nowNs}`)
    sim.schedule(20, note('c'))
    sim.schedule(10, note('a'))
    sim.schedule(10.4, note('b'))
    sim.schedule(10, () => sim.schedule(0, note('later')))
    expect(await sim.run()).toBe('idle')
    expect(seen).toEqual(['a at 10', 'b at 10', 'later at 10', 'c at 20'])
    expect([sim.events, sim.nowNs]).toEqual([5, 20])
    for (const delay of [-1, Number.NaN]) expect(() => sim.schedule(delay, note('never'))).toThrow(RangeError)
  })

  it('does not let happen what was cancelled', async () => {
    const sim = new Simulation({ seed: 1 })
    const seen: number[] = []
    const event = sim.schedule(10, () => seen.push(1))
    sim.schedule(5, () => sim.cancel(event))
    await sim.run()
    expect([seen, sim.events]).toEqual([[], 1])
  })

  it('runs up to a time, for a time, for a number of events, or until something is true', async () => {
    const sim = new Simulation({ seed: 1 })
    let ticks = 0
    tick(sim, () => ticks++)
    expect([await sim.run({ untilMs: 10 }), sim.nowMs, ticks]).toEqual(['time', 10, 10])
    expect([await sim.run({ forMs: 5.5 }), sim.nowMs, ticks]).toEqual(['time', 15.5, 15])
    expect([await sim.run({ maxEvents: 3 }), sim.nowMs, ticks]).toEqual(['events', 18, 18])
    expect([await sim.run({ until: () => ticks === 20 }), sim.nowMs]).toEqual(['until', 20])
    const empty = new Simulation({ seed: 1 })
    expect([await empty.run({ forMs: 7 }), empty.nowMs]).toEqual(['idle', 7])
  })

  it('puts off what belongs to somebody who pauses, and drops what belongs to somebody who is gone', async () => {
    const sim = new Simulation({ seed: 1 })
    const deferred: SimulatedEvent[] = []
    const owner = { state: 'running' as EventOwner['state'], defer: (event: SimulatedEvent) => void deferred.push(event) }
    const seen: number[] = []
    for (const ms of [1, 2, 3]) sim.schedule(ms * 1e6, () => seen.push(ms), owner)
    await sim.run({ untilMs: 1 })
    owner.state = 'paused'
    await sim.run({ untilMs: 2 })
    owner.state = 'gone'
    await sim.run()
    expect([seen, deferred.length, sim.events]).toEqual([[1], 1, 1])
  })

  it('gives everybody a source of chance of its own, whoever else asks for one', () => {
    const draw = (...names: string[]) => new Simulation({ seed: 5 }).randomFor(...names).u32()
    const sim = new Simulation({ seed: 5 })
    sim.randomFor('other').u32()
    expect(sim.randomFor('disk', 'a').u32()).toBe(draw('disk', 'a'))
    const drawn = new Set([draw('disk', 'a'), draw('disk', 'b'), draw('diska'), draw('disk/a'), draw('a', 'disk')])
    expect(drawn.size).toBe(5)
    expect(new Simulation({ seed: 6 }).randomFor('disk', 'a').u32()).not.toBe(draw('disk', 'a'))
  })

  it('has a fingerprint that tells runs apart that did something else', async () => {
    const run = async (delays: number[]) => {
      const sim = new Simulation({ seed: 1 })
      for (const delay of delays) sim.schedule(delay, () => undefined)
      await sim.run()
      return sim.fingerprint
    }
    expect(await run([1, 2, 3])).toBe(await run([1, 2, 3]))
    const others = await Promise.all([run([1, 2, 3]), run([1, 3, 2]), run([1, 2, 4]), run([1, 2]), run([])])
    expect(new Set(others).size).toBe(5)
  })
})

describe('the promises of a simulation', () => {
  it('all settle that can before the next event, however long their chain', async () => {
    const sim = new Simulation({ seed: 1 })
    sim.usePromises()
    const seen: string[] = []
    const chain = async (name: string, links: number) => {
      for (let i = 0; i < links; i++) await undefined
      seen.push(name)
    }
    sim.schedule(1, () => void chain('long', 500))
    sim.schedule(1, () => void seen.push('next'))
    await sim.run()
    expect(seen).toEqual(['long', 'next'])
  })

  it('settle from before the first event', async () => {
    const sim = new Simulation({ seed: 1 })
    sim.usePromises()
    let settled = false
    const before = (async () => {
      for (let i = 0; i < 50; i++) await undefined
      settled = true
    })()
    sim.schedule(0, () => expect(settled).toBe(true))
    await sim.run()
    await before
  })
})

describe('what fails a simulation', () => {
  it('is an invariant that does not hold, at the very event, with seed, moment and reason', async () => {
    const sim = new Simulation({ seed: 9 })
    let ticks = 0
    tick(sim, () => ticks++)
    sim.invariant('few ticks', () => {
      if (ticks > 4) throw new Error(`there are ${ticks}`)
    })
    const error = await failureOf(sim.run())
    expect(error.message).toBe('few ticks: there are 5 (invariant; seed 9, event 5, at 5.000000 ms)')
    expect([error.code, error.kind, error.event]).toEqual(['DX_SIMULATION', 'invariant', 5])
  })

  it('is looked for as seldom as asked, and always in the end', async () => {
    const sim = new Simulation({ seed: 1 })
    const looks: number[] = []
    tick(sim)
    sim.invariant('seldom', () => void looks.push(sim.events), 4)
    sim.invariant('at the end', () => void looks.push(-sim.events), Number.POSITIVE_INFINITY)
    await sim.run({ maxEvents: 10 })
    expect(looks).toEqual([4, 8])
    sim.check()
    expect(looks).toEqual([4, 8, 10, -10])
    expect(() => sim.invariant('never', () => undefined, 0)).toThrow(/everyEvents/)
  })

  it('is an error that nobody caught, at the event that threw it', async () => {
    const sim = new Simulation({ seed: 1 })
    const cause = new Error('broken')
    sim.schedule(5, () => {
      throw cause
    })
    sim.schedule(6, () => expect.unreachable('the run is over'))
    const error = await failureOf(sim.run())
    expect([error.kind, error.cause, sim.events]).toEqual(['error', cause, 1])
  })

  it('is something that does not come true in time', async () => {
    const sim = new Simulation({ seed: 1 })
    tick(sim)
    await sim.eventually('five', () => sim.nowMs >= 5, 5)
    expect((await failureOf(sim.eventually('ten', () => sim.nowMs >= 10, 4))).message).toBe(
      'ten did not come true within 4 ms (liveness; seed 1, event 9, at 9.000000 ms)',
    )
    const idle = failureOf(new Simulation({ seed: 1 }).eventually('it', () => false, 4))
    expect((await idle).message).toContain('nothing is left to happen')
  })

  it.each([
    ['events', { maxEvents: 10 }, 'more than 10 events happened', 11],
    ['time', { maxSimulatedMs: 7 }, 'more than 7 ms passed', 8],
  ])('is too many %s', async (_what, limits, message, event) => {
    const sim = new Simulation({ seed: 1, limits })
    tick(sim)
    const error = await failureOf(sim.run())
    expect([error.kind, error.event]).toEqual(['budget', event])
    expect(error.message).toContain(message)
  })

  it('is too many events that wait', () => {
    const sim = new Simulation({ seed: 1, limits: { maxQueued: 3 } })
    for (let i = 0; i < 3; i++) sim.schedule(1, () => undefined)
    expect(() => sim.schedule(1, () => undefined)).toThrow('more than 3 events wait')
  })

  it('is not that it was cut short, but all is checked where it was cut', async () => {
    const make = () => {
      const sim = new Simulation({ seed: 1, limits: { stopAfterEvents: 6 } })
      tick(sim)
      return sim
    }
    const sim = make()
    await expect(sim.run()).rejects.toMatchObject({ code: 'DX_SIMULATION_CUT' })
    expect(sim.events).toBe(6)
    const wrong = make()
    wrong.invariant(
      'early',
      () => {
        if (wrong.events >= 6) throw new Error('late')
      },
      Number.POSITIVE_INFINITY,
    )
    expect((await failureOf(wrong.run())).kind).toBe('invariant')
  })

  it('is not forgotten while another run is under way', async () => {
    const sim = new Simulation({ seed: 1 })
    sim.usePromises()
    tick(sim)
    const first = sim.run({ forMs: 5 })
    await expect(sim.run()).rejects.toThrow('runs already')
    expect(await first).toBe('time')
  })
})
