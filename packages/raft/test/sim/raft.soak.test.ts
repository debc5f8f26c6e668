import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addCoverage, runScenarioFile } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'

/** What is left of the slice's time after the hunt goes to more seeds. */
const endsAt = performance.now() + Number(process.env.DISRUPTORX_SOAK_MS ?? 5_000) * 0.9
/** `npm test` and the hunt begin at 1. */
const FIRST_SEED = 100_001
/** Of each scenario, if there is the time. More are for `npm run sim -- --minutes`. */
const SEEDS = 2_500
const LEAST_MS = 5_000
const ending = '.scenario.ts'
const scenarios = readdirSync(new URL('.', import.meta.url)).filter(file => file.endsWith(ending))

describe('groups under faults', () => {
  it('show every planted mistake within 2,000 seeds, on which the true code is right', () => {
    const main = fileURLToPath(new URL('../../../../tools/sim/main.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--bugs', '--scenario', 'raft/', '--seeds', '2000'], {
      encoding: 'utf8',
    })
    console.log(stdout)
    expect(status, `${stdout}${stderr}`).toBe(0)
  })

  it('never break what must be true of them, and go on when all is well, whatever strikes them', async () => {
    let coverage = {}
    for (const [i, name] of scenarios.entries()) {
      const maxMs = Math.max(LEAST_MS, (endsAt - performance.now()) / (scenarios.length - i))
      const file = fileURLToPath(new URL(name, import.meta.url))
      const id = `raft/${name.slice(0, -ending.length)}`
      const { totals, failed, elapsedMs } = await runScenarioFile({ file, name: id, firstSeed: FIRST_SEED, seeds: SEEDS, maxMs })
      if (failed !== undefined) throw new Error(failed.report.join('\n'))
      expect(totals.runs, id).toBeGreaterThan(0)
      const hours = (totals.simulatedMs / 3_600_000).toFixed(1)
      console.log(`${id}: ${totals.runs} seeds in ${(elapsedMs / 1_000).toFixed(0)} s, ${hours} h simulated`, totals.facts)
      coverage = addCoverage(coverage, totals.coverage)
    }
    console.log(coverage)
  })
})
