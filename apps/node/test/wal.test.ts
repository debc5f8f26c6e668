import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type TemporaryDirectory, temporaryDirectory } from '@disruptorx/testkit'
import { nodeFiles, openJournalStep } from 'disruptorx/wal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { disruptorx, expectRefusal, startDisruptorx } from './support/command.ts'
import { runHere } from './support/in-process.ts'
import { carryOut } from './support/journal.ts'

let dir: TemporaryDirectory

beforeEach(() => {
  dir = temporaryDirectory()
})

afterEach(() => dir.dispose())

const encode = (text: string) => new TextEncoder().encode(text)
const path = () => dir.join('journal')
const wal = (...args: string[]) => runHere(['wal', ...args], dir.path)

/** A closed journal whose log 1 has three entries, of which the third was replaced. */
function makeJournal(): void {
  const journal = carryOut(openJournalStep(nodeFiles(), { dir: path(), segmentBytes: 64 * 1024 }))
  const log = journal.log(1)
  for (const text of ['one', 'two', 'old three']) log.append(encode(text), 1)
  log.truncateAfter(2)
  log.append(encode('three'), 2)
  log.setValue('vote', encode('node 3'))
  carryOut(journal.close())
}

/** Flips a bit of the first batch's records. */
function damageJournal(): void {
  const content = readFileSync(`${path()}/000001.seg`)
  content[4096 + 170] = (content[4096 + 170] as number) ^ 1
  writeFileSync(`${path()}/000001.seg`, content)
}

describe('disruptorx wal', () => {
  it('inspects a journal, named itself or by the data directory that it is in', async () => {
    makeJournal()
    const itself = await wal('inspect', 'journal')
    expect(itself).toMatchObject({ exitCode: 0, stderr: '' })
    const lines = itself.stdout
      .replaceAll(path(), 'DIR')
      .replace(/[0-9a-f]{32}/, 'ID')
      .split('\n')
    expect(lines).toMatchInlineSnapshot(`
      [
        "journal    ID, format 2, in DIR",
        "state      closed in good order",
        "held by    nobody, as far as the directory says",
        "files      1 segment, 64.0 KiB in all",
        "LSN        1 to 7; the files prove everything up to 6 durable",
        "",
        "segment       size   first LSN   last LSN   records   epoch   use",
        "000001    64.0 KiB           1          7         7       1   newest, 12.0 KiB used",
        "",
        "log   entries   first index   last index   last term   snapshot   values",
        "  1         3             1            3           2   -          vote",
        "",
      ]
    `)
    expect((await wal('inspect', '.')).stdout).toBe(itself.stdout)
    expect(JSON.parse((await wal('inspect', '.', '--json')).stdout)).toMatchObject({
      format: 2,
      closed: true,
      logs: [{ log: 1, lastIndex: 3 }],
    })
  })

  it('verifies a journal, and says by its exit code what came out', async () => {
    makeJournal()
    const sound = await wal('verify', 'journal')
    expect(sound).toMatchObject({ exitCode: 0, stderr: '', stdout: `${path()}: 1 segment, 2 batches, 7 records, LSN 1 to 7: sound\n` })
    damageJournal()
    const inspected = await wal('inspect', 'journal')
    expect(inspected.stdout).toContain(
      'DAMAGED    segment 000001 at 4,096: the records of the batch are damaged; the logs are shown as far as they can be',
    )
    const damaged = await wal('verify', 'journal')
    expect(damaged).toMatchObject({ exitCode: 1, stderr: '' })
    expect(damaged.stdout.replaceAll(path(), 'DIR').split('\n')).toMatchInlineSnapshot(`
      [
        "DAMAGED  segment 000001 at 4,096: the records of the batch are damaged; cannot be read: LSN 1 to 6",
        "DIR: 1 segment, 1 batch, 1 record, LSN 1 to 7: damaged in 1 place; restore a backup, or ask a replica",
        "",
      ]
    `)
    const json = await wal('verify', 'journal', '--json')
    expect(json.exitCode).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({
      problemCount: 1,
      problems: [{ segment: 1, offset: 4096, lostLsns: { from: 1, to: 6 } }],
    })
  })

  it('dumps records as lines of JSON', async () => {
    makeJournal()
    expect((await wal('dump', '.')).stdout.split('\n')).toMatchInlineSnapshot(`
      [
        "{"lsn":1,"segment":1,"offset":4096,"kind":"entry","log":1,"index":1,"term":1,"bytes":3,"text":"one"}",
        "{"lsn":2,"segment":1,"offset":4096,"kind":"entry","log":1,"index":2,"term":1,"bytes":3,"text":"two"}",
        "{"lsn":3,"segment":1,"offset":4096,"kind":"entry","log":1,"index":3,"term":1,"bytes":9,"text":"old three"}",
        "{"lsn":4,"segment":1,"offset":4096,"kind":"truncate-after","log":1,"index":2,"term":1}",
        "{"lsn":5,"segment":1,"offset":4096,"kind":"entry","log":1,"index":3,"term":2,"bytes":5,"text":"three"}",
        "{"lsn":6,"segment":1,"offset":4096,"kind":"value","log":1,"name":"vote","bytes":6,"text":"node 3"}",
        "{"lsn":7,"segment":1,"offset":8192,"kind":"closed"}",
        "",
      ]
    `)
    const few = await wal(
      'dump',
      '.',
      '--log',
      '1',
      '--kind',
      'entry',
      '--kind',
      'value',
      '--from-lsn',
      '2',
      '--to-lsn',
      '6',
      '--no-data',
      '--limit',
      '2',
    )
    expect(few.stdout.split('\n').map(line => line && JSON.parse(line).lsn)).toEqual([2, 3, ''])
    expect(few.stdout).not.toContain('text')
    expect((await wal('dump', '.', '--from', '3', '--to', '3', '--kind', 'entry')).stdout.split('\n')).toHaveLength(3)
    damageJournal()
    expect(await wal('dump', '.')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('{"kind":"damage","segment":1,"offset":4096'),
    })
  })

  it('exports the entries of a log, framed as asked', async () => {
    makeJournal()
    expect(await wal('export', '.', 'out.bin', '--log', '1')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'out.bin: 3 entries of log 1, 23 bytes\n',
    })
    expect(readFileSync(dir.join('out.bin')).toString('latin1')).toBe('\x03\0\0\0one\x03\0\0\0two\x05\0\0\0three')
    expect(await wal('export', '.', '-', '--log', '1', '--framing', 'line', '--from', '2')).toMatchObject({
      exitCode: 0,
      stdout: 'two\nthree\n',
    })
    expect(await wal('export', '.', 'out.bin', '--log', '1', '--framing', 'none', '--to', '1', '--force')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(dir.join('out.bin'), 'utf8')).toBe('one')
    damageJournal()
    expect(await wal('export', '.', 'bad.bin', '--log', '1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('segment 000001 at 4,096: the records of the batch are damaged'),
    })
    expect(readdirSync(dir.path).sort()).toEqual(['journal', 'out.bin'])
  })

  it('refuses in one line what cannot be', async () => {
    makeJournal()
    const cases: readonly (readonly [args: string[], message: string | RegExp])[] = [
      [['inspect', 'none'], /none holds no journal: it does not exist/],
      [['verify'], /missing required argument 'DIR'/],
      [['insect', '.'], /unknown command 'insect' \(Did you mean inspect\?\)/],
      [['dump', '.', '--kind', 'vote'], "--kind is 'vote'; it must be one of entry, copy, truncate-after"],
      [['dump', '.', '--from-lsn', '-1'], "--from-lsn is '-1'; it must be a whole number"],
      [['export', '.', 'x'], '--log is missing; `disruptorx wal inspect` lists the logs'],
      [['export', '.', 'x', '--log', '2'], /has no log 2; it has 1/],
      [['export', '.', 'x', '--log', '1', '--from', '9'], /index 9 of log 1 is past its end; the last index is 3/],
      [['export', '.', 'x', '--log', '1', '--to', '9'], /index 9 of log 1 is past its end; the last index is 3/],
      [['export', '.', 'x', '--log', '1', '--framing', 'xml'], "--framing is 'xml'; it must be one of length, line, none"],
      [['export', '.', 'journal', '--log', '1'], 'journal is a directory; name a file'],
    ]
    for (const [args, message] of cases) expectRefusal(await wal(...args), 2, message)
    expect(await wal('export', '.', 'no/x', '--log', '1')).toMatchObject({
      exitCode: 1,
      stderr: 'disruptorx: cannot write no/x: its directory does not exist\n',
    })
    expect(existsSync(dir.join('x'))).toBe(false)
  })

  it('reads an encrypted journal with its key', async () => {
    const key = new Uint8Array(32).fill(9)
    const encryption = { write: 'k', keys: { k: key } }
    const journal = carryOut(openJournalStep(nodeFiles(), { dir: path(), segmentBytes: 64 * 1024, encryption }))
    journal.log(1).append(encode('secret'), 1)
    carryOut(journal.close())
    writeFileSync(dir.join('raw.key'), key)
    writeFileSync(dir.join('hex.key'), `${Buffer.from(key).toString('hex')}\n`)
    for (const file of ['raw.key', 'hex.key'])
      expect(await wal('export', '.', '-', '--log', '1', '--framing', 'line', '--key', `k=${file}`)).toMatchObject({ stdout: 'secret\n' })
    expect(await wal('dump', '.')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("encrypted with key 'k', which was not given"),
    })
    expect(await wal('verify', '.')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('encrypted with key k') })
    expectRefusal(await wal('verify', '.', '--key', 'k'), 2, "--key is 'k'; it must be NAME=FILE")
    expectRefusal(await wal('verify', '.', '--key', 'k=none'), 2, 'cannot read the key in none: it does not exist')
    expectRefusal(await wal('verify', '.', '--key', 'k=journal/000001.seg'), 2, 'holds no key; a key is 32 bytes')
  })

  it('explains itself', async () => {
    const help = await wal('--help')
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    for (const word of ['inspect', 'verify', 'dump', 'export', 'Exit codes', 'Examples']) expect(help.stdout).toContain(word)
    expect((await wal()).stdout).toBe(help.stdout)
    for (const command of ['inspect', 'verify', 'dump', 'export']) expect((await wal(command, '--help')).stdout).toContain('Examples:')
    expect((await runHere(['--help'])).stdout).toContain('wal')
  })

  it('works while a node writes there, and changes nothing', async () => {
    const node = startDisruptorx(['start', '--port', '0', '--rate', '20000', '--data-dir', 'data', '--json'], { cwd: dir.path })
    await node.waitForLine((line, stream) => stream === 'stdout' && JSON.parse(line).events.published > 20_000)
    for (let round = 0; round < 3; round++) {
      const inspected = await disruptorx(['wal', 'inspect', 'data', '--json'], { cwd: dir.path })
      expect(inspected).toMatchObject({ exitCode: 0, stderr: '' })
      expect(JSON.parse(inspected.stdout)).toMatchObject({ closed: false, holder: node.pid })
      expect(await disruptorx(['wal', 'verify', 'data'], { cwd: dir.path })).toMatchObject({
        exitCode: 0,
        stderr: '',
        stdout: expect.stringMatching(/: sound\n$/),
      })
    }
    const [{ log } = { log: -1 }] = JSON.parse((await disruptorx(['wal', 'inspect', 'data', '--json'], { cwd: dir.path })).stdout).logs
    const exported = await disruptorx(['wal', 'export', 'data', 'out.bin', '--log', String(log)], { cwd: dir.path })
    expect(exported).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/out.bin: [\d,]+ entries of log/) })
    node.kill('SIGTERM')
    expect(await node.result).toMatchObject({ exitCode: 0 })
    const closed = await disruptorx(['wal', 'inspect', 'data'], { cwd: dir.path })
    expect(closed.stdout).toContain('closed in good order')
  }, 60_000)
})
