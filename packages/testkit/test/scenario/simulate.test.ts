import { describe, expect, it } from 'vitest'
import { checkRepeatable } from '../../src/scenario/repeatable.ts'
import type { ScenarioError } from '../../src/scenario/report.ts'
import { runSeeds } from '../../src/scenario/run-seeds.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { findShortestPrefix } from '../../src/scenario/shortest-prefix.ts'
import { simulate } from '../../src/scenario/simulate.ts'
import type { Simulation } from '../../src/simulation/simulation.ts'

/** A counter that is damaged at one event in 500, the seed says which; it shows every so many events, or at the end. */
function counterScenario(everyEvents: number, isWrong: (seed: number) => boolean = () => true): Scenario {
  return {
    name: 'counter',
    run: options =>
      simulate(options, async sim => {
        let sum = 0
        const damaged = 100 + sim.randomFor('damage').below(400)
        const count = () => {
          sum += isWrong(sim.seed) && sim.events === damaged ? 2 : 1
          sim.trace?.record('counter', 'count', { sum })
          if (sim.events < 1_000) sim.schedule(1_000, count)
        }
        sim.schedule(0, count)
        sim.invariant('the sum is right', () => expectSum(sum, sim), everyEvents)
        await sim.run()
        sim.facts.count('counted', sum)
      }),
  }
}

function expectSum(sum: number, sim: Simulation): void {
  if (sum !== sim.events) throw new Error(`it is ${sum}`)
}

const damagedAt = async (seed: number) => (await counterScenario(1).run({ seed })).events

describe('the result of a run', () => {
  it('says what happened, and is the same for the same seed', async () => {
    const scenario = counterScenario(1, () => false)
    const result = await scenario.run({ seed: 4, trace: true })
    expect(result).toMatchObject({ seed: 4, failure: undefined, cut: false, events: 1_000, simulatedMs: 0.999, facts: { counted: 1_000 } })
    expect(result.trace).toHaveLength(1_000)
    expect(await scenario.run({ seed: 4, trace: true })).toEqual(result)
    expect(await scenario.run({ seed: 4 })).toEqual({ ...result, trace: [], traceDigest: '' })
    expect(JSON.parse(JSON.stringify(result))).toEqual(JSON.parse(JSON.stringify({ ...result })))
  })

  it('has the failure, with the event and the error behind it', async () => {
    const { failure, events } = await counterScenario(1).run({ seed: 4 })
    expect(failure).toMatchObject({ kind: 'invariant', event: events })
    expect(failure?.message).toContain('the sum is right: it is')
    expect(failure?.stack).toContain('expectSum')
  })

  it('has what was told as a failure after the last event', async () => {
    const told = await simulate({ seed: 1 }, async sim => {
      sim.schedule(1, () => undefined)
      await sim.run()
      sim.fail(new Error('not as expected'))
    })
    expect(told.failure).toMatchObject({ kind: 'error', message: expect.stringContaining('not as expected'), event: 1 })
  })

  it('has what the world itself threw, and what was wrong at the end only', async () => {
    const thrown = await simulate({ seed: 1 }, async sim => {
      sim.schedule(1, () => undefined)
      await sim.run()
      throw new Error('not as expected')
    })
    expect(thrown.failure).toMatchObject({ kind: 'error', message: 'not as expected', event: 1 })
    const late = await simulate({ seed: 1 }, sim => {
      sim.invariant('never', () => expectSum(1, sim), Number.POSITIVE_INFINITY)
    })
    expect(late.failure?.kind).toBe('invariant')
  })

  it('says that it was cut short, and skips what comes after', async () => {
    const result = await counterScenario(1, () => false).run({ seed: 1, limits: { stopAfterEvents: 10 } })
    expect(result).toMatchObject({ cut: true, events: 10, failure: undefined, facts: {} })
  })
})

describe('the shortest failing prefix', () => {
  it.each([1, 37, Number.POSITIVE_INFINITY])('ends at the event that did the damage, with checks every %d events', async everyEvents => {
    for (const seed of [1, 2, 3]) {
      const scenario = counterScenario(everyEvents)
      const failed = await scenario.run({ seed })
      const { events, result, runs } = await findShortestPrefix(scenario, failed)
      expect([events, result.events]).toEqual([await damagedAt(seed), await damagedAt(seed)])
      expect(result.trace).toHaveLength(events)
      expect(runs).toBeLessThan(15)
    }
  })

  it('is the whole run when something did not happen in time', async () => {
    const scenario: Scenario = {
      name: 'idle',
      run: options =>
        simulate(options, async sim => {
          const tick = () => void sim.schedule(1e6, tick)
          tick()
          await sim.eventually('it', () => false, 100)
        }),
    }
    const failed = await scenario.run({ seed: 1 })
    const { events, result, runs } = await findShortestPrefix(scenario, failed)
    expect([events, result.failure?.kind, runs]).toEqual([100, 'liveness', 1])
  })
})

describe('runSeeds', () => {
  it('adds up what the runs came to', async () => {
    const totals = await runSeeds(
      counterScenario(1, () => false),
      { count: 5, first: 10 },
    )
    expect(totals).toEqual({ runs: 5, events: 5_000, simulatedMs: expect.closeTo(4.995), coverage: {}, facts: { counted: 5_000 } })
  })

  it('ends at the first seed that fails, with a report that says how to repeat it and what happened', async () => {
    const scenario = counterScenario(Number.POSITIVE_INFINITY, seed => seed >= 3)
    const error: ScenarioError = await runSeeds(scenario, { count: 5 }).then(
      () => expect.unreachable('it fails'),
      reason => reason,
    )
    const event = await damagedAt(3)
    expect([error.code, error.details.seed, error.details.events]).toEqual(['DX_SCENARIO', 3, event])
    const lines = error.message.split('\n')
    expect(lines[0]).toContain('counter failed with seed 3: the sum is right: it is 1001 (invariant; seed 3, event 1000')
    expect(lines[1]).toBe('repeat it: npm run sim -- --scenario counter --seed 3 --trace')
    expect(lines[2]).toContain(`shortest failing prefix: ${event} of 1000 events`)
    expect(lines.at(-61)).toBe(`the last 60 of ${event} lines of its trace:`)
    expect(lines.at(-1)).toContain(`counter        count  sum=${event + 1}`)
  })
})

describe('a scenario that is repeatable', () => {
  it('does the same twice; one that depends on more than its seed is told where it parts', async () => {
    await checkRepeatable(counterScenario(1), { count: 3 })
    let runs = 0
    const forgetful: Scenario = {
      name: 'forgetful',
      run: options =>
        simulate(options, async sim => {
          const run = runs++
          for (const i of [1, 2, 3]) sim.schedule(i, () => sim.trace?.record('n', 'step', { i: i === 3 ? run : i }))
          await sim.run()
        }),
    }
    await expect(checkRepeatable(forgetful)).rejects.toThrow(/forgetful with seed 1 does not do the same twice.*\n.*i=0\n.*i=1/)
    const counting: Scenario = { name: 'counting', run: options => simulate(options, sim => sim.facts.count('run', runs++)) }
    await expect(checkRepeatable(counting)).rejects.toMatchObject({ code: 'DX_NOT_REPEATABLE' })
  })
})
