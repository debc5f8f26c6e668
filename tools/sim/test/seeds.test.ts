import { describe, expect, it } from 'vitest'
import { runScenarios } from '../seeds.ts'
import { fakeTestkit, ran, scenarioNamed } from './fake-testkit.ts'

const scenarios = ['a', 'b', 'c'].map(scenarioNamed)

describe('several scenarios', () => {
  it('are all run, and summed up', async () => {
    const lines: string[] = []
    expect(
      await runScenarios(
        fakeTestkit(() => ran(5)),
        scenarios,
        {},
        line => lines.push(line),
      ),
    ).toBe(true)
    expect(lines).toEqual([
      ...['a', 'b', 'c'].map(name => `sim: p/${name}: 5 seeds in 1.0 s: 5 seeds/s, 50 events/s, 5 s simulated`),
      'sim: 3 scenarios: 15 seeds in 3.0 s: 5 seeds/s, 50 events/s, 15 s simulated, 5 times as fast as true time',
    ])
  })

  it('go on where one of them cannot be run or fails; the last line names which', async () => {
    const lines: string[] = []
    const testkit = fakeTestkit(({ name }) =>
      name === 'p/a' ? new Error('seeds 1 to 4: its process died') : name === 'p/b' ? ran(3, { seed: 3, message: 'wrong' }) : ran(1),
    )
    expect(await runScenarios(testkit, scenarios, {}, line => lines.push(line))).toBe(false)
    expect(lines[0]).toBe('sim: p/a: broken: seeds 1 to 4: its process died')
    expect(lines).toContain('report of seed 3')
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^sim: p\/c: 1 seed in /),
      expect.stringMatching(/^sim: 3 scenarios: 4 seeds in /),
      'sim: not right: p/a is broken, p/b failed with seed 3',
    ])
  })

  it('say that one alone is broken, too', async () => {
    const lines: string[] = []
    expect(
      await runScenarios(
        fakeTestkit(() => new Error('it hangs')),
        [scenarioNamed('a')],
        {},
        line => lines.push(line),
      ),
    ).toBe(false)
    expect(lines).toEqual(['sim: p/a: broken: it hangs'])
  })

  it('share a time, and what one leaves of its share', async () => {
    let now = 500
    const testkit = fakeTestkit(({ name }) => {
      now += name === 'p/a' ? 20 : 40
      return ran(1)
    })
    await runScenarios(
      testkit,
      scenarios,
      { maxMs: 120, processes: 2 },
      () => undefined,
      () => now,
    )
    expect(testkit.asked.map(({ maxMs, processes }) => [maxMs, processes])).toEqual([
      [40, 2],
      [50, 2],
      [60, 2],
    ])
  })

  it('get a quarter of their share at least, when one has taken the time of all', async () => {
    let now = 0
    const testkit = fakeTestkit(() => {
      now += 1_000
      return now === 1_000 ? new Error('it hangs') : ran(1)
    })
    await runScenarios(
      testkit,
      scenarios,
      { maxMs: 120 },
      () => undefined,
      () => now,
    )
    expect(testkit.asked.map(({ maxMs }) => maxMs)).toEqual([40, 10, 10])
  })
})
