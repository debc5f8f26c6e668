import { readFileSync, writeFileSync } from 'node:fs'
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
import { makeJournal } from './tools-journals.ts'

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
function damage(segment: number, offset: number, change: (bytes: Uint8Array) => void): void {
  const path = dir.join(`00000${segment}.seg`)
  const content = readFileSync(path)
  change(content.subarray(offset))
  writeFileSync(path, content)
}

const flip = (bytes: Uint8Array) => {
  bytes[0] = (bytes[0] as number) ^ 1
}

describe('a journal that is encrypted and compressed', () => {
  const encryption = { write: 'k1', keys: { k1: new Uint8Array(32).fill(7) } }

  it('is told as far as that goes without its key, and as any other with it', async () => {
    makeJournal(dir.path, { encryption, compression: 'zstd' })
    const [first = '', ...rest] = await verification()
    expect(first).toMatch('segment 000001: it is encrypted with key k1, which was not given: its check sums were looked at')
    expect(rest.at(-1)).toBe('DIR: 3 segments, 33 batches, 40 records, LSN 1 to 40: sound')
    expect((await inspection()).join()).toMatch(/encrypted +the logs are shown as the newest segment began.*encrypted with k1/)
    await expect(dump()).rejects.toMatchObject({ code: 'DX_KEY' })
    await expect(exported({ log: 1 })).rejects.toMatchObject({ code: 'DX_KEY' })
    expect((await verifyJournal(dir.path, { encryption })).notes).toEqual([])
    expect((await inspectJournal(dir.path, { encryption })).logs).toHaveLength(2)
    expect(await dump({ encryption, kinds: ['value'] })).toEqual([expect.stringContaining('"name":"vote","bytes":6,"text":"node 3"')])
    expect(await exported({ log: 7, encryption })).toEqual(['1:1:raft 10', '2:2:raft 20', '3:3:raft 30', '4:4:binary'])
    const other = { write: 'k1', keys: { k1: new Uint8Array(32).fill(8) } }
    await expect(verifyJournal(dir.path, { encryption: other })).rejects.toMatchObject({ code: 'DX_KEY' })
  })

  it('is found damaged without its key too', async () => {
    makeJournal(dir.path, { encryption })
    damage(1, 4096 + 200, flip)
    expect((await verifyJournal(dir.path)).problems).toMatchObject([{ segment: 1, offset: 4096 }])
  })
})
