import { SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalStep } from '../src/index.ts'
import { DIR, entriesOf, openOn, run } from './model.ts'

const SECTOR = 4096

/** Bytes as lines of 16, in hexadecimal, with their offset; lines of zeros are left out. */
function dump(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16)
    if (line.some(byte => byte !== 0))
      lines.push(`${at.toString(16).padStart(5, '0')}  ${Array.from(line, byte => byte.toString(16).padStart(2, '0')).join(' ')}`)
  }
  return lines
}

/** Two entries in one batch, one entry of another log in the next; closed, opened, closed. */
function write(): SimulatedFiles {
  const files = new SimulatedFiles({ seed: 1 })
  const journal = openOn(files, { random: new SeededRandom(1) }) as JournalStep
  journal.append(0, 1, 1, new TextEncoder().encode('buy 100 at 42'))
  journal.append(0, 2, 3, new TextEncoder().encode('sell it.'))
  journal.step()
  journal.log(7).reset(2 ** 32 + 5, 2)
  journal.append(7, 2 ** 32 + 6, 2, new Uint8Array([255]))
  journal.step()
  run(journal.close())
  run((openOn(files) as JournalStep).close())
  return files
}

describe('the bytes of format version 2', () => {
  it('are these', () => {
    const content = write().content(`${DIR}/000001.seg`) as Uint8Array
    expect(dump(content)).toMatchInlineSnapshot(`
      [
        "00000  44 58 57 41 4c 53 45 47 02 00 00 00 00 00 00 00",
        "00010  16 bb ec c9 0b a9 6c 40 9a 9f 63 d3 73 a8 94 aa",
        "00020  01 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00",
        "00030  01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00",
        "00070  00 00 00 00 00 00 00 00 00 00 00 00 18 fd a3 2a",
        "01000  44 58 42 54 02 00 00 00 16 bb ec c9 0b a9 6c 40",
        "01010  9a 9f 63 d3 73 a8 94 aa 01 00 00 00 00 00 00 00",
        "01020  01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "01030  02 00 00 00 58 00 00 00 01 00 00 00 01 00 00 00",
        "01040  00 00 00 00 58 00 00 00 00 00 00 00 00 00 00 00",
        "01050  00 00 00 00 00 00 00 00 18 fd a3 2a 00 00 00 00",
        "01070  00 00 00 00 00 00 00 00 28 ba 68 2d b6 1d 71 64",
        "01080  0d 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00",
        "01090  01 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00",
        "010a0  62 75 79 20 31 30 30 20 61 74 20 34 32 00 00 00",
        "010b0  08 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00",
        "010c0  02 00 00 00 00 00 00 00 03 00 00 00 00 00 00 00",
        "010d0  73 65 6c 6c 20 69 74 2e 00 00 00 00 00 00 00 00",
        "02000  44 58 42 54 02 00 00 00 16 bb ec c9 0b a9 6c 40",
        "02010  9a 9f 63 d3 73 a8 94 aa 01 00 00 00 00 00 00 00",
        "02020  03 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00",
        "02030  02 00 00 00 48 00 00 00 02 00 00 00 01 00 00 00",
        "02040  00 00 00 00 48 00 00 00 00 00 00 00 00 00 00 00",
        "02050  00 00 00 00 00 00 00 00 b6 1d 71 64 00 00 00 00",
        "02070  00 00 00 00 00 00 00 00 3a ee 6f b1 0f 08 bc 33",
        "02080  00 00 00 00 05 00 00 00 07 00 00 00 00 00 00 00",
        "02090  05 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00",
        "020a0  01 00 00 00 01 00 00 00 07 00 00 00 00 00 00 00",
        "020b0  06 00 00 00 01 00 00 00 02 00 00 00 00 00 00 00",
        "020c0  ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        "03000  44 58 42 54 02 00 00 00 16 bb ec c9 0b a9 6c 40",
        "03010  9a 9f 63 d3 73 a8 94 aa 01 00 00 00 00 00 00 00",
        "03020  05 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00",
        "03030  01 00 00 00 20 00 00 00 03 00 00 00 01 00 00 00",
        "03040  00 00 00 00 20 00 00 00 00 00 00 00 00 00 00 00",
        "03050  00 00 00 00 00 00 00 00 0f 08 bc 33 00 00 00 00",
        "03070  00 00 00 00 00 00 00 00 7f 47 ce 17 d0 c3 0f e4",
        "03080  00 00 00 00 0a 00 00 00 00 00 00 00 00 00 00 00",
        "04000  44 58 42 54 02 00 00 00 16 bb ec c9 0b a9 6c 40",
        "04010  9a 9f 63 d3 73 a8 94 aa 01 00 00 00 00 00 00 00",
        "04020  06 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00",
        "04030  01 00 00 00 20 00 00 00 04 00 00 00 02 00 00 00",
        "04040  00 00 00 00 20 00 00 00 00 00 00 00 00 00 00 00",
        "04050  00 00 00 00 00 00 00 00 d0 c3 0f e4 00 00 00 00",
        "04070  00 00 00 00 00 00 00 00 58 40 10 15 57 8d 4c c6",
        "04080  00 00 00 00 09 00 00 00 00 00 00 00 00 00 00 00",
        "05000  44 58 42 54 02 00 00 00 16 bb ec c9 0b a9 6c 40",
        "05010  9a 9f 63 d3 73 a8 94 aa 01 00 00 00 00 00 00 00",
        "05020  07 00 00 00 00 00 00 00 06 00 00 00 00 00 00 00",
        "05030  01 00 00 00 20 00 00 00 05 00 00 00 02 00 00 00",
        "05040  00 00 00 00 20 00 00 00 00 00 00 00 00 00 00 00",
        "05050  00 00 00 00 00 00 00 00 57 8d 4c c6 00 00 00 00",
        "05070  00 00 00 00 00 00 00 00 7f 47 ce 17 29 8e 59 b3",
        "05080  00 00 00 00 0a 00 00 00 00 00 00 00 00 00 00 00",
      ]
    `)
  })

  it('are read by this version', () => {
    const files = write()
    const bytes = (files.content(`${DIR}/000001.seg`) as Uint8Array).fill(0, 6 * SECTOR)
    const copy = new SimulatedFiles({ seed: 2 })
    copy.replace(`${DIR}/000001.seg`, bytes)
    const journal = openOn(copy) as JournalStep
    expect(journal.recovery).toEqual({ durableLsn: 7, records: 7, cut: undefined, reindexed: [], repaired: [] })
    expect([...entriesOf(journal)]).toEqual([
      [1, 'buy 100 at 42'],
      [2, 'sell it.'],
    ])
    expect(journal.log(0).lastTerm).toBe(3)
    expect(journal.log(7)).toMatchObject({ firstIndex: 2 ** 32 + 6, lastIndex: 2 ** 32 + 6, lastTerm: 2 })
  })
})
