import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Output } from '../../src/cli/output.ts'
import { bytes, duration, elapsed, price } from '../../src/view/format.ts'
import { LiveView, liveLines } from '../../src/view/live-view.ts'
import { plainLine } from '../../src/view/plain-line.ts'
import { replayProgress } from '../../src/view/replay-progress.ts'
import type { StatusSample } from '../../src/view/status-sample.ts'

const sample: StatusSample = {
  state: 'running',
  uptimeSeconds: 65,
  dataDir: '/data',
  durability: 'interval',
  seed: 1,
  rate: 20_000,
  eventsPerSecond: 19_876,
  events: { published: 1100, durable: 1050, applied: 1020 },
  lag: { durable: 50, applied: 30 },
  latencyNs: { durable: { p50: 91_000, p99: 250_000, p999: 1_500_000 }, applied: { p50: 120_000, p99: 300_000, p999: 2_000_000 } },
  log: { firstIndex: 1, durableIndex: 40, appliedIndex: 39, snapshotIndex: 7 },
  journalBytes: 67_108_864,
  book: { restingOrders: 5001, bids: [{ price: 5_853_300, size: 118, orders: 3 }], asks: [] },
}

function terminal(options: { isTTY: boolean; columns?: number; rows?: number }): { output: Output; text(): string } {
  const stream = Object.assign(new PassThrough(), options)
  return { output: new Output(stream), text: () => String(stream.read() ?? '') }
}

describe('the live view', () => {
  it('shows durability, rate, percentiles, lag of each stage and the top of the book', () => {
    const text = liveLines(sample, 'http://127.0.0.1:8080').join('\n')
    for (const part of [
      'running',
      '1:05',
      'durability interval (weaker than fsync)',
      '19,876 of 20,000',
      '5,001 resting orders',
      '585.33',
      '118',
    ])
      expect(text).toContain(part)
    expect(text).toMatch(/to durable +91\.0 us +250 us +1\.50 ms/)
    expect(text).toMatch(/to applied +120 us +300 us +2\.00 ms/)
    expect(text).toMatch(/lag +journal 50 +handler 30/)
  })

  it('draws over itself, within the terminal, and gives the cursor back', () => {
    const { output, text } = terminal({ isTTY: true, columns: 40, rows: 10 })
    const view = new LiveView(output, 'http://127.0.0.1:8080')
    view.draw(sample)
    const first = text()
    for (const line of first.split('\n').slice(1)) expect(line.length).toBeLessThan(40)
    expect(first.split('\n')).toHaveLength(10)
    view.draw(sample)
    expect(text().startsWith('\x1b[9A\r\x1b[J')).toBe(true)
    view.close()
    expect(text()).toBe('\x1b[?25h')
  })

  it('is one line where no terminal is', () => {
    expect(plainLine(sample)).toBe(
      'running, durability interval, 19,876 events/s, to durable 91.0 us / 250 us / 1.50 ms, to applied 120 us / 300 us / 2.00 ms, lag 50 + 30, events 1,050, resting 5,001, top 585.33 x -',
    )
  })
})

describe('the progress of a replay', () => {
  const options = { source: 'a.csv', sizeBytes: 1000, everyLines: undefined }

  it('is a line for each tenth of the source where no terminal is', () => {
    const { output, text } = terminal({ isTTY: false })
    const progress = replayProgress({ err: output, ...options })
    for (let line = 1; line <= 100; line++) progress.update({ line, offset: line * 9 })
    progress.finish({ line: 100, offset: 900 }, true)
    const lines = text().trimEnd().split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe('acknowledged line 12 of a.csv (10 %)')
    expect(lines.at(-1)).toBe('acknowledged line 100 of a.csv (100 %)')
  })

  it('is a line for each so many lines on demand, and without a size', () => {
    const { output, text } = terminal({ isTTY: false })
    const progress = replayProgress({ err: output, source: '-', sizeBytes: undefined, everyLines: 40 })
    for (let line = 0; line <= 100; line += 10) progress.update({ line, offset: line * 9 })
    expect(text()).toBe('acknowledged line 40 of -\nacknowledged line 80 of -\n')
  })

  it('is a bar on a terminal, above which notes stay', () => {
    const { output, text } = terminal({ isTTY: true, columns: 80 })
    const progress = replayProgress({ err: output, ...options })
    progress.update({ line: 50, offset: 500 })
    expect(text()).toBe(`\r\x1b[K[${'#'.repeat(15)}${'-'.repeat(15)}]  50 % acknowledged line 50 of a.csv`)
    progress.note('line 7 is odd')
    expect(text()).toBe('\r\x1b[Kline 7 is odd\n')
    progress.finish({ line: 100, offset: 999 }, true)
    expect(text()).toContain('100 % acknowledged line 100 of a.csv\n')
  })
})

describe('values for people', () => {
  it('are in the unit that suits them', () => {
    expect([0, 870, 93_100, 1_240_000, 2_100_000_000].map(duration)).toEqual(['0 ns', '870 ns', '93.1 us', '1.24 ms', '2.10 s'])
    expect([0, 5_853_300, 5_853_350].map(price)).toEqual(['-', '585.33', '585.3350'])
    expect([999, 1024, 3_565_158].map(bytes)).toEqual(['999 bytes', '1.0 KiB', '3.4 MiB'])
    expect([7, 725, 10_800].map(elapsed)).toEqual(['0:07', '12:05', '3:00:00'])
  })
})
