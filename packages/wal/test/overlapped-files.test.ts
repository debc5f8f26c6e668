import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FileCall, runBlocking } from '@disruptorx/contracts/internal'
import { runProcess, temporaryDirectory } from '@disruptorx/testkit'
import { type JournalStep, nodeFiles, type OverlappedFiles, openJournalStep, overlappedFiles } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { OverlappedStep } from '../src/platform/overlapped-step.ts'
import { appendText, codeOf, KIB, readAll, rejection } from './journals.ts'

/** The thread for syncs, in one of the ways in which it can go wrong. */
function faultyThread(behaviour: 'breaks' | 'fails' | 'dies' | 'hangs'): URL {
  return new URL(`./overlapped/${behaviour}.ts`, import.meta.url)
}

const dirOptions = { segmentBytes: 256 * KIB, maxBatchBytes: 16 * KIB }

function open(dir: string, files: OverlappedFiles): JournalStep {
  return runBlocking(openJournalStep(files, { dir, ...dirOptions }))
}

/** Appends, and lets the event loop turn, until a sync was left to the other thread. */
async function appendUntilBusy(journal: JournalStep, files: OverlappedFiles): Promise<void> {
  while (!files.busy) {
    appendText(journal, `${journal.log(0).lastIndex + 1}/`.padEnd(500, 'x'))
    journal.step()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}/`.padEnd(500, 'x'))

describe('a journal whose syncs another thread waits for', () => {
  it('gathers while a sync is under way, calls nothing durable before it is done, and everything after', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 1 })
    const journal = open(dir.path, files)
    await appendUntilBusy(journal, files)
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
    const again = runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, ...dirOptions, verify: 'all' }))
    expect(again.recovery.cut).toBeUndefined()
    expect(readAll(again)).toEqual(texts(lastIndex))
    runBlocking(again.close())
  })

  it('stops for good when a sync fails, as when it waits itself, and tells every waiter', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 1, workerUrl: faultyThread('fails') })
    const journal = open(dir.path, files)
    await appendUntilBusy(journal, files)
    const { durableLsn, lastLsn } = journal
    const waiter = rejection(journal.durable(lastLsn))
    files.wait(10_000)
    journal.step()
    expect(journal.failure).toMatchObject({
      code: 'DX_JOURNAL_STOPPED',
      details: { operation: 'a sync', durableLsn },
      cause: { code: 'EIO', syscall: 'fdatasync' },
    })
    expect(await waiter).toBe(journal.failure)
    expect(codeOf(() => appendText(journal, 'late'))).toBe('DX_JOURNAL_STOPPED')
    expect(journal.durableLsn).toBe(durableLsn)
    files.run(journal.close())
    runBlocking(runBlocking(openJournalStep(nodeFiles(), { dir: dir.path, ...dirOptions })).close())
  })

  it('stops for good when that thread dies meanwhile', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 1, workerUrl: faultyThread('dies') })
    const journal = open(dir.path, files)
    await appendUntilBusy(journal, files)
    files.wait(10_000)
    journal.step()
    expect(journal.failure).toMatchObject({ code: 'DX_JOURNAL_STOPPED', cause: { code: 'DX_THREAD_DIED' } })
    files.run(journal.close())
  })

  it('syncs itself when that thread cannot be started', async () => {
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
    const files = overlappedFiles({ leastBytes: 1, workerUrl: faultyThread('hangs') })
    const journal = open(dir.path, files)
    await appendUntilBusy(journal, files)
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

describe('overlapped files', () => {
  /** A request for a file that was written to. */
  function request(operation: 'write' | 'datasync' | 'close' | 'size', handle: number): FileCall {
    return Object.assign(new FileCall(), { operation, handle, buffer: new Uint8Array(4096).fill(1), length: 4096 })
  }

  /** Writes and syncs until a sync was left to the other thread. */
  async function overlap(files: OverlappedFiles, handle: number): Promise<FileCall> {
    for (;;) {
      files.submit(request('write', handle))
      const sync = request('datasync', handle)
      files.submit(sync)
      if (sync.state === 'pending') return sync
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }

  function settle(files: OverlappedFiles, sync: FileCall): void {
    while (sync.state === 'pending') {
      files.wait(10)
      files.poll()
    }
  }

  it('let what comes for a file that is being synced wait, in order, and nothing else', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const [one, other] = [openSync(dir.join('one'), 'w+'), openSync(dir.join('other'), 'w+')]
    const sync = await overlap(files, one)
    const behind = [Object.assign(request('write', one), { position: 4096 }), request('size', one), request('close', one)]
    for (const each of behind) {
      files.submit(each)
      expect(each.state).toBe('pending')
    }
    for (const operation of ['write', 'datasync', 'close'] as const) {
      const elsewhere = request(operation, other)
      files.submit(elsewhere)
      expect(elsewhere.state).toBe('done')
    }
    settle(files, sync)
    expect(sync).toMatchObject({ state: 'done', result: 0 })
    expect(behind.map(({ state, result }) => [state, result])).toEqual([
      ['done', 4096],
      ['done', 8192],
      ['done', 0],
    ])
    expect(readFileSync(dir.join('one')).length).toBe(8192)
    files.close()
  })

  it("give the system's error of a sync that another thread asked for", async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 4096 })
    const handle = openSync(dir.join('file'), 'w+')
    settle(files, await overlap(files, handle))
    files.submit(request('write', handle))
    closeSync(handle)
    const sync = request('datasync', handle)
    files.submit(sync)
    expect(sync.state).toBe('pending')
    settle(files, sync)
    expect(sync).toMatchObject({ state: 'failed', error: { code: 'EBADF', syscall: 'fdatasync' } })
    files.close()
  })

  it('sync on their own thread what is less than asked for, and everything once they are closed', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 8192 })
    const handle = openSync(dir.join('file'), 'w+')
    const write = () => files.submit(request('write', handle))
    const sync = () => {
      const call = request('datasync', handle)
      files.submit(call)
      return call
    }
    write()
    expect(sync().state).toBe('done')
    for (let last = sync(); last.state !== 'pending'; last = sync()) {
      write()
      write()
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    while (files.busy) {
      files.wait(10)
      files.poll()
    }
    // What was synced once does not count again.
    write()
    expect(sync().state).toBe('done')
    write()
    expect(sync().state).toBe('done')
    files.close()
    files.close()
    write()
    write()
    expect(sync().state).toBe('done')
    closeSync(handle)
  })

  it('refuse a bound that is none', () => {
    expect(codeOf(() => overlappedFiles({ leastBytes: 0 }))).toBe('DX_OPTION')
    expect(overlappedFiles({ leastBytes: 1 }).busy).toBe(false)
    expect(overlappedFiles({ leastBytes: 1024 ** 3 }).busy).toBe(false)
    expect(codeOf(() => overlappedFiles({ leastBytes: 1024 ** 3 + 1 }))).toBe('DX_OPTION')
  })
})

describe('the step of a journal whose syncs another thread waits for', () => {
  it('does all that was asked before it ends, and gives up on a disk that hangs', async () => {
    using dir = temporaryDirectory()
    const files = overlappedFiles({ leastBytes: 1, workerUrl: faultyThread('hangs') })
    const journal = open(dir.path, files)
    let asked = 30
    const inner = {
      get asked() {
        return asked > 0
      },
      step() {
        // As the step that takes requests from a ring: as long as the batch has room.
        const taken = asked > 0 && journal.hasRoom(500)
        if (taken) {
          appendText(journal, ''.padEnd(500, 'x'))
          asked--
        }
        const delayMs = journal.step()
        return taken ? 0 : delayMs
      },
    }
    const step = new OverlappedStep(inner, files, 50)
    step.drain()
    expect(asked).toBe(0)
    await appendUntilBusy(journal, files)
    asked = 10_000
    expect(codeOf(() => step.drain())).toBe('DX_TIMEOUT')
    expect(asked).toBeGreaterThan(0)
    expect(journal.failure).toBeUndefined()
  })
})

describe('a process with a log that writes much', () => {
  const program = fileURLToPath(new URL('./overlapped/idle-program.ts', import.meta.url))

  it.each([
    ['its disk works', 'durable', []],
    ['its disk hangs', 'full', [faultyThread('hangs').href]],
  ])('ends when it has nothing to do, though the log is open: %s', async (_, printed, args) => {
    using dir = temporaryDirectory()
    const result = await runProcess({ command: process.execPath, args: [program, dir.path, ...args], timeoutMs: 20_000 })
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stdout).toContain(printed)
  })
})
