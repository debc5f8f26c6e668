import { fileURLToPath } from 'node:url'
import { type FileRequest, isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { AsyncNodeFiles } from '../src/platform/async-node-files.ts'
import { JournalFiles } from '../src/tools/journal-files.ts'
import { verifyFiles } from '../src/tools/verify.ts'
import { dumpJournal, exportEntries, inspectJournal, verificationText, verifyJournal } from '../src/tools.ts'
import { openSmall } from './tools-journals.ts'

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

describe('the tools on a journal that is written faster than they look', () => {
  it('end, however much is written meanwhile, and find it sound', async () => {
    using dir = temporaryDirectory()
    const journal = openSmall(dir.path, { segmentBytes: 256 * 1024 })
    const log = journal.log(1)
    const write = () => {
      log.append(new Uint8Array(10), 1)
      journal.step()
    }
    write()
    let written = 0
    // Each look at the end of the segment, which is behind everything, comes after another batch.
    class Slow extends AsyncNodeFiles {
      override submit(request: FileRequest): void {
        const { operation, position, length } = request
        if (operation === 'read' && position + length >= 256 * 1024 && written < 50) {
          written++
          write()
        }
        super.submit(request)
      }
    }
    const verification = await verifyFiles(new JournalFiles(dir.path, {}, new Slow()), {})
    expect(verification.problems, verificationText(verification)).toEqual([])
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(10)
    runBlocking(journal.close())
  })
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
