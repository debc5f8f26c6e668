import { writeFileSync } from 'node:fs'
import { runScenarioFile, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'

/** A scenario as plain text: its run is the body given, with `seed` and `limits`. */
function scenarioFile(body: string) {
  const dir = temporaryDirectory()
  const file = dir.join('made.scenario.mjs')
  writeFileSync(
    file,
    `const result = { cut: false, events: 10, simulatedMs: 2, fingerprint: '', coverage: { 'disk.bitRot': 1 }, facts: {}, trace: [], traceDigest: '' }
export default { name: 'made', async run({ seed, limits }) { ${body} } }
`,
  )
  return { file, dir, [Symbol.dispose]: () => dir.dispose() }
}

const failAt = (condition: string) =>
  `return { ...result, seed, failure: ${condition} ? { kind: 'error', message: 'seed ' + seed + ' is wrong', stack: '', event: 10 } : undefined }`

describe('a scenario run in processes', () => {
  it('runs every seed once, and adds up', async () => {
    using made = scenarioFile(failAt('false'))
    const { totals, failed } = await runScenarioFile({ file: made.file, name: 'p/made', firstSeed: 5, seeds: 300, processes: 2 })
    expect(totals).toEqual({ runs: 300, events: 3_000, simulatedMs: 600, coverage: { 'disk.bitRot': 300 }, facts: {} })
    expect(failed).toBeUndefined()
  })

  it('reports the lowest seed that fails, whichever process met it first', async () => {
    using made = scenarioFile(`if (seed === 40) await new Promise(done => setTimeout(done, 200)); ${failAt('seed >= 40')}`)
    const { failed } = await runScenarioFile({ file: made.file, name: 'p/made', seeds: 1_000, processes: 2 })
    expect(failed).toMatchObject({ seed: 40, message: 'seed 40 is wrong', shortestEvents: 10 })
    expect(failed?.report.slice(0, 2)).toEqual([
      'p/made failed with seed 40: seed 40 is wrong',
      'repeat it: npm run sim -- --scenario p/made --seed 40 --trace',
    ])
  })

  it('ends when its time is over', async () => {
    using made = scenarioFile(`await new Promise(done => setTimeout(done, 5)); ${failAt('false')}`)
    const { totals } = await runScenarioFile({ file: made.file, name: 'p/made', maxMs: 400, processes: 1 })
    expect(totals.runs).toBeGreaterThan(0)
    expect(totals.runs).toBeLessThan(1_000)
  })

  it('runs some seeds however short its time is, and refuses a time that is none', async () => {
    using made = scenarioFile(failAt('false'))
    const { totals } = await runScenarioFile({ file: made.file, name: 'p/made', maxMs: 0.001, processes: 1 })
    expect(totals.runs).toBe(1)
    for (const maxMs of [0, -1, Number.NaN])
      await expect(runScenarioFile({ file: made.file, name: 'p/made', maxMs })).rejects.toThrow(`maxMs is ${maxMs}`)
  })

  const mistakes: [string, string, RegExp][] = [
    ['throws', `throw new Error('broken scenario')`, /seed 7: .*broken scenario/],
    ['exits', 'process.exit(3)', /seed 7: its process ended with 3/],
    ['exits as if all were well', 'process.exit(0)', /seed 7: its process ended with 0/],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, /seed 7: its process ended with SIGKILL/],
  ]

  const hang: (typeof mistakes)[number] = ['hangs', 'await new Promise(() => {})', /seed 7: it hangs: nothing in 300 ms/]

  it.each([...mistakes, hang])('says so, and with which seed, when the scenario %s', async (_what, body, message) => {
    using made = scenarioFile(body)
    await expect(runScenarioFile({ file: made.file, name: 'p/made', firstSeed: 7, processes: 1, hangMs: 300 })).rejects.toThrow(message)
  })

  it.each(mistakes)('keeps the seed that failed when the scenario %s with another one', async (_what, body, message) => {
    // The process that has seed 7 goes wrong after the other has met the seed that fails.
    using made = scenarioFile(`if (seed === 7) { await new Promise(done => setTimeout(done, 100)); ${body} } ${failAt('seed >= 8')}`)
    const { failed } = await runScenarioFile({ file: made.file, name: 'p/made', firstSeed: 7, seeds: 2, processes: 2 })
    expect(failed).toMatchObject({ seed: 8, message: 'seed 8 is wrong' })
    expect(failed?.report[0]).toBe('p/made failed with seed 8: seed 8 is wrong')
    expect(failed?.report.at(-1)).toMatch(message)
  })

  it.each(mistakes)('keeps the seed that failed when the scenario %s while it is looked into', async (_what, body) => {
    using made = scenarioFile(`if (globalThis.ranBefore) { ${body} } globalThis.ranBefore = true; ${failAt('true')}`)
    const { failed } = await runScenarioFile({ file: made.file, name: 'p/made', firstSeed: 7, seeds: 1, processes: 1 })
    expect(failed).toMatchObject({ seed: 7, message: 'seed 7 is wrong', shortestEvents: 0 })
    expect(failed?.report[0]).toBe('p/made failed with seed 7: seed 7 is wrong')
    expect(failed?.report.at(-1)).toMatch(/looking into seed 7/)
  })

  it('says so when there is no scenario', async () => {
    using dir = temporaryDirectory()
    const file = dir.join('a.scenario.mjs')
    writeFileSync(file, 'export default 7')
    await expect(runScenarioFile({ file, name: 'p/a', processes: 1 })).rejects.toThrow('has no scenario as its default export')
  })
})
