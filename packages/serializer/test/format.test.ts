import { readFileSync } from 'node:fs'
import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import * as at from '../src/frames/descriptor.ts'
import { builtInCompressors, bytesCodec, jsonCodec, msgpackCodec, structCodec } from '../src/index.ts'
import { lz4 } from '../src/lz4.ts'
import { TWO_FRAMES } from './support/golden.ts'

const format = readFileSync(new URL('../FORMAT.md', import.meta.url), 'utf8')

/** What stands under a heading. */
function section(heading: string): string {
  return format.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? expect.unreachable(`no ${heading}`)
}

/** The first cells of the rows of the first table that has such a head. */
function column(text: string, head: string): string[] {
  const [, table = ''] = text.split(`\n| ${head} |`)
  const rows = table.split('\n\n', 1)[0] ?? ''
  return Array.from(rows.matchAll(/^\| ([^|]*?) *\|/gm), ([, cell = '']) => cell)
}

describe('FORMAT.md', () => {
  it('shows the golden bytes of two frames', () => {
    const shown = section('Frame').match(/```\n(44 58[^`]+)```/)?.[1] ?? ''
    const bytes = shown.split('\n').map(line => line.split(/ {3,}/, 1)[0] ?? '')
    expect(bytes.join('').replaceAll(' ', '')).toBe(TWO_FRAMES)
  })

  it('says where everything lies as the code does', () => {
    expect(column(section('Batch'), 'offset').map(Number)).toEqual([
      0,
      at.BATCH_VERSION,
      at.BATCH_COMPRESSION,
      at.BATCH_BODY_BYTES,
      at.BATCH_PLAIN_BYTES,
      at.BATCH_FRAMES,
      at.BATCH_HEADER_CRC,
      at.BATCH_BODY_CRC,
      at.BATCH_HEADER_BYTES,
    ])
    expect(column(section('Frame'), 'offset')).toEqual(
      [0, at.FRAME_TYPE, at.FRAME_FLAGS, at.FRAME_FORM, at.FRAME_HEADER_BYTES, '8 or 33'].map(String),
    )
    expect(`${at.FRAME_HEADER_BYTES} or ${at.FRAME_OVERHEAD_BYTES}`).toBe('8 or 33')
    for (const [heading, offsets] of [
      ['Batch', [0, 2, 3, 4, 8, 12, 16, 20, 24]],
      ['Frame', [0, 4, 6, 7, 8]],
    ] as const) {
      const diagram = section(heading).split('```')[1] ?? ''
      expect(diagram.match(/\d+/g)?.slice(0, offsets.length).map(Number)).toEqual(offsets)
    }
  })

  it('numbers the ways to compress as the code does', () => {
    const ways = [...builtInCompressors(), lz4].sort((a, b) => a.id - b.id)
    expect(column(section('Batch'), 'number')).toEqual(ways.map(({ id }) => String(id)))
    for (const { id, name } of ways) expect(section('Batch')).toMatch(new RegExp(`^\\| ${id} \\| ${name} \\|`, 'im'))
  })

  it('names every codec', () => {
    const codecs = [structCodec(struct({ a: 'u8' })), msgpackCodec(), jsonCodec(), bytesCodec()].map(({ name }) => name.split(':', 1)[0])
    const named = column(section('Values'), 'codec').map(cell => /^`(\w+)/.exec(cell)?.[1])
    expect([...new Set(named)]).toEqual(codecs)
  })
})
