import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { temporaryDirectory } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { acknowledgedLine, disruptorx, expectRefusal, summaryOf } from './support/command.ts'
import { orderText } from './support/orders.ts'

const text = orderText(21, 2000)

describe('a FILE that cannot be replayed', () => {
  const magic: readonly (readonly [format: string, bytes: Uint8Array])[] = [
    ['gzip', gzipSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from(text)])],
    ['bzip2', Buffer.from('BZh91AY&SY0123456789')],
    ['xz', Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.from('0123456789')])],
  ]
  const prose = 'no order at all\n'.repeat(100) + text
  const cases: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
    ['empty', '', /is empty: it holds no order messages/],
    ['prose in its first 100 lines', prose, /is not a file of order messages: none of its first 100 lines is one/],
    ['one line that is no message', 'hello', /is not a file of order messages: none of its lines is one/],
    ['blank lines', '\n\n\n', /is not a file of order messages/],
    ['a line without end', 'x'.repeat(3_000_000), /is not a file of order messages: none was found in its first MiB/],
    ...magic.map(([format, bytes]) => [format, bytes, new RegExp(`is compressed \\(${format}\\); decompress it first`)] as const),
  ]
  for (const [name, content, message] of cases) {
    it(`is refused as a file and on standard input, and nothing is written: ${name}`, async () => {
      using dir = temporaryDirectory()
      writeFileSync(dir.join('orders.csv'), content)
      expectRefusal(await disruptorx(['replay', 'orders.csv', '--json'], { cwd: dir.path }), 2, message)
      expectRefusal(await disruptorx(['replay', '-', '--json'], { cwd: dir.path, stdin: content }), 2, message)
      expect(existsSync(dir.join('.data'))).toBe(false)
    })
  }

  it('is refused when it is missing, a directory, or cannot be read', async () => {
    using dir = temporaryDirectory()
    mkdirSync(dir.join('folder'))
    const replay = (file: string) => disruptorx(['replay', file, '--json'], { cwd: dir.path })
    expectRefusal(await replay('missing.csv'), 2, 'cannot read missing.csv: it does not exist')
    expectRefusal(await replay('folder'), 2, 'folder is a directory')
    expectRefusal(await replay('folder/x/y'), 2, /cannot read folder\/x\/y/)
    expect(existsSync(dir.join('.data'))).toBe(false)
  })
})

describe('a FILE with lines that are no messages', () => {
  const summary = async (content: string) => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('orders.csv'), content)
    const result = await disruptorx(['replay', 'orders.csv', '--json'], { cwd: dir.path })
    return { ...result, summary: summaryOf(result) }
  }
  const clean = summary(text)

  it('has them named by line number, skipped, and left out of events', async () => {
    const lines = text.split('\n')
    lines.splice(1000, 0, 'time,type,id', '', `${'9'.repeat(70_000)},1,2,3,4,1`)
    const dirty = await summary(`header\n${lines.join('\n')}`)
    expect(dirty.stderr).toContain("line 1 is not an order message, skipped: 'header'")
    expect(dirty.stderr).toContain("line 1,002 is not an order message, skipped: 'time,type,id'")
    expect(dirty.stderr).toContain('line 1,003 is not an order message, skipped: blank')
    expect(dirty.stderr).toContain('line 1,004 is not an order message, skipped: longer than 65536 bytes')
    expect(dirty.summary).toEqual({ ...(await clean).summary, skipped: 4 })
  })

  it('has every one of many named, and says how many there were', async () => {
    const dirty = await summary(text + 'junk\n'.repeat(25))
    expect(dirty.stderr.match(/^line [\d,]+ is not an order message/gm)).toHaveLength(25)
    expect(dirty.stderr).toContain('25 lines are not order messages and were skipped')
    expect(dirty.summary).toEqual({ ...(await clean).summary, skipped: 25 })
  })

  it('may end without a line feed, or with blank lines, which are none', async () => {
    const expected = (await clean).summary
    expect((await summary(text.trimEnd())).summary).toEqual(expected)
    expect((await summary(`${text}\n\n`)).summary).toEqual(expected)
  })

  it('may have CR LF, and then comes to the same book', async () => {
    expect((await summary(text.replaceAll('\n', '\r\n'))).summary).toEqual((await clean).summary)
  })

  it('has its terminal escapes made harmless in messages', async () => {
    const dirty = await summary(`\x1b[31mred\x07\n${text}`)
    expect(dirty.stderr).toContain("line 1 is not an order message, skipped: '?[31mred?'")
  })
})

describe('a replay', () => {
  it('tells people the summary on stdout, and the progress on stderr', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('orders.csv'), text)
    const result = await disruptorx(['replay', 'orders.csv', '--progress-lines', '500'], { cwd: dir.path })
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toMatch(/messages +2,000\n/)
    expect(result.stdout).toMatch(/digest +[0-9a-f]{16}\n/)
    expect(acknowledgedLine(result.stderr)).toBe(2000)
  })

  it('keeps each source in a directory of its own', async () => {
    using dir = temporaryDirectory()
    mkdirSync(dir.join('other'))
    writeFileSync(dir.join('orders.csv'), text)
    writeFileSync(dir.join('other/orders.csv'), text.slice(0, text.indexOf('\n', 10_000) + 1))
    const first = summaryOf(await disruptorx(['replay', 'orders.csv', '--json'], { cwd: dir.path }))
    const second = summaryOf(await disruptorx(['replay', 'other/orders.csv', '--json'], { cwd: dir.path }))
    expect(first.events).toBe(2000)
    expect(second.events).toBe(
      text
        .slice(0, text.indexOf('\n', 10_000) + 1)
        .trimEnd()
        .split('\n').length,
    )
  })

  it('keeps to the rate that it was given', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('orders.csv'), text)
    const result = await disruptorx(['replay', 'orders.csv', '--json', '--rate', '2500'], { cwd: dir.path })
    // Never faster; how much slower depends on the machine.
    expect(JSON.parse(result.stdout).eventsPerSecond).toBeLessThanOrEqual(2600)
    expect(JSON.parse(result.stdout).durableP99Us).toBeGreaterThan(0)
  })

  it('says so when durability is weaker than fsync', async () => {
    using dir = temporaryDirectory()
    writeFileSync(dir.join('orders.csv'), text)
    for (const durability of ['interval', 'none']) {
      const result = await disruptorx(['replay', 'orders.csv', '--json', '--restart', '--durability', durability], { cwd: dir.path })
      expect(result.stderr).toContain(`durability ${durability}, weaker than fsync`)
      expect(summaryOf(result)).toMatchObject({ events: 2000 })
    }
    expect(readFileSync(dir.join('orders.csv'), 'latin1')).toBe(text)
  })
})
