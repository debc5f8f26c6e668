import { fileURLToPath } from 'node:url'
import { runBlocking } from '@disruptorx/contracts/internal'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { type JournalStep, nodeFiles, type OverlappedFiles, openJournalStep, overlappedFiles } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { OverlappedStep } from '../src/platform/overlapped-step.ts'
import { appendText, codeOf, KIB, readAll, rejection } from './journals.ts'
import { faultyThread } from './overlapped/faulty-thread.ts'

const dirOptions = { segmentBytes: 256 * KIB, maxBatchBytes: 16 * KIB }

function open(dir: string, files: OverlappedFiles): JournalStep {
  return runBlocking(openJournalStep(files, { dir, ...dirOptions }))
}

/** Appends, and lets the event loop turn, until a batch was left to the other thread. */
async function appendUntilBusy(journal: JournalStep, files: OverlappedFiles): Promise<void> {
  while (!files.busy) {
    appendText(journal, `${journal.log(0).lastIndex + 1}/`.padEnd(500, 'x'))
    journal.step()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

/** A journal that has left a batch to the other thread. */
async function openBusy(
  dir: string,
  worker?: Parameters<typeof faultyThread>[0],
): Promise<{ files: OverlappedFiles; journal: JournalStep }> {
  const files = overlappedFiles({ leastBytes: 1, ...(worker && { workerUrl: faultyThread(worker) }) })
  const journal = open(dir, files)
  await appendUntilBusy(journal, files)
  return { files, journal }
}

/** Opens the directory once more, and checks that it holds exactly this. */
function checkReopened(dir: string, expected: readonly string[]): void {
  const again = runBlocking(openJournalStep(nodeFiles(), { dir, ...dirOptions, verify: 'all' }))
  expect(again.recovery.cut).toBeUndefined()
  expect(readAll(again)).toEqual(expected)
  runBlocking(again.close())
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}/`.padEnd(500, 'x'))

describe('a journal whose batches another thread writes and syncs', () => {
  it('gathers while a batch is under way, calls nothing durable before it is done, and everything after', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path)
    for (let overlapped = 0; overlapped < 100; ) {
      const lsn = appendText(journal, `${journal.log(0).lastIndex + 1}/`.padEnd(500, 'x'))
      const before = journal.durableLsn
      journal.step()
      if (files.busy) {
        overlapped++
        const next = appendText(journal, `${journal.log(0).lastIndex + 1}/`.padEnd(500, 'x'))
        expect(next).toBe(lsn + 1)
        expect(journal.durableLsn).toBeLessThan(next)
        expect(journal.durableLsn).toBeGreaterThanOrEqual(before)
      }
      while (files.busy) {
        files.wait(10)
        journal.step()
      }
      expect(journal.durableLsn).toBeGreaterThanOrEqual(lsn)
    }
    const { lastIndex } = journal.log(0)
    files.run(journal.close())
    files.close()
    checkReopened(dir.path, texts(lastIndex))
  })

  it.each([
    ['a write', 'fails-to-write', { code: 'ENOSPC', syscall: 'write' }],
    ['a sync', 'fails-to-sync', { code: 'EIO', syscall: 'fdatasync' }],
  ] as const)('stops for good when %s fails, as when it does that itself, and tells every waiter', async (operation, worker, cause) => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path, worker)
    const { durableLsn, lastLsn } = journal
    // One for what is on its way, and one for what only gathers.
    const waiters = [lastLsn, appendText(journal, 'behind it')].map(lsn => rejection(journal.durable(lsn)))
    files.wait(60_000)
    journal.step()
    expect(journal.failure).toMatchObject({ code: 'DX_JOURNAL_STOPPED', details: { operation, durableLsn }, cause })
    expect(await Promise.all(waiters)).toEqual([journal.failure, journal.failure])
    expect(codeOf(() => appendText(journal, 'late'))).toBe('DX_JOURNAL_STOPPED')
    expect(journal.durableLsn).toBe(durableLsn)
    files.run(journal.close())
    runBlocking(runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, ...dirOptions })).close())
  })

  it('writes what is left when that thread could write only a part', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path, 'writes-half')
    for (let i = 0; i < 100; i++) {
      const lsn = appendText(journal, `${journal.log(0).lastIndex + 1}/`.padEnd(500, 'x'))
      while (journal.durableLsn < lsn) if (journal.step() !== 0) files.wait(10)
    }
    const { lastIndex } = journal.log(0)
    files.run(journal.close())
    files.close()
    checkReopened(dir.path, texts(lastIndex))
  })

  it('stops for good when that thread dies meanwhile', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path, 'dies')
    files.wait(60_000)
    journal.step()
    expect(journal.failure).toMatchObject({ code: 'DX_JOURNAL_STOPPED', cause: { code: 'DX_THREAD_DIED' } })
    files.run(journal.close())
  })

  it('is closed while a batch is under way, and has everything that was asked', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path)
    const { lastIndex } = journal.log(0)
    appendText(journal, 'behind it')
    files.run(journal.close())
    files.close()
    checkReopened(dir.path, [...texts(lastIndex), 'behind it'])
  })

  it('writes and syncs itself when that thread cannot be started', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 1, workerUrl: faultyThread('breaks') })
    const journal = open(dir.path, files)
    for (let i = 1; i <= 50; i++) {
      expect(journal.durableLsn).toBe(appendText(journal, `${i}/`.padEnd(500, 'x')) - 1)
      expect(journal.step()).toBe(0)
      expect(files.busy).toBe(false)
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    expect(readAll(journal)).toEqual(texts(50))
    runBlocking(journal.close())
  })

  it('is not closed while the disk hangs, which is told in time, and keeps its directory', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path, 'hangs')
    const { durableLsn } = journal
    for (let i = 0; i < 20; i++) {
      appendText(journal, 'more')
      expect(journal.step()).toBeGreaterThan(0)
      expect(files.wait(1)).toBe(false)
    }
    expect(journal.durableLsn).toBe(durableLsn)
    expect(codeOf(() => files.run(journal.close(), 20))).toBe('DX_TIMEOUT')
    expect(codeOf(() => runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, ...dirOptions })))).toBe('DX_DIRECTORY_IN_USE')
  })
})

describe('the step of a journal whose batches another thread writes and syncs', () => {
  /** Asks for entries, as the step that takes requests from a ring: as long as the batch has room. */
  function asking(journal: JournalStep, count: number) {
    let asked = count
    return {
      get asked() {
        return asked > 0
      },
      step() {
        const taken = asked > 0 && journal.hasRoom(500)
        if (taken) {
          appendText(journal, ''.padEnd(500, 'x'))
          asked--
        }
        const delayMs = journal.step()
        return taken ? 0 : delayMs
      },
    }
  }

  it('does all that was asked before it ends', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path)
    const { lastIndex } = journal.log(0)
    const inner = asking(journal, 300)
    new OverlappedStep(inner, files, 60_000).drain()
    expect([inner.asked, journal.log(0).lastIndex]).toEqual([false, lastIndex + 300])
    files.run(journal.close())
    files.close()
  })

  it('gives up on a disk that hangs', async () => {
    using dir = temporaryDirectory()
    const { files, journal } = await openBusy(dir.path, 'hangs')
    const inner = asking(journal, 10_000)
    const step = new OverlappedStep(inner, files, 50)
    expect(codeOf(() => step.drain())).toBe('DX_TIMEOUT')
    expect(inner.asked).toBe(true)
    expect(journal.failure).toBeUndefined()
  })
})

describe('a process whose batches another thread writes and syncs', () => {
  const program = (name: string) => fileURLToPath(new URL(`./overlapped/${name}-program.ts`, import.meta.url))

  it.each([
    ['with a log on its disk', 'durable', 'idle', []],
    ['with a log on a disk that hangs', 'full', 'idle', [faultyThread('hangs').href]],
    ['with a journal on its own thread', 'left', 'stepping', []],
  ])('ends when it has nothing to do, though nothing was closed: %s', async (_, printed, name, args) => {
    using dir = temporaryDirectory()
    const result = await runProcess({ command: process.execPath, args: [program(name), dir.path, ...args], timeoutMs: 60_000 })
    expect(result).toMatchObject({ exitCode: 0, stdout: `${printed}\n` })
  })
})
