import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { addCoverage, diskFaultKinds, runScenarioFile } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'

/** Two cores that have nothing else to do take half of the slice's time; others get all of it and a little more. A shorter time means fewer disks. */
const soakMs = Number(process.env.DISRUPTORX_SOAK_MS)
const mostMs = soakMs < 180_000 ? soakMs * 0.35 : 110_000
/** Disks of each scenario, if there is the time. */
const SEEDS = 5_000
/** How often each kind of fault has to fire on all of them. */
const LEAST_FIRED = 100
/** One disk that lies of so many has to show at least one of these: a sixth, or less, of what is measured. Nobody misses damage that nobody finds. */
const disksFor = { 'damage met': 20, repaired: 100, 'repaired by the scrubber': 200 }

/** Runs seeds of a scenario on all cores. @throws the report of the first seed that fails */
async function runAll(name: string) {
  const file = fileURLToPath(new URL(`./${name}.scenario.ts`, import.meta.url))
  const { totals, failed, elapsedMs } = await runScenarioFile({ file, name: `wal/${name}`, seeds: SEEDS, maxMs: mostMs })
  if (failed !== undefined) throw new Error(failed.report.join('\n'))
  console.log(`wal/${name}: ${totals.runs} disks in ${(elapsedMs / 1_000).toFixed(1)} s, ${totals.facts.acknowledged} acknowledged`)
  return totals
}

describe('a journal on 10,000 simulated disks', () => {
  it('loses nothing that it acknowledged, shows nothing else, and refuses only what was damaged, which it finds; every kind of fault has fired often', async () => {
    const [honest, lying] = [await runAll('journal'), await runAll('damage')]
    const fired = addCoverage(honest.coverage, lying.coverage)
    const least = Math.ceil((LEAST_FIRED * (honest.runs + lying.runs)) / (2 * SEEDS))
    const seldom = diskFaultKinds.map(kind => [kind, fired[`disk.${kind}`] ?? 0] as const).filter(([, times]) => times < least)
    console.log(diskFaultKinds.map(kind => `${kind} ${fired[`disk.${kind}`]}`).join('  '))
    expect(seldom).toEqual([])
    for (const [what, disks] of Object.entries(disksFor))
      expect(lying.facts[what] ?? 0, what).toBeGreaterThanOrEqual(Math.floor(lying.runs / disks))
  })

  it('finds every planted bug within 1,000 of them, which are all right without it', () => {
    const main = fileURLToPath(new URL('../../../../tools/sim/main.ts', import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, '--bugs', '--scenario', 'wal/'], { encoding: 'utf8' })
    console.log(stdout)
    expect(status, `${stdout}${stderr}`).toBe(0)
  })
})
