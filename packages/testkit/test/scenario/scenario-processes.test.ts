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

  it.each([
    ['throws', `throw new Error('broken scenario')`, 'broken scenario'],
    ['hangs', 'await new Promise(() => {})', 'hangs: nothing in 300 ms'],
    ['exits', 'process.exit(3)', 'its process ended with 3'],
  ])('says so when the scenario %s', async (_what, body, message) => {
    using made = scenarioFile(body)
    await expect(runScenarioFile({ file: made.file, name: 'p/made', processes: 1, hangMs: 300 })).rejects.toThrow(message)
  })

  it('says so when there is no scenario', async () => {
    using dir = temporaryDirectory()
    const file = dir.join('a.scenario.mjs')
    writeFileSync(file, 'export default 7')
    await expect(runScenarioFile({ file, name: 'p/a', processes: 1 })).rejects.toThrow('has no scenario as its default export')
  })
})
