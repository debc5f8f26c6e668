import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { directoryArchive, openJournal } from 'disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runHere } from './support/in-process.ts'

let dir: TemporaryDirectory

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

const wal = (...args: string[]) => runHere(['wal', ...args], dir.path)

/** The archive of a journal of which one segment is full, and the journal away. */
async function makeArchive(): Promise<void> {
  const archive = { to: directoryArchive(dir.join('archive')) }
  const journal = await openJournal(dir.join('live'), { segmentBytes: 64 * 1024, archive })
  const log = journal.log(1)
  for (let i = 1; i <= 20; i++) await journal.durable(log.append(new TextEncoder().encode(`${i}`.padEnd(3000, '.')), 1).lsn)
  await expect.poll(async () => (await archive.to.list('')).filter(name => name.endsWith('.json')).length, { timeout: 60_000 }).toBe(2)
  await journal.close()
  rmSync(dir.join('live'), { recursive: true })
}

describe('disruptorx wal on an archive', () => {
  it('inspects, verifies, dumps and exports it as it does a journal', async () => {
    await makeArchive()
    const inspected = await wal('inspect', 'archive')
    expect([inspected.exitCode, inspected.stdout]).toEqual([
      0,
      expect.stringContaining('state      an archive: full segments of a journal\n'),
    ])
    const verified = await wal('verify', 'archive')
    expect([verified.exitCode, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/: 1 segment, \d+ batches, \d+ records, LSN 1 to \d+: sound\n$/),
    ])
    const entries = (await wal('dump', 'archive', '--kind', 'entry', '--no-data')).stdout.trim().split('\n')
    expect(JSON.parse(entries.at(0) ?? '')).toMatchObject({ lsn: 1, log: 1, index: 1, bytes: 3000 })
    const exported = await wal('export', 'archive', '-', '--log', '1', '--framing', 'line')
    expect(exported.stdout.trim().split('\n')).toEqual(entries.map((_, i) => `${i + 1}`.padEnd(3000, '.')))
  })

  it('exits with 1 when a segment of it is damaged', async () => {
    await makeArchive()
    const path = dir.join('archive/000001.seg')
    const content = readFileSync(path)
    content[4096 + 170] = (content[4096 + 170] as number) ^ 1
    writeFileSync(path, content)
    const verified = await wal('verify', 'archive')
    expect([verified.exitCode, verified.stdout]).toEqual([1, expect.stringMatching(/^DAMAGED {2}segment 000001 at 4,096: /)])
  })
})
