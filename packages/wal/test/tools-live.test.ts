import { fileURLToPath } from 'node:url'
import { isDisruptorError } from '@disruptorx/contracts'
import { startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { dumpJournal, exportEntries, inspectJournal, verificationText, verifyJournal } from '../src/tools.ts'

const writer = fileURLToPath(new URL('./tools-writer.ts', import.meta.url))

describe('the tools on a journal that another process is writing', () => {
  it('see it sound at every moment, and give entries without gaps', async () => {
    using dir = temporaryDirectory()
    const child = startProcess({ command: process.execPath, args: [writer, dir.path] })
    await child.waitForLine((line: string) => line === '500')
    let lastLsn = 0
    for (let round = 0; round < 6; round++) {
      if (round === 5) await child.waitForLine((line: string) => line === '1000')
      const inspection = await inspectJournal(dir.path)
      expect(inspection).toMatchObject({ holder: child.pid, closed: false })
      expect(inspection.lastLsn).toBeGreaterThanOrEqual(lastLsn)
      expect(inspection.firstLsn).toBeLessThanOrEqual(inspection.lastLsn)
      lastLsn = inspection.lastLsn
      const verification = await verifyJournal(dir.path)
      expect(verification.problems, verificationText(verification)).toEqual([])
      let lsn = 0
      for await (const record of dumpJournal(dir.path)) {
        expect(record.kind).not.toBe('damage')
        if (record.kind === 'damage') break
        expect(record.lsn).toBeGreaterThan(lsn)
        lsn = record.lsn
      }
      for (const log of [1, 3]) await exportWhole(dir.path, log)
    }
    child.kill('SIGKILL')
    await child.result
    expect((await verifyJournal(dir.path)).problems).toEqual([])
    for (const log of [1, 2, 3]) await exportWhole(dir.path, log)
  }, 60_000)
})

/** Exports the newest 100 entries of a log, and expects each to be the one that was written as such. */
async function exportWhole(dir: string, log: number): Promise<void> {
  // The writer removes what is old, and may be quicker than this process.
  for (let attempt = 1; ; attempt++) {
    const found = (await inspectJournal(dir)).logs.find(each => each.log === log)
    const from = Math.max(found?.firstIndex ?? 1, (found?.lastIndex ?? 0) - 100)
    let next = from
    try {
      for await (const { index, data } of exportEntries(dir, { log, from })) {
        expect(index).toBe(next++)
        expect(new TextDecoder().decode(data)).toMatch(new RegExp(`^${index}/[xy]*$`))
      }
      expect(next).toBeGreaterThan(from)
      return
    } catch (error) {
      if (attempt === 10 || !isDisruptorError(error, 'DX_INDEX_TRUNCATED')) throw error
    }
  }
}
