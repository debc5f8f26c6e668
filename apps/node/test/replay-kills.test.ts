import { setTimeout as sleep } from 'node:timers/promises'
import { type SeededRandom, temporaryDirectory, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { acknowledgedLine, disruptorx, linesOf, resumedLine, startDisruptorx, summaryOf } from './support/command.ts'
import { journaledNumbers } from './support/journal.ts'
import { hasRealOrders, REAL_ORDERS, writeOrders } from './support/orders.ts'

const KILLS = 25
/** A kill comes up to this long after the line at which it was decided. */
const MOST_DELAY_MS = 40

/** Runs the replay until it has acknowledged `line`, kills it soon after, and returns what it had said. */
async function runAndKill(args: readonly string[], line: number, random: SeededRandom): Promise<string> {
  await using running = startDisruptorx(args)
  await running.waitForLine(text => (acknowledgedLine(text) ?? 0) >= line)
  await sleep(random.below(MOST_DELAY_MS))
  running.kill('SIGKILL')
  const { stderr, signal } = await running.result
  expect(signal).toBe('SIGKILL')
  return stderr
}

/** Kills a replay spread over the file, and expects each run to go on where the one before was acknowledged. */
async function killAllAlong(file: string, random: SeededRandom): Promise<void> {
  using dir = temporaryDirectory()
  const straight = summaryOf(await disruptorx(['replay', file, '--json', '--data-dir', dir.join('straight')]))
  const lines = linesOf(file)
  const dataDir = dir.join('killed')
  const args = ['replay', file, '--json', '--data-dir', dataDir, '--progress-lines', '250']
  let acknowledged = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const stderr = await runAndKill([...args, '--rate', '12000'], Math.floor((lines * kill) / (KILLS + 1)), random)
    if (kill > 1) expect(resumedLine(stderr)).toBeGreaterThan(acknowledged)
    acknowledged = acknowledgedLine(stderr) ?? acknowledged
    expect(acknowledged).toBeLessThan(lines)
  }
  const last = await disruptorx(args)
  expect(resumedLine(last.stderr)).toBeGreaterThan(acknowledged)
  expect(summaryOf(last)).toEqual(straight)
  expect(journaledNumbers(dataDir)).toEqual(Array.from({ length: straight.events as number }, (_, at) => at + 1))

  const again = await disruptorx(args)
  expect(again.stderr).toContain('finished before')
  expect(summaryOf(again)).toEqual(straight)
}

describe('a replay that is killed 25 times, spread over its file', () => {
  it.concurrent('ends with the same summary, and journals each message once', async () => {
    using dir = temporaryDirectory()
    const file = writeOrders(dir.join('orders.csv'), 11, 60_000)
    await withSeed('kills on a generated file', random => killAllAlong(file, random))
  }, 120_000)

  it.skipIf(!hasRealOrders).concurrent(
    'does so on an hour of real orders',
    () => withSeed('kills on the real file', random => killAllAlong(REAL_ORDERS, random)),
    120_000,
  )
})
