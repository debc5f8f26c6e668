import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { runProcess, SeededRandom, startProcess, temporaryDirectory } from '@disruptorx/testkit'
import { nodeFiles, openJournalStep } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { KIB, readAll } from './journals.ts'

const holder = fileURLToPath(new URL('./holder.ts', import.meta.url))
const command = process.execPath

describe('a journal in another process', () => {
  it('keeps this one out while it lives, names its process, and leaves nothing behind when it is killed', async () => {
    using dir = temporaryDirectory()
    const child = startProcess({ command, args: [holder, dir.path] })
    await child.waitForLine((line: string) => line === 'open')
    let refusal: unknown
    try {
      runBlocking(openJournalStep(nodeFiles(), { dir: dir.path }))
    } catch (error) {
      refusal = error
    }
    expect(isDisruptorError(refusal, 'DX_DIRECTORY_IN_USE') && refusal.details).toEqual({ dir: dir.path, pid: child.pid })
    child.kill('SIGKILL')
    await child.result
    const journal = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB }))
    runBlocking(journal.close())
  }, 60_000)

  it('is held by nobody when the process that its files name holds nothing, though that number is of a process that lives', () => {
    using dir = temporaryDirectory()
    for (const pid of [process.pid, process.ppid, 1]) {
      writeFileSync(dir.join('lock'), '')
      writeFileSync(dir.join('lock.pid'), `${pid}\n`)
      const journal = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB }))
      expect(readFileSync(dir.join('lock.pid'), 'utf8')).toBe(`${process.pid}\n`)
      runBlocking(journal.close())
    }
  })

  it('killed at any moment, has every entry that it called durable', async () => {
    using dir = temporaryDirectory()
    const random = new SeededRandom(7)
    for (let round = 0, acknowledged = 0; round < 6; round++) {
      const killAfter = random.between(1, 120)
      let printed = 0
      await runProcess({
        command,
        args: [holder, dir.path],
        killWhen: line => {
          if (line !== 'open') acknowledged = Number(line)
          return line !== 'open' && ++printed >= killAfter
        },
      })
      const journal = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 64 * KIB, verify: 'all' }))
      const found = readAll(journal)
      expect(found.length).toBeGreaterThanOrEqual(acknowledged)
      expect(found).toEqual(found.map((_, i) => `${i + 1}/`.padEnd((i + 1) % 3000, 'x')))
      runBlocking(journal.close())
    }
  }, 60_000)
})
