import type { Clock } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { AdaptiveCompression, type AdaptiveCompressionOptions, type Compressor } from '../../src/index.ts'

/** A clock that moves when something works. */
class WorkClock implements Clock {
  ns = 0
  nowMs = () => this.ns / 1e6
  monotonicNs = () => this.ns
}

/** A way that takes this much time and leaves this share of the bytes. Both can change. */
class Way implements Compressor {
  readonly id: number
  readonly name: string
  readonly #clock: WorkClock
  nsPerByte: number
  share: number
  calls = 0

  constructor(clock: WorkClock, id: number, nsPerByte: number, share: number) {
    this.#clock = clock
    this.id = id
    this.name = `way ${id}`
    this.nsPerByte = nsPerByte
    this.share = share
  }

  compress(plain: Uint8Array): Uint8Array {
    this.calls++
    this.#clock.ns += plain.length * this.nsPerByte
    return plain.subarray(0, Math.ceil(plain.length * this.share))
  }

  decompress(): undefined {
    return undefined
  }
}

const batch = new Uint8Array(10_000)

/** 8 ns a byte: the default link of 1 Gbit/s. */
function chooser(ways: (clock: WorkClock) => Way[], options: AdaptiveCompressionOptions = {}) {
  const clock = new WorkClock()
  const compressors = ways(clock)
  const adaptive = new AdaptiveCompression({ clock, compressors, ...options })
  /** The numbers of the ways that so many batches took; 0 for none. */
  const run = (count: number, bytes = batch) =>
    Array.from({ length: count }, () => (adaptive.compress(bytes) === undefined ? 0 : adaptive.id))
  return { adaptive, ways: compressors, run }
}

describe('adaptive compression', () => {
  it('takes the way that saves most time, not most bytes', () => {
    const { run, adaptive } = chooser(clock => [new Way(clock, 1, 3, 0.3), new Way(clock, 2, 1, 0.4), new Way(clock, 3, 6, 0.2)])
    // Each is measured once; then the gains decide: 5.6 - 3, 4.8 - 1, 6.4 - 6.
    expect(run(20)).toEqual([1, 2, 3, ...new Array(17).fill(2)])
    expect(adaptive.stats).toEqual({ batches: 20, compressed: 20, plainBytes: 200_000, packedBytes: 3000 + 18 * 4000 + 2000 })
  })

  it('leaves a way alone that costs more than it saves, and tries it ever more rarely', () => {
    const { run, ways } = chooser(clock => [new Way(clock, 1, 8, 0.5)])
    run(1023)
    // After 1, 2, 4, ... batches.
    expect(ways[0]?.calls).toBe(10)
    // And in the end after every 1,024.
    run(10_240)
    expect(ways[0]?.calls).toBe(20)
  })

  it('compresses the same on a slower link', () => {
    const { run } = chooser(clock => [new Way(clock, 1, 8, 0.5)], { linkBytesPerSecond: 12_500_000 })
    expect(run(5)).toEqual([1, 1, 1, 1, 1])
  })

  it('notices when traffic becomes worth it, and when it is no longer', () => {
    const { run, ways } = chooser(clock => [new Way(clock, 1, 1, 1)])
    const [way] = ways as [Way]
    expect(run(100).some(id => id > 0)).toBe(false)
    way.share = 0.3
    expect(run(200).slice(-50)).toEqual(new Array(50).fill(1))
    way.share = 0.95
    expect(run(50).slice(-20)).toEqual(new Array(20).fill(0))
  })

  it('does not change its way for one batch that came out worse', () => {
    const { run, ways } = chooser(clock => [new Way(clock, 1, 1, 0.5), new Way(clock, 2, 2, 0.5)])
    const [first] = ways as [Way]
    run(10)
    // 1.5 in place of 3; the other way gains 2.
    first.nsPerByte = 2.5
    expect(run(1)).toEqual([1])
    first.nsPerByte = 1
    expect(run(5)).toEqual([1, 1, 1, 1, 1])
    // If it lasts, the other one is taken.
    first.nsPerByte = 2.5
    expect(run(20).at(-1)).toBe(2)
  })

  it('forgives one slow batch, and measures the second best again in time', () => {
    const { run, ways } = chooser(clock => [new Way(clock, 1, 1, 0.5), new Way(clock, 2, 2, 0.5)])
    const [first, second] = ways as [Way, Way]
    run(10)
    first.nsPerByte = 12
    expect(run(1)).toEqual([1])
    first.nsPerByte = 1
    expect(run(100).slice(-30)).toEqual(new Array(30).fill(1))
    second.nsPerByte = 0.1
    run(100)
    expect(run(5)).toEqual([2, 2, 2, 2, 2])
  })

  it('sends what is small, large or hardly smaller as it is', () => {
    const { run, ways } = chooser(clock => [new Way(clock, 1, 0, 0.5)], { minBytes: 100, maxBytes: 200 })
    expect([99, 100, 200, 201].map(length => run(1, batch.subarray(0, length))[0])).toEqual([0, 1, 1, 0])
    const [way] = ways as [Way]
    way.share = 0.88
    expect(run(1, batch.subarray(0, 200))).toEqual([0])
    way.share = 0.875
    expect(run(1, batch.subarray(0, 200))).toEqual([1])
  })

  it('compresses nothing without a way', () => {
    expect(new AdaptiveCompression({ compressors: [] }).compress(batch)).toBeUndefined()
  })

  it('refuses options that cannot be', () => {
    const bad: AdaptiveCompressionOptions[] = [
      { minBytes: 63 },
      { maxBytes: 1023 },
      { linkBytesPerSecond: 999 },
      { compressors: [new Way(new WorkClock(), 0, 1, 1)] },
      { compressors: [new Way(new WorkClock(), 256, 1, 1)] },
    ]
    for (const options of bad) expect(() => new AdaptiveCompression(options)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    expect(new AdaptiveCompression({ minBytes: 64, maxBytes: 64 }).compress(batch)).toBeUndefined()
  })
})
