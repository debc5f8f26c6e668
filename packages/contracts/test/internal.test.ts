import type { FileRequest, Files } from '@disruptorx/contracts'
import {
  crc32,
  type FileCall,
  LatencyHistogram,
  nonEmptyText,
  oneOf,
  perform,
  powerOfTwo,
  runBlocking,
  systemClock,
  wholeNumber,
  zstd,
} from '@disruptorx/contracts/internal'
import { describe, expect, it } from 'vitest'
import { platformCrc32 as crc32ByTable } from '../src/platform/crc32-default.ts'
import { platformZstd as noZstd } from '../src/platform/zstd-default.ts'

describe('option checks', () => {
  it('accept both ends of a range and refuse what lies beyond', () => {
    expect(wholeNumber('n', 1, 1, 5)).toBe(1)
    expect(wholeNumber('n', 5, 1, 5)).toBe(5)
    for (const bad of [0, 6, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', undefined])
      expect(() => wholeNumber('n', bad, 1, 5)).toThrow('option n is')
  })

  it('accept powers of two only', () => {
    for (const good of [4, 8, 16]) expect(powerOfTwo('n', good, 4, 16)).toBe(good)
    for (const bad of [2, 5, 32, 0, -4, 4.5, '8']) expect(() => powerOfTwo('n', bad, 4, 16)).toThrow('a power of two from 4 to 16')
  })

  it('accept listed words and texts that are not empty', () => {
    expect(oneOf('mode', 'fsync', ['fsync', 'none'])).toBe('fsync')
    expect(() => oneOf('mode', 'sync', ['fsync', 'none'])).toThrow("option mode is 'sync'; it must be one of fsync, none")
    expect(nonEmptyText('dir', 'a')).toBe('a')
    for (const bad of ['', 1, undefined]) expect(() => nonEmptyText('dir', bad)).toThrow('option dir')
  })
})

describe('crc32', () => {
  const check = new TextEncoder().encode('..123456789..')

  it('gives the check value of CRC-32/ISO-HDLC, on Node and by table', () => {
    expect(crc32(check, 2, 9)).toBe(0xcbf43926)
    expect(crc32ByTable(check, 2, 9, 0)).toBe(0xcbf43926)
  })

  it('continues from the value of the bytes before', () => {
    for (const cut of [0, 1, 8, 9]) {
      expect(crc32(check, 2 + cut, 9 - cut, crc32(check, 2, cut))).toBe(0xcbf43926)
      expect(crc32ByTable(check, 2 + cut, 9 - cut, crc32ByTable(check, 2, cut, 0))).toBe(0xcbf43926)
    }
  })

  it('is the same for few bytes and for many, and looks at nothing beyond the end', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7)
    for (let length = 0; length <= 100; length++) expect(crc32(bytes, 3, length, 5)).toBe(crc32ByTable(bytes, 3, length, 5))
    for (const length of [1, 2, 3, 40]) expect(crc32(bytes, 198, length)).toBe(crc32(bytes.slice(198), 0, Math.min(length, 2)))
  })
})

describe('zstd', () => {
  const codec = zstd() ?? expect.unreachable('this Node has zstd')
  const bytes = new TextEncoder().encode('progress is a sequence '.repeat(500))

  it('gives back what it made smaller', () => {
    for (const length of [0, 1, 1000, bytes.length]) {
      const packed = codec.compress(bytes.subarray(0, length))
      expect(codec.decompress(packed, length)).toEqual(Buffer.from(bytes.subarray(0, length)))
      if (length > 100) expect(packed.length).toBeLessThan(length / 10)
    }
  })

  it('refuses what it did not make of so many bytes', () => {
    const packed = codec.compress(bytes)
    for (const length of [0, bytes.length - 1, bytes.length + 1]) expect(codec.decompress(packed, length)).toBeUndefined()
    for (let cut = 0; cut < packed.length; cut++) expect(codec.decompress(packed.subarray(0, cut), bytes.length)).toBeUndefined()
    expect(codec.decompress(bytes, bytes.length)).toBeUndefined()
  })

  it('gives a frame no larger window than its bytes need', () => {
    // A frame of one raw block of 3 bytes that asks for a window of 2 to the power 10 or 27 bytes.
    const frame = (windowLog: number) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, (3 << 3) | 1, 0, 0, 1, 2, 3)
    expect(codec.decompress(frame(10), 3)).toEqual(Buffer.of(1, 2, 3))
    expect(codec.decompress(frame(11), 3)).toBeUndefined()
    expect(codec.decompress(frame(27), 3)).toBeUndefined()
  })

  it('is not there in a browser', () => {
    expect(noZstd()).toBeUndefined()
  })
})

describe('LatencyHistogram', () => {
  it('knows every percentile within 1/32 above, over the whole range', () => {
    for (const ns of [0, 1, 31, 32, 33, 1000, 123_456, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 12345, 2 ** 39]) {
      const histogram = new LatencyHistogram(new SharedArrayBuffer(LatencyHistogram.BYTES))
      histogram.record(ns)
      const found = histogram.percentile(50)
      expect(found).toBeGreaterThanOrEqual(ns)
      expect(found).toBeLessThanOrEqual(ns + ns / 32)
    }
  })

  it('counts what is below zero as zero and what is beyond the range as its end', () => {
    const histogram = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
    histogram.record(-5)
    expect(histogram.percentile(100)).toBe(0)
    histogram.record(2 ** 45)
    expect(histogram.percentile(100)).toBe(2 ** 40 - 1)
  })

  it('ranks: 99 short ones and a long one', () => {
    const histogram = new LatencyHistogram(new ArrayBuffer(LatencyHistogram.BYTES))
    expect(histogram.percentile(99)).toBe(0)
    histogram.record(10, 99)
    histogram.record(20)
    expect(histogram.count).toBe(100)
    expect(histogram.percentile(99)).toBe(10)
    expect(histogram.percentile(99.9)).toBe(20)
    histogram.reset()
    expect(histogram.count).toBe(0)
  })
})

describe('a file task', () => {
  class LateFiles implements Files {
    #waiting: FileRequest[] = []
    submit(request: FileRequest): void {
      request.state = 'pending'
      this.#waiting.push(request)
    }
    poll(): void {
      const request = this.#waiting.shift()
      if (request === undefined) return
      request.state = request.path === 'missing' ? 'failed' : 'done'
      request.error = Object.assign(new Error('no such file'), { code: 'ENOENT' })
      request.result = 42
    }
  }

  it('waits for requests that complete later', () => {
    const files = new LateFiles()
    const task = perform(files, { operation: 'size', handle: 3 })
    expect(task.next().done).toBe(false)
    const { done, value } = task.next()
    expect(done).toBe(true)
    expect((value as FileCall).result).toBe(42)
  })

  it('throws the error of the file system', () => {
    expect(() => runBlocking(perform(new LateFiles(), { operation: 'open', path: 'missing' }))).toThrow('no such file')
  })
})

describe('systemClock', () => {
  it('never goes back', () => {
    let last = systemClock.monotonicNs()
    for (let i = 0; i < 1000; i++) {
      const now = systemClock.monotonicNs()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    expect(systemClock.nowMs()).toBeGreaterThan(1.7e12)
  })
})
