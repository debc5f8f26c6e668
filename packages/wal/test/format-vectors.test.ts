import { createDecipheriv, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BatchHeader, bodyIsGood, decodeBatchHeader } from '../src/format/batch-header.ts'
import { BodyReader } from '../src/format/body-reader.ts'
import { decodeFooter, footerLastLsn } from '../src/format/footer.ts'
import { decodeSegmentHeader, decodeSegmentState } from '../src/format/segment-header.ts'
import { RecordCursor } from '../src/segments/record.ts'
import { hexLines, vectorKeys, vectorLog, vectorPlace, vectorRecords, vectorRun, vectors } from './format-vectors.ts'

/** The vectors of FORMAT.md, by their titles. */
const documented = new Map<string, Uint8Array>()
const text = readFileSync(new URL('../FORMAT.md', import.meta.url), 'utf8').split('## Vectors')[1] ?? ''
for (const [, title = '', lines = ''] of text.matchAll(/^(\S.*):\n((?: {2}[0-9a-f]{2}(?: [0-9a-f]{2})*\n)+)/gm))
  documented.set(title, Buffer.from(lines.replaceAll(/\s/g, ''), 'hex'))

function vector(title: string): Uint8Array {
  const found = documented.get(title)
  if (found === undefined) throw new Error(`FORMAT.md has no vector '${title}'`)
  return Uint8Array.from(found)
}

const batchTitle = 'a batch, up to the end of its records'
const encryptedTitle = 'the same batch, encrypted with the key 00 01 02 to 1f'
const place = { journalId: vectorPlace.journalId, segment: 2, segmentBytes: 65_536 }

function viewOf(content: Uint8Array): DataView {
  return new DataView(content.buffer, content.byteOffset, content.length)
}

describe('the bytes in FORMAT.md', () => {
  it('are what this version writes', () => {
    expect([...documented.keys()]).toEqual([...vectors().keys()])
    for (const [title, content] of vectors()) expect([title, ...hexLines(vector(title))]).toEqual([title, ...hexLines(content)])
  })

  it.each(vectorRecords)('are read: $title', ({ title, kind, log, index, term, data }) => {
    const content = vector(title)
    const record = new RecordCursor()
    record.start(viewOf(content), 0, content.length, 41)
    expect(record.next()).toBe(true)
    expect(record).toMatchObject({ kind, logId: log, index, term, lsn: 41, length: data.length })
    expect(content.subarray(record.offset, record.offset + record.length)).toEqual(data)
    expect(record.next()).toBe(false)
  })

  it.each([batchTitle, encryptedTitle])('are read: %s', title => {
    const content = vector(title)
    const header = new BatchHeader()
    expect(decodeBatchHeader(viewOf(content), 0, 4096, place, header)).toBe('batch')
    expect(header).toMatchObject({ epoch: 3, firstLsn: 10, durableLsn: 9, count: 1, bodyLength: 40, rawLength: 40, chain: 0x1234_5678 })
    expect(bodyIsGood(content, viewOf(content), 0, header)).toBe(true)
    const body = new BodyReader(vectorKeys.forSegment(vectorPlace))
    expect(body.open(content, viewOf(content), 0, header)).toBe(true)
    const entry = vector('entry: log 7, index 2, term 3, "sell it."')
    entry[16] = 6
    expect(hexLines(body.bytes.subarray(body.offset, body.offset + body.length))).toEqual(hexLines(entry))
  })

  it('are read: the start of a segment', () => {
    const content = new Uint8Array(4096)
    content.set(vector('the start of a segment that is encrypted with that key, up to the end of its state'))
    expect(decodeSegmentHeader(content, 2)).toMatchObject({ ...vectorPlace, dataOffset: 4096, key: { id: 'k1' } })
    expect(decodeSegmentState(content, 2)).toEqual([vectorLog])
  })

  it('are read: a footer', () => {
    const content = vector('the last 152 bytes of a footer')
    expect(footerLastLsn(content, vectorPlace)).toBe(11)
    expect(decodeFooter(content, vectorPlace)).toEqual([{ logId: 7, keep: 5, runs: [vectorRun] }])
  })

  it('have the check sums that zlib gives', () => {
    for (const title of [batchTitle, encryptedTitle]) {
      const content = vector(title)
      expect(viewOf(content).getUint32(124, true)).toBe(crc32(content.subarray(0, 124)))
      expect(viewOf(content).getUint32(120, true)).toBe(crc32(content.subarray(128)))
    }
  })

  it('are decrypted by what FORMAT.md says, without this code', () => {
    const content = Buffer.from(vector(encryptedTitle))
    const key = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i))
    // The journal id in words of 4 bytes: each word's digits from the highest to the lowest.
    const salt = Buffer.from(content.subarray(8, 24)).swap32().toString('hex')
    const own = Buffer.from(hkdfSync('sha256', key, salt, 'disruptorx wal batch', 32))
    const nonce = Buffer.concat([content.subarray(92, 96), content.subarray(32, 40)])
    const bound = Buffer.concat([content.subarray(48, 52), content.subarray(68, 72), content.subarray(64, 68)])
    const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: 16 }).setAAD(bound).setAuthTag(content.subarray(72, 88))
    const plain = Buffer.concat([decipher.update(content.subarray(128)), decipher.final()])
    expect(plain.toString('hex')).toBe(Buffer.from(vector(batchTitle).subarray(128)).toString('hex'))
  })
})
