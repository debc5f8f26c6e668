import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inspectionText, inspectJournal, verificationText, verifyJournal } from '../src/tools.ts'
import { ArchivedJournal } from './archive/archived-journal.ts'
import { MemoryArchive } from './archive/memory-archive.ts'

let dir: TemporaryDirectory

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

const encryption = { write: 'k1', keys: { k1: new Uint8Array(32).fill(5) } }

/** Makes the archive of a journal of five full segments, as files. */
async function make(options = {}): Promise<void> {
  const archive = new MemoryArchive()
  const archived = new ArchivedJournal({ to: archive }, options)
  archived.append(22)
  archived.journal.log(0).truncateBefore(12)
  archived.step()
  await archived.archive()
  for (const [name, content] of archive.objects) writeFileSync(dir.join(name), content)
}

function damage(name: string, offset: number): void {
  const content = readFileSync(dir.join(name))
  content[offset] = (content[offset] as number) ^ 1
  writeFileSync(dir.join(name), content)
}

const verified = async (options = {}) =>
  verificationText(await verifyJournal(dir.path, options))
    .replaceAll(dir.path, 'DIR')
    .split('\n')

describe('verifying an archive in a directory', () => {
  it('finds a sound one sound', async () => {
    await make()
    expect(await verified()).toMatchInlineSnapshot(`
      [
        "DIR: 5 segments, 10 batches, 20 records, LSN 1 to 20: sound",
      ]
    `)
  })

  it('says of each damage what it is, and what is lost with it', async () => {
    await make()
    damage('000001.seg', 4096 + 300)
    damage('000002.seg', 3000)
    damage('000003.json', 20)
    rmSync(dir.join('000004.seg'))
    rmSync(dir.join('000005.json'))
    damage('journal.json', 10)
    expect(await verified()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001: journal.json: it is not what was put there",
        "DAMAGED  segment 000001 at 4,096: the records of the batch are damaged; cannot be read: LSN 1 to 4",
        "DAMAGED  segment 000002: it is not what was put there; its batches are good",
        "DAMAGED  segment 000003: its card: it is not what was put there",
        "DAMAGED  segment 000004: the file is missing; cannot be read: LSN 13 to 16",
        "note     segment 000005: it is not archived yet: the copying was interrupted, and is done again",
        "DIR: 5 segments, 2 batches, 4 records, LSN 1 to 16: damaged in 5 places; restore a backup, or ask a replica",
      ]
    `)
  })

  it('misses what lies between others', async () => {
    await make()
    for (const name of ['000002.seg', '000002.json', '000003.seg', '000003.json']) rmSync(dir.join(name))
    expect(await verified()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000002: it was given up, or is missing",
        "DIR: 3 segments, 6 batches, 12 records, LSN 1 to 20: damaged in 1 place; restore a backup, or ask a replica",
      ]
    `)
  })

  it('finds every flip of a bit', async () => {
    await make()
    for (const name of ['journal.json', '000001.json', '000001.seg', '000005.seg']) {
      const { length } = readFileSync(dir.join(name))
      for (let at = 1; at < length; at += name.endsWith('.seg') ? 499 : 13) {
        damage(name, at)
        expect([name, at, (await verifyJournal(dir.path)).problemCount > 0]).toEqual([name, at, true])
        damage(name, at)
      }
    }
    expect((await verifyJournal(dir.path)).problemCount).toBe(0)
  })

  it('needs no key, and looks at the records with it', async () => {
    await make({ encryption, compression: 'zstd' })
    expect((await verified())[0]).toMatch('segment 000001: it is encrypted with a key that was not given')
    expect(await verifyJournal(dir.path, { encryption })).toMatchObject({ problemCount: 0, notes: [] })
    damage('000001.seg', 4096 + 300)
    expect((await verifyJournal(dir.path)).problemCount).toBe(1)
  })

  it('is looked into as the journal that it is the beginning of', async () => {
    await make()
    expect(
      inspectionText(await inspectJournal(dir.path))
        .replaceAll(dir.path, 'DIR')
        .split('\n'),
    ).toMatchInlineSnapshot(`
      [
        "journal    c9ecbb16406ca90bd3639f9aaa94a873, format 2, in DIR",
        "state      an archive: full segments of a journal",
        "files      5 segments, 81.0 KiB in all",
        "LSN        1 to 20; the files prove everything up to 20 durable",
        "",
        "segment       size   first LSN   last LSN   records   epoch   use",
        "000001    16.0 KiB           1          4         4       1   sealed",
        "000002    16.0 KiB           5          8         4       1   sealed",
        "000003    16.0 KiB           9         12         4       1   sealed",
        "000004    16.0 KiB          13         16         4       1   sealed",
        "000005    16.0 KiB          17         20         4       1   newest, 12.0 KiB used",
        "",
        "log   entries   first index   last index   last term   snapshot   values",
        "  0        20             1           20           1   -          -",
      ]
    `)
  })
})
