import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { runBlocking } from '@disruptorx/contracts/internal'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type DumpOptions,
  dumpJournal,
  type ExportOptions,
  exportEntries,
  inspectionText,
  inspectJournal,
  recordText,
  verificationText,
  verifyJournal,
} from '../src/tools.ts'
import { changeFile, flip, makeJournal, openSmall } from './tools-journals.ts'

let dir: TemporaryDirectory

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

/** What the tools say, with the directory's name taken out. */
const unplaced = (text: string) => text.replaceAll(dir.path, 'DIR').split('\n')
const inspection = async () => unplaced(inspectionText(await inspectJournal(dir.path)))
const verification = async () => unplaced(verificationText(await verifyJournal(dir.path)))

async function dump(filter?: DumpOptions): Promise<string[]> {
  const lines: string[] = []
  for await (const record of dumpJournal(dir.path, filter)) lines.push(recordText(record))
  return lines
}

async function exported(options: ExportOptions): Promise<string[]> {
  const found: string[] = []
  for await (const { index, term, data } of exportEntries(dir.path, options))
    found.push(`${index}:${term}:${data[0] === 0xff ? 'binary' : new TextDecoder().decode(data).replaceAll('.', '').trim()}`)
  return found
}

/** Changes bytes of a segment. */
const damage = (segment: number, offset: number, change: (bytes: Uint8Array) => void) =>
  changeFile(dir.join(`00000${segment}.seg`), offset, change)

/** Every file of the directory, with its content. */
const everything = () => readdirSync(dir.path).map(name => [name, readFileSync(dir.join(name)).toString('base64')])

describe('inspecting a journal', () => {
  it('says what it holds', async () => {
    makeJournal(dir.path)
    expect(await inspection()).toMatchInlineSnapshot(`
      [
        "journal    c9ecbb16406ca90bd3639f9aaa94a873, format 2, in DIR",
        "state      closed in good order",
        "held by    nobody, as far as the directory says",
        "files      3 segments, 192.0 KiB in all",
        "LSN        1 to 40; the files prove everything up to 39 durable",
        "",
        "segment       size   first LSN   last LSN   records   epoch   use",
        "000001    64.0 KiB           1         15        15       1   sealed",
        "000002    64.0 KiB          16         30        15       1   sealed",
        "000003    64.0 KiB          31         40        10       1   newest, 24.0 KiB used",
        "",
        "log   entries   first index   last index   last term   snapshot      values",
        "  1        28             3           30           1   20 (term 1)   -",
        "  7         4             1            4           4   -             vote",
      ]
    `)
  })

  it('says what a new one holds, which is in use', async () => {
    const journal = openSmall(dir.path)
    const lines = (await inspection()).map(line => line.replace(String(process.pid), 'PID'))
    runBlocking(journal.close())
    expect(lines).toMatchInlineSnapshot(`
      [
        "journal    c9ecbb16406ca90bd3639f9aaa94a873, format 2, in DIR",
        "state      not closed: it is being written, or its writer died",
        "held by    process PID, as far as the directory says",
        "files      1 segment, 64.0 KiB in all",
        "LSN        nothing written yet; the first is 1",
        "",
        "segment       size   first LSN   last LSN   records   epoch   use",
        "000001    64.0 KiB           -          -         0       1   newest, 4.0 KiB used",
        "",
        "no logs",
      ]
    `)
  })

  it('says which files are missing, and that the newest ends early', async () => {
    makeJournal(dir.path)
    rmSync(dir.join('000002.seg'))
    truncateSync(dir.join('000003.seg'), 20_000)
    expect(await inspection()).toMatchInlineSnapshot(`
      [
        "journal    c9ecbb16406ca90bd3639f9aaa94a873, format 2, in DIR",
        "state      not closed: it is being written, or its writer died",
        "held by    nobody, as far as the directory says",
        "files      2 segments, 83.5 KiB in all",
        "LSN        1 to 39; the files prove everything up to 35 durable",
        "MISSING    segment 000002",
        "DAMAGED    segment 000003 at 20,000: the file ends here instead of at 65,536; the logs are shown as far as they can be",
        "",
        "segment       size   first LSN   last LSN   records   epoch   use",
        "000001    64.0 KiB           1          ?         ?       1   sealed",
        "000003    64.0 KiB          31         39         9       1   newest, 20.0 KiB used",
        "",
        "log   entries   first index   last index   last term   snapshot      values",
        "  1        28             3           30           1   20 (term 1)   -",
        "  7         4             1            4           4   -             vote",
      ]
    `)
    expect((await dump()).filter(line => line.includes('damage'))).toEqual([
      '{"kind":"damage","segment":2,"offset":0,"reason":"the file is missing"}',
    ])
  })

  it('knows a journal that was closed by a footer, where there was no room for a mark', async () => {
    const journal = openSmall(dir.path, { segmentBytes: 16 * 1024, maxBatchBytes: 4096 })
    for (let i = 0; i < 2; i++) {
      journal.log(1).append(new Uint8Array(2000), 1)
      journal.step()
    }
    expect((await inspectJournal(dir.path)).closed).toBe(false)
    runBlocking(journal.close())
    expect(await inspectJournal(dir.path)).toMatchObject({ closed: true, lastLsn: 2, provenLsn: 2 })
    // The mark of an opening that finds no room is put off until the first change.
    const again = openSmall(dir.path, { segmentBytes: 16 * 1024, maxBatchBytes: 4096 })
    expect(await inspectJournal(dir.path)).toMatchObject({ closed: false, holder: process.pid, lastLsn: 2 })
    // As on a full disk, which has no room for the process id.
    writeFileSync(dir.join('lock.pid'), '')
    expect(await inspectJournal(dir.path)).toMatchObject({ closed: false, holder: undefined, lastLsn: 2 })
    runBlocking(again.close())
    expect(await inspectJournal(dir.path)).toMatchObject({ closed: true, holder: undefined, lastLsn: 2 })
  })

  it('refuses a directory without a journal, and a damaged header', async () => {
    await expect(inspectJournal(dir.join('none'))).rejects.toMatchObject({
      code: 'DX_NO_JOURNAL',
      details: { reason: 'it does not exist' },
    })
    await expect(inspectJournal(dir.path)).rejects.toMatchObject({ code: 'DX_NO_JOURNAL', details: { reason: 'it has no segment' } })
    writeFileSync(dir.join('logs.sqlite'), '')
    await expect(inspectJournal(dir.path)).rejects.toThrow('it holds a SQLite journal')
    await expect(inspectJournal(dir.join('logs.sqlite'))).rejects.toThrow('it is no directory')
    makeJournal(dir.path)
    damage(1, 40, flip)
    await expect(inspectJournal(dir.path)).rejects.toMatchObject({ code: 'DX_JOURNAL_CORRUPT', details: { segment: 1, offset: 0 } })
  })
})

describe('verifying a journal', () => {
  it('finds a sound one sound, and touches nothing', async () => {
    makeJournal(dir.path)
    const before = everything()
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DIR: 3 segments, 33 batches, 40 records, LSN 1 to 40: sound",
      ]
    `)
    await inspection()
    await dump()
    await exported({ log: 1 })
    expect(everything()).toEqual(before)
  })

  it('says which records and entries damage takes away, and goes on behind it', async () => {
    makeJournal(dir.path)
    damage(1, 4096 + 200, flip)
    damage(2, 8192 + 10, flip)
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001 at 4,096: the records of the batch are damaged; cannot be read: LSN 1, entry 1 of log 1",
        "DAMAGED  segment 000002 at 8,192: no batch where one belongs; cannot be read: LSN 17, entry 16 of log 1",
        "DIR: 3 segments, 31 batches, 38 records, LSN 1 to 40: damaged in 2 places; restore a backup, or ask a replica",
      ]
    `)
    const { problems } = await verifyJournal(dir.path)
    expect(problems[0]).toMatchObject({
      segment: 1,
      offset: 4096,
      lostLsns: { from: 1, to: 1 },
      lostEntries: [{ logId: 1, from: 1, to: 1 }],
    })
  })

  it('says of headers, files that are cut short and missing files what is wrong', async () => {
    makeJournal(dir.path)
    damage(1, 130, bytes => bytes.fill(1, 0, 4))
    damage(2, 10, flip)
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000002 at 0: segment 000002 has format version 65538 and this program reads up to 2; run the newer program that wrote it",
        "DIR: 3 segments, 33 batches, 40 records, LSN 1 to 40: damaged in 1 place; restore a backup, or ask a replica",
      ]
    `)
    dir.dispose()
    dir = temporaryDirectory()
    makeJournal(dir.path)
    truncateSync(dir.join('000001.seg'), 3 * 4096 + 100)
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001 at 12,288: the header of the batch is damaged; cannot be read: LSN 3 to 15",
        "note     segment 000001 at 12,388: the file ends here instead of at 65,536",
        "note     segment 000001: it has no footer that can be read, so opening the journal reads all of it",
        "DIR: 3 segments, 21 batches, 27 records, LSN 1 to 40: damaged in 1 place; restore a backup, or ask a replica",
      ]
    `)
    rmSync(dir.join('000002.seg'))
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001 at 12,288: the header of the batch is damaged; cannot be read: LSN 3",
        "DAMAGED  segment 000002: the file is missing",
        "note     segment 000001 at 12,388: the file ends here instead of at 65,536",
        "DIR: 2 segments, 7 batches, 12 records, LSN 1 to 40: damaged in 2 places; restore a backup, or ask a replica",
      ]
    `)
  })

  it('misses a file in front of the others, and says which entries it held', async () => {
    makeJournal(dir.path)
    rmSync(dir.join('000001.seg'))
    expect(await verification()).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001: the file, or one before it, is missing; cannot be read: entries 3 to 14 of log 1, entry 1 of log 7",
        "DIR: 2 segments, 19 batches, 25 records, LSN 16 to 40: damaged in 1 place; restore a backup, or ask a replica",
      ]
    `)
    await expect(exported({ log: 1, from: 3 })).rejects.toMatchObject({
      code: 'DX_SEGMENT_MISSING',
      message: expect.stringContaining('segment 000001, or one before it, is missing: it held entry 3 of log 1'),
    })
    expect(await exported({ log: 1, from: 29 })).toEqual(['29:1:order 29', '30:1:order 30'])
  })

  it('finds every flip of a bit that means anything', async () => {
    makeJournal(dir.path)
    const path = dir.join('000002.seg')
    const sound = readFileSync(path)
    const batches = batchesOf(sound)
    for (let at = 0; at < sound.length; at += 211) {
      const content = Buffer.from(sound)
      flip(content.subarray(at))
      writeFileSync(path, content)
      const { problemCount, problems, notes } = await verifyJournal(dir.path)
      const expected = at < 300 || batches.some(([start, end]) => at >= start && at < end)
      expect({ at, found: problemCount > 0 && problems[0]?.segment === 2 }).toEqual({ at, found: expected })
      if (problemCount === 0 && sound[at] !== 0) expect(notes[0]?.what).toMatch('no footer that can be read')
    }
  })

  it('takes a write that never finished for no damage', async () => {
    makeJournal(dir.path)
    const { segments } = await inspectJournal(dir.path)
    const end = segments[2]?.usedBytes as number
    damage(3, end - 4096 + 150, flip)
    const lines = await verification()
    expect(lines).toMatchInlineSnapshot(`
      [
        "note     segment 000003 at 20,480: 4,096 bytes of a write that is under way or never finished; nobody was told that it was durable, and opening cuts it off",
        "DIR: 3 segments, 32 batches, 39 records, LSN 1 to 39: sound",
      ]
    `)
    expect((await inspection()).find(line => line.startsWith('tail'))).toMatch(/4.0 KiB of a write that is under way or never finished/)
  })

  it('ends when its signal says so', async () => {
    makeJournal(dir.path)
    await expect(verifyJournal(dir.path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'DX_ABORTED' })
    const controller = new AbortController()
    const seen: number[] = []
    const onSegment = (segment: number) => {
      seen.push(segment)
      controller.abort()
    }
    await expect(verifyJournal(dir.path, { signal: controller.signal, onSegment })).rejects.toMatchObject({ code: 'DX_ABORTED' })
    expect(seen).toEqual([1])
  })
})

/** Where the batches of a segment lie: from their headers to the ends of their records. */
function batchesOf(content: Buffer): [start: number, end: number][] {
  const found: [number, number][] = []
  for (let at = 4096; at < content.length; at += 4096)
    if (content.toString('latin1', at, at + 4) === 'DXBT') found.push([at, at + 128 + content.readUInt32LE(at + 52)])
  return found
}

describe('dumping a journal', () => {
  it('prints each record as a line of JSON', async () => {
    makeJournal(dir.path)
    const lines = await dump()
    expect(lines.length).toBe((await verifyJournal(dir.path)).records)
    expect(lines.map(line => JSON.parse(line).lsn)).toEqual(lines.map((_, i) => i + 1))
    expect((await dump({ fromLsn: 33 })).map(line => line.replace(/\.{9,}/, '...'))).toMatchInlineSnapshot(`
      [
        "{"lsn":33,"segment":3,"offset":8192,"kind":"entry","log":7,"index":3,"term":3,"bytes":7,"text":"raft 30"}",
        "{"lsn":34,"segment":3,"offset":12288,"kind":"value","log":7,"name":"vote","bytes":6,"text":"node 3"}",
        "{"lsn":35,"segment":3,"offset":12288,"kind":"entry","log":7,"index":4,"term":3,"bytes":8,"text":"replaced"}",
        "{"lsn":36,"segment":3,"offset":16384,"kind":"truncate-after","log":7,"index":3,"term":3}",
        "{"lsn":37,"segment":3,"offset":16384,"kind":"entry","log":7,"index":4,"term":4,"bytes":2,"base64":"/wA="}",
        "{"lsn":38,"segment":3,"offset":16384,"kind":"snapshot-mark","log":1,"index":20,"term":1}",
        "{"lsn":39,"segment":3,"offset":16384,"kind":"truncate-before","log":1,"index":3,"term":1}",
        "{"lsn":40,"segment":3,"offset":20480,"kind":"closed"}",
      ]
    `)
  })

  it('prints only what is wanted', async () => {
    makeJournal(dir.path)
    const of = async (filter: DumpOptions) =>
      (await dump(filter)).map(line => JSON.parse(line)).map(({ lsn, log, kind, index }) => `${lsn} ${log} ${kind} ${index}`)
    expect(await of({ logs: [7], kinds: ['entry'] })).toMatchInlineSnapshot(`
      [
        "11 7 entry 1",
        "22 7 entry 2",
        "33 7 entry 3",
        "35 7 entry 4",
        "37 7 entry 4",
      ]
    `)
    expect(await of({ logs: [1], fromIndex: 4, toIndex: 6 })).toMatchInlineSnapshot(`
      [
        "4 1 entry 4",
        "5 1 entry 5",
        "6 1 entry 6",
      ]
    `)
    expect(await of({ kinds: ['opened', 'closed'] })).toMatchInlineSnapshot(`
      [
        "40 undefined closed undefined",
      ]
    `)
    expect(await of({ fromLsn: 10, toLsn: 11 })).toMatchInlineSnapshot(`
      [
        "10 1 entry 10",
        "11 7 entry 1",
      ]
    `)
    await expect(of({ fromLsn: -1 })).rejects.toThrow('option fromLsn')
  })

  it('says where records cannot be read', async () => {
    makeJournal(dir.path)
    damage(1, 4096 + 200, flip)
    expect((await dump({ toLsn: 3 })).map(line => line.replace(/"text.*/, ''))).toMatchInlineSnapshot(`
      [
        "{"kind":"damage","segment":1,"offset":4096,"reason":"the records of the batch are damaged"}",
        "{"lsn":2,"segment":1,"offset":8192,"kind":"entry","log":1,"index":2,"term":1,"bytes":3000,",
        "{"lsn":3,"segment":1,"offset":12288,"kind":"entry","log":1,"index":3,"term":1,"bytes":3000,",
      ]
    `)
  })
})

describe('exporting a log', () => {
  it('gives its entries as they stand', async () => {
    makeJournal(dir.path)
    expect(await exported({ log: 7 })).toEqual(['1:1:raft 10', '2:2:raft 20', '3:3:raft 30', '4:4:binary'])
    expect((await exported({ log: 1 })).length).toBe(28)
    expect(await exported({ log: 1, from: 3, to: 4 })).toEqual(['3:1:order 3', '4:1:order 4'])
  })

  it('refuses what the log does not have', async () => {
    makeJournal(dir.path)
    await expect(exported({ log: 1, from: 2 })).rejects.toMatchObject({ code: 'DX_INDEX_TRUNCATED' })
    await expect(exported({ log: 1, to: 31 })).rejects.toMatchObject({ code: 'DX_INDEX_PAST_END' })
    await expect(exported({ log: 2 })).rejects.toMatchObject({
      code: 'DX_NO_LOG',
      message: expect.stringContaining('has no log 2; it has 1, 7'),
    })
    damage(2, 4096 + 200, flip)
    await expect(exported({ log: 1 })).rejects.toMatchObject({ code: 'DX_JOURNAL_CORRUPT' })
  })
})
