import { Hash64 } from '@disruptorx/exchange'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { LineReader, LONGEST_LINE_BYTES } from '../../src/feed/line-reader.ts'

interface SeenLine {
  readonly kind: string
  readonly number: number
  readonly text: string | undefined
  readonly offset: number
  readonly hash: string
}

/** What a reader makes of bytes that come in these pieces. */
function read(pieces: readonly Uint8Array[]): SeenLine[] {
  const reader = new LineReader()
  const seen: SeenLine[] = []
  const drain = () => {
    for (let kind = reader.next(); kind !== 'more'; kind = reader.next()) {
      const text = kind === 'line' ? Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString('latin1') : undefined
      seen.push({ kind, number: reader.number, text, offset: reader.offset, hash: `${reader.hashLow} ${reader.hashHigh}` })
    }
  }
  for (const piece of pieces) {
    reader.push(piece)
    drain()
  }
  reader.finish()
  drain()
  return seen
}

const texts = (content: string) => read([Buffer.from(content)]).map(line => line.text)

describe('a line reader', () => {
  it('ends lines at LF and at CR LF, and takes what is left as the last line', () => {
    expect(texts('a\nb\r\n\n\r\nc')).toEqual(['a', 'b', '', '', 'c'])
    expect(texts('a\n')).toEqual(['a'])
    expect(texts('a\r')).toEqual(['a'])
    expect(texts('a\rb\n')).toEqual(['a\rb'])
    expect(texts('')).toEqual([])
  })

  it('hashes all bytes up to the end of a content, whose terminator counts with the next line', () => {
    const content = 'first\r\nsecond\nthird'
    const hash = (end: number) => {
      const { low, high } = new Hash64().bytes(Buffer.from(content).subarray(0, end))
      return `${low} ${high}`
    }
    expect(read([Buffer.from(content)]).map(line => [line.offset, line.hash])).toEqual([5, 13, 19].map(end => [end, hash(end)]))
  })

  it('keeps a line of 64 KiB, and passes over one byte more', () => {
    const line = 'x'.repeat(LONGEST_LINE_BYTES)
    expect(read([Buffer.from(`${line}\nb\n`)]).map(({ kind, number }) => [kind, number])).toEqual([
      ['line', 1],
      ['line', 2],
    ])
    expect(read([Buffer.from(`${line}x\nb\n`)]).map(({ kind, text }) => [kind, text])).toEqual([
      ['long', undefined],
      ['line', 'b'],
    ])
  })

  it('sees the same however the bytes are cut into pieces', () =>
    withSeed(
      'pieces',
      random => {
        let content = ''
        for (let line = 0; line < 30; line++) {
          const length = random.below(8) === 0 ? LONGEST_LINE_BYTES - 2 + random.below(5) : random.below(40)
          content += 'x'.repeat(length) + random.pick(['\n', '\r\n', '\n\n'])
        }
        if (random.below(2) === 0) content += 'last'
        const bytes = Buffer.from(content)
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; ) {
          const end = at + 1 + random.below(random.pick([3, 100, 70_000]))
          pieces.push(bytes.subarray(at, end))
          at = end
        }
        expect(read(pieces)).toEqual(read([bytes]))
      },
      { count: 30 },
    ))
})
