import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { runProcess, SeededRandom, startProcess, type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { FormatTooNewError, type Journal, type JournalOptions, openJournal } from '@disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encode, KIB, rejection, textsOf } from './journals.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const command = process.execPath

describe('a journal on a thread of its own', () => {
  let dir: TemporaryDirectory
  let open: Journal[]

  beforeEach(() => {
    dir = temporaryDirectory()
    open = []
  })

  afterEach(async () => {
    for (const journal of open) await rejection(journal.close())
    dir.dispose()
  })

  async function openIn(options: JournalOptions = {}): Promise<Journal> {
    const journal = await openJournal(dir.path, { segmentBytes: 64 * KIB, ...options })
    open.push(journal)
    return journal
  }

  it('keeps a hundred logs apart, which come and go while it runs', async () => {
    const random = new SeededRandom(3)
    const expected = new Map<number, string[]>()
    let journal = await openIn({ bufferBytes: 64 * KIB, maxRecordBytes: KIB })
    for (let life = 0; life < 3; life++) {
      for (let round = 0; round < 3000; round++) {
        const id = random.below(100)
        const text = `${id}/${life}/${round}/`.padEnd(random.below(300), 'x')
        if (random.chance(0.01) && expected.has(id)) {
          journal.dropLog(id)
          expected.delete(id)
        } else {
          journal.log(id).append(encode(text))
          expected.set(id, [...(expected.get(id) ?? []), text])
        }
        if (round % 100 === 0) await journal.durable(journal.lastLsn)
      }
      await journal.close()
      journal = await openIn({ bufferBytes: 64 * KIB, maxRecordBytes: KIB })
      expect(journal.logIds).toEqual([...expected.keys()].sort((a, b) => a - b))
      for (const [id, texts] of expected) expect(await textsOf(journal.log(id))).toEqual(texts)
    }
  })

  it('lets no log that lags hold up its segments, and gives durable LSNs all the same', async () => {
    const journal = await openIn({ segmentBytes: 16 * KIB })
    const [lagging, busy] = [journal.log(1), journal.log(2)]
    for (let i = 1; i <= 400; i++) {
      if (i % 40 === 0) lagging.append(encode(`kept ${i / 40}`))
      const { index, lsn } = busy.append(encode(`${i}/`.padEnd(1000, 'x')))
      if (i % 10 === 0) busy.truncateBefore(index - 5)
      await journal.durable(lsn)
      expect(busy.durableIndex).toBeGreaterThanOrEqual(index)
    }
    // Another thread takes segments away, in its own time; what is known of them changes with the journal's steps.
    while (journal.stats().bytesOnDisk >= 20 * 16 * KIB) {
      const { index, lsn } = busy.append(new Uint8Array(1))
      busy.truncateBefore(index - 5)
      await journal.durable(lsn)
    }
    await journal.durable(journal.lastLsn)
    const { lastLsn } = journal
    expect(await textsOf(lagging)).toEqual(Array.from({ length: 10 }, (_, i) => `kept ${i + 1}`))
    await journal.close()
    const again = await openIn({ segmentBytes: 16 * KIB, verify: 'all' })
    // Entries that were written again have LSNs too.
    expect(again.lastLsn).toBeGreaterThan(lastLsn + 10)
    expect(await textsOf(again.log(1))).toHaveLength(10)
  })

  it('is waited for by other threads, which are told when it ends first', async () => {
    const journal = await openIn({ durability: 'fsync' })
    const waits = await Promise.all(
      [1, 2].map(async lsn => {
        const worker = new Worker(path('./barrier-worker.ts'), { workerData: { progress: journal.progress, lsn } })
        const messages: unknown[] = []
        const exited = new Promise(resolve => worker.on('exit', resolve))
        await new Promise<void>(resolve =>
          worker.on('message', message => {
            messages.push(message)
            resolve()
          }),
        )
        return { messages, exited }
      }),
    )
    const { lsn } = journal.log(1).append(encode('one'))
    await waits[0]?.exited
    expect(waits[0]?.messages).toEqual(['waiting', lsn])
    await journal.close()
    await waits[1]?.exited
    expect(waits[1]?.messages).toEqual(['waiting', 1])
  })

  it('refuses a batch that can never find room, and takes all or nothing of one that does not now', async () => {
    const journal = await openIn({ bufferBytes: 64 * KIB })
    const log = journal.log(1)
    const entry = new Uint8Array(4000)
    expect(() => log.appendBatch(Array.from({ length: 9 }, () => entry))).toThrow('together at most half of bufferBytes')
    let refused = 0
    for (let batches = 0; batches < 40; ) {
      const before = log.lastIndex as number
      try {
        log.appendBatch(Array.from({ length: 7 }, () => entry))
        batches++
      } catch (error) {
        expect(error).toMatchObject({ code: 'DX_LOG_FULL', details: { bufferBytes: 64 * KIB } })
        expect(log.lastIndex).toBe(before)
        refused++
        await journal.room()
      }
    }
    expect(refused).toBeGreaterThan(0)
    await journal.durable(journal.lastLsn)
    expect([log.durableIndex, (await textsOf(log)).length]).toEqual([280, 280])
  })

  it('shows what it amounts to', async () => {
    const journal = await openIn({ durability: 'none' })
    const { lsn } = journal.log(1).append(new Uint8Array(1000))
    await journal.durable(lsn)
    expect(journal.stats()).toMatchObject({ bytesWritten: 4 * KIB, bufferedBytes: 0, segmentsMadeInline: 0 })
    expect([journal.durableLsn, journal.syncedLsn, journal.recovery.records]).toEqual([1, 0, 0])
  })

  it('tells everybody when its disk fails, and refuses all from then on', async () => {
    const journal = await openIn({ spareSegments: 0 })
    const log = journal.log(1)
    await journal.durable(log.append(encode('one')).lsn)
    const follower = rejection((log.read(2, { follow: true })[Symbol.asyncIterator]() as AsyncGenerator).next())
    rmSync(dir.path, { recursive: true })
    // Sooner or later a new segment is due, and its directory is gone.
    let failure: unknown
    for (let i = 0; i < 20 && failure === undefined; i++) failure = await rejection(log.durable(log.append(new Uint8Array(8 * KIB)).lsn))
    expect(failure).toMatchObject({ code: 'DX_JOURNAL_STOPPED', cause: { code: 'ENOENT' }, details: { durableLsn: journal.durableLsn } })
    await follower
    const refusals = [journal.durable(journal.lastLsn), journal.room(), log.entry(1), journal.close()]
    for (const refusal of refusals) expect(await rejection(refusal)).toMatchObject({ code: 'DX_JOURNAL_STOPPED' })
    expect(() => log.append(encode('late'))).toThrow('the journal stopped')
    expect(() => journal.log(2).setValue('vote', encode('x'))).toThrow('the journal stopped')
    expect(journal.failure?.code).toBe('DX_JOURNAL_STOPPED')
    await journal.durable(journal.durableLsn)
    open = []
  })

  it('that cannot be opened says why by the same errors as on this thread', async () => {
    const journal = await openIn()
    journal.log(1).append(encode('one'))
    await journal.close()
    const name = dir.join('000001.seg')
    const bytes = readFileSync(name)
    bytes[8] = 99
    writeFileSync(name, bytes)
    const error = await rejection(openIn())
    expect(error).toBeInstanceOf(FormatTooNewError)
    expect(error).toMatchObject({ code: 'DX_FORMAT_TOO_NEW', details: { found: 99 } })
    await expect(openJournal('')).rejects.toMatchObject({ code: 'DX_OPTION', details: { option: 'dir' } })
    const workerUrl = new URL('file:///nowhere/worker.js')
    expect(await rejection(openIn({ workerUrl }))).toMatchObject({ code: 'DX_THREAD_DIED' })
  })
})

describe('a journal on a thread, in another process', () => {
  it('killed at any moment, has what it called durable, and leaves a directory that opens at once', async () => {
    using dir = temporaryDirectory()
    const random = new SeededRandom(11)
    for (let life = 0, acknowledged = 0; life < 4; life++) {
      const killAfter = random.between(1, 60)
      let printed = 0
      await runProcess({
        command,
        args: [path('./journal-holder.ts'), 'hold', dir.path],
        killWhen: line => {
          if (line !== 'open') acknowledged = Number(line)
          return line !== 'open' && ++printed >= killAfter
        },
      })
      const journal = await openJournal(dir.path, { segmentBytes: 64 * KIB, verify: 'all' })
      for (let id = 0; id < 5; id++) {
        const log = journal.log(id)
        const first = log.firstIndex as number
        const texts = await textsOf(log)
        expect(log.lastIndex).toBeGreaterThanOrEqual(acknowledged)
        expect(texts).toEqual(texts.map((_, i) => `${id}/${first + i}/`.padEnd(((first + i) * (id + 7)) % 2000, 'x')))
      }
      // Every log goes on from the same round.
      const last = Math.min(...[0, 1, 2, 3, 4].map(id => journal.log(id).lastIndex as number))
      for (let id = 0; id < 5; id++) journal.log(id).truncateAfter(last)
      await journal.close()
    }
  }, 60_000)

  it('is held by its process alone: not by a process id that another one has by now', async () => {
    using dir = temporaryDirectory()
    const child = startProcess({ command, args: [path('./journal-holder.ts'), 'hold', dir.path] })
    await child.waitForLine((line: string) => line === 'open')
    await expect(openJournal(dir.path)).rejects.toMatchObject({ code: 'DX_DIRECTORY_IN_USE', details: { dir: dir.path, pid: child.pid } })
    child.kill('SIGKILL')
    await child.result
    // As if the system had given the number of the dead holder to a process that lives.
    expect(readFileSync(dir.join('lock.pid'), 'utf8')).toBe(`${child.pid}\n`)
    writeFileSync(dir.join('lock.pid'), `${process.ppid}\n`)
    await (await openJournal(dir.path, { segmentBytes: 64 * KIB })).close()
    expect(readdirSync(dir.path)).not.toContain('lock.pid')
  }, 60_000)

  it('keeps its process only while somebody waits for it, or for its closing', async () => {
    using dir = temporaryDirectory()
    const { stdout, stderr, exitCode } = await runProcess({ command, args: [path('./journal-holder.ts'), 'once', dir.path] })
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'once\n', stderr: '', exitCode: 0 })
    const closing = await runProcess({ command, args: [path('./journal-holder.ts'), 'close', dir.path] })
    expect([closing.stdout, closing.stderr, closing.exitCode]).toEqual(['durable\nclosed\n', '', 0])
  }, 60_000)
})
