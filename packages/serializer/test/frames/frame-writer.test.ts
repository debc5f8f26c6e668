import type { Codec } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import { CodecSpaceError, FrameWriter, type FrameWriterOptions, msgpackCodec, structCodec } from '../../src/index.ts'
import { decodeAll } from '../support/batches.ts'

const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value)
const payloads = (written: Uint8Array, options = {}) => decodeAll(written.slice(), options).map(({ payload }) => payload)

/** How many frames each batch has. */
function batches(written: Uint8Array): number[] {
  const view = new DataView(written.buffer, written.byteOffset)
  const counts: number[] = []
  for (let at = 0; at < written.length; at += 24 + view.getUint32(at + 4, true)) counts.push(view.getUint32(at + 12, true))
  return counts
}

describe('a frame writer', () => {
  it('gathers frames until they are taken, and then begins anew', () => {
    const writer = new FrameWriter()
    expect(writer.pendingBytes).toBe(0)
    expect(writer.take()).toEqual(new Uint8Array(0))
    writer.append(1, 0, bytes(3))
    writer.append(1, 0, bytes(0))
    expect(writer.pendingBytes).toBe(24 + 8 + 3 + 8)
    const first = writer.take()
    expect(first.length).toBe(24 + 8 + 3 + 8)
    expect(writer.pendingBytes).toBe(0)
    writer.append(1, 0, bytes(2, 9))
    expect(payloads(writer.take())).toEqual(['0909'])
    expect(payloads(first)).toEqual(['070707', ''])
  })

  it('closes a batch that has reached its size, its number of frames, or what a batch may hold', () => {
    const write = (options: FrameWriterOptions, lengths: readonly number[]) => {
      const writer = new FrameWriter(options)
      for (const length of lengths) expect(writer.append(1, 0, bytes(length))).toBe(true)
      const taken = writer.take()
      expect(payloads(taken).map(payload => payload.length / 2)).toEqual(lengths)
      return batches(taken)
    }
    expect(write({ batchBytes: 64 }, [24, 24, 24])).toEqual([2, 1])
    expect(write({ batchBytes: 64 }, [24, 23, 24])).toEqual([3])
    expect(write({ maxFrames: 2 }, [0, 0, 0, 0, 0])).toEqual([2, 2, 1])
    expect(write({ maxFrameBytes: 67, maxBatchBytes: 100 }, [67, 17, 0, 67])).toEqual([2, 2])
    expect(write({ maxFrameBytes: 67, maxBatchBytes: 100 }, [67, 18])).toEqual([1, 1])
  })

  it('says when it is full, takes nothing then, and goes on once its bytes are taken', () => {
    const writer = new FrameWriter({ maxFrameBytes: 67, maxBatchBytes: 100, maxBufferBytes: 124 })
    expect(writer.append(1, 0, bytes(60))).toBe(true)
    expect(writer.append(1, 0, bytes(25))).toBe(false)
    expect(writer.pendingBytes).toBe(92)
    expect(writer.append(1, 0, bytes(24, 8))).toBe(true)
    expect(writer.pendingBytes).toBe(124)
    expect(writer.append(1, 0, bytes(0))).toBe(false)
    expect(writer.reserve(1, 0, 0)).toBe(-1)
    expect(writer.encode(1, 0, msgpackCodec(), null)).toBe(false)
    expect(writer.encode(1, 0, structCodec(struct({ a: 'u8' })), { a: 1 })).toBe(false)
    expect(payloads(writer.take())).toEqual(['07'.repeat(60), '08'.repeat(24)])
    expect(writer.append(1, 0, bytes(67))).toBe(true)
  })

  it('lets the caller fill what it reserved', () => {
    const writer = new FrameWriter()
    writer.append(1, 0, bytes(4000))
    const at = writer.reserve(2, 3, 300, bytes(25, 1))
    writer.target.fill(5, at, at + 300)
    expect(decodeAll(writer.take().slice())[1]).toEqual({ type: 2, flags: 3, payload: '05'.repeat(300), trace: '01'.repeat(25) })
  })

  it('refuses what no frame can be, and takes nothing of it', () => {
    const writer = new FrameWriter({ maxFrameBytes: 10 })
    const option = expect.objectContaining({ code: 'DX_OPTION' })
    for (const type of [-1, 65_536, 1.5, Number.NaN]) expect(() => writer.append(type, 0, bytes(1))).toThrow(option)
    for (const flags of [-1, 256, 0.5]) {
      expect(() => writer.append(1, flags, bytes(1))).toThrow(option)
      expect(() => writer.encode(1, flags, msgpackCodec(), 1)).toThrow(option)
    }
    for (const length of [24, 26, 0]) {
      expect(() => writer.append(1, 0, bytes(1), bytes(length))).toThrow(/option trace is '\d+ bytes'/)
      expect(() => writer.encode(1, 0, msgpackCodec(), 1, bytes(length))).toThrow(option)
    }
    for (const length of [-1, 0.5, Number.NaN]) expect(() => writer.reserve(1, 0, length)).toThrow(/option length/)
    for (const payload of ['text', [1, 2], new Uint16Array(2), new ArrayBuffer(2), undefined])
      expect(() => writer.append(1, 0, payload as never)).toThrow(/option payload is '\w+'; it must be a Uint8Array/)
    expect(() => writer.append(1, 0, bytes(11))).toThrow(/payload in bytes is 11; at most 10 .*maxFrameBytes/)
    expect(() => writer.append(1, 0, bytes(11))).toThrow(expect.objectContaining({ code: 'DX_FRAME_SIZE' }))
    expect(writer.take().length).toBe(0)
    expect(writer.append(0, 0, bytes(10)) && writer.append(65_535, 255, bytes(10))).toBe(true)
    expect(decodeAll(writer.take().slice()).map(({ type, flags }) => [type, flags])).toEqual([
      [0, 0],
      [65_535, 255],
    ])
  })

  it('refuses options that cannot be', () => {
    const bad: FrameWriterOptions[] = [
      { maxFrameBytes: 0 },
      { maxFrameBytes: 2 ** 28 + 1 },
      { maxFrameBytes: 100, maxBatchBytes: 132 },
      { maxBatchBytes: 2 ** 29 + 1 },
      { maxFrames: 0 },
      { maxFrames: 2 ** 24 + 1 },
      { batchBytes: 63 },
      { maxFrameBytes: 1, maxBatchBytes: 100, batchBytes: 101 },
      { maxFrameBytes: 1, maxBatchBytes: 100, maxBufferBytes: 123 },
      { maxBufferBytes: 2 ** 30 + 1 },
    ]
    for (const options of bad) expect(() => new FrameWriter(options)).toThrow(expect.objectContaining({ code: 'DX_OPTION' }))
    expect(
      new FrameWriter({ maxFrameBytes: 100, maxBatchBytes: 133, maxFrames: 1, batchBytes: 64, maxBufferBytes: 157 }).pendingBytes,
    ).toBe(0)
    expect(new FrameWriter({ maxFrameBytes: 2 ** 28, maxBatchBytes: 2 ** 29, maxFrames: 2 ** 24 }).pendingBytes).toBe(0)
  })
})

describe('a value written as a frame', () => {
  const order = struct({ id: 'u53', buy: 'bool' })

  it('is encoded in place, with and without a trace context', () => {
    const writer = new FrameWriter()
    const codec = structCodec(order)
    expect(writer.encode(5, 1, codec, { id: 9, buy: true })).toBe(true)
    expect(writer.encode(6, 2, msgpackCodec(), ['x'], bytes(25, 3))).toBe(true)
    expect(decodeAll(writer.take().slice())).toEqual([
      { type: 5, flags: 1, payload: '09000000000000000100000000000000', trace: undefined },
      { type: 6, flags: 2, payload: '91a178', trace: '03'.repeat(25) },
    ])
  })

  it('gets the room that it turns out to need', () => {
    const writer = new FrameWriter({ maxFrameBytes: 100_000 })
    const codec = msgpackCodec()
    const texts = [0, 200, 300, 5000, 99_995, 10].map(length => 'x'.repeat(length))
    for (const text of texts) expect(writer.encode(1, 0, codec, text)).toBe(true)
    const taken = writer.take().slice()
    expect(decodeAll(taken).map(({ payload }) => codec.decode(Buffer.from(payload, 'hex'), 0, payload.length / 2))).toEqual(texts)
    expect(() => writer.encode(1, 0, codec, 'x'.repeat(99_996))).toThrow(expect.objectContaining({ code: 'DX_FRAME_SIZE' }))
    expect(writer.take().length).toBe(0)
  })

  it('opens a new batch where it does not fit into the open one', () => {
    const writer = new FrameWriter({ maxFrameBytes: 1000, maxBatchBytes: 1100 })
    const codec = msgpackCodec()
    for (const length of [900, 500, 600, 100]) expect(writer.encode(1, 0, codec, 'x'.repeat(length))).toBe(true)
    expect(batches(writer.take())).toEqual([1, 1, 2])
  })

  it('is not there when its codec refuses it', () => {
    const writer = new FrameWriter()
    writer.append(1, 0, bytes(1))
    const before = writer.pendingBytes
    expect(() => writer.encode(1, 0, structCodec(order), { id: -1, buy: true })).toThrow(
      expect.objectContaining({ code: 'DX_CODEC_VALUE' }),
    )
    expect(() => writer.encode(1, 0, msgpackCodec(), () => 1)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(writer.pendingBytes).toBe(before)
    expect(payloads(writer.take())).toEqual(['07'])
  })

  it('is not there when its codec lies about its size', () => {
    const lying = (length: number, fixedBytes?: number): Codec<number> => ({
      name: 'own',
      fixedBytes,
      encode: () => length,
      decode: () => 0,
    })
    const writer = new FrameWriter({ maxFrameBytes: 1000 })
    for (const codec of [lying(3, 4), lying(-1), lying(1.5), lying(Number.NaN)])
      expect(() => writer.encode(1, 0, codec, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    for (const codec of [lying(1001), lying(1001, 1001)])
      expect(() => writer.encode(1, 0, codec, 0)).toThrow(expect.objectContaining({ code: 'DX_FRAME_SIZE' }))
    expect(writer.take().length).toBe(0)
  })

  it('gets room from a codec that does not say how much, and an end when it is never enough', () => {
    const greedy: Codec<number> = {
      name: 'greedy',
      encode(value, target, offset) {
        if (target.length - offset < value) throw new CodecSpaceError('greedy', 0, 0)
        target.fill(1, offset, offset + value)
        return value
      },
      decode: () => 0,
    }
    const writer = new FrameWriter({ maxFrameBytes: 50_000 })
    expect(writer.encode(1, 0, greedy, 50_000)).toBe(true)
    expect(() => writer.encode(1, 0, greedy, Number.POSITIVE_INFINITY)).toThrow(expect.objectContaining({ code: 'DX_FRAME_SIZE' }))
    expect(payloads(writer.take())).toEqual(['01'.repeat(50_000)])
  })
})

describe('the memory of a frame writer', () => {
  it('is used again once it was given back, and not before', () => {
    const writer = new FrameWriter()
    writer.append(1, 0, bytes(100))
    const first = writer.take()
    const copy = first.slice()
    writer.append(1, 0, bytes(100, 9))
    const second = writer.take()
    expect(second.buffer).not.toBe(first.buffer)
    expect(first).toEqual(copy)
    writer.recycle(first)
    writer.append(1, 0, bytes(1))
    expect(writer.take().buffer === first.buffer).toBe(true)
  })

  it('is never filled by two hands, though it is given back twice, or is not its own', () => {
    const writer = new FrameWriter()
    writer.append(1, 0, bytes(1))
    const first = writer.take()
    for (let i = 0; i < 3; i++) writer.recycle(first)
    writer.recycle(new Uint8Array(4096))
    writer.recycle(new Uint8Array(new SharedArrayBuffer(4096)))
    const seen = new Set<ArrayBufferLike>()
    for (let i = 0; i < 4; i++) {
      writer.append(1, 0, bytes(1))
      seen.add(writer.take().buffer)
    }
    expect(seen.size).toBe(4)
  })

  it('is kept twice, however much is given back at once', () => {
    const writer = new FrameWriter()
    const turn = () => {
      writer.append(1, 0, bytes(1))
      return writer.take()
    }
    const lent = Array.from({ length: 5 }, turn)
    for (const memory of lent) writer.recycle(memory)
    const known = new Set(lent.map(({ buffer }) => buffer))
    expect(Array.from({ length: 5 }, turn).filter(({ buffer }) => known.has(buffer)).length).toBe(2)
  })

  it('does not grow in the long run, and shrinks when a link has become quiet', () => {
    const writer = new FrameWriter()
    const turn = (frames: number) => {
      for (let i = 0; i < frames; i++) expect(writer.append(1, 0, bytes(1000))).toBe(true)
      const taken = writer.take()
      writer.recycle(taken)
      return taken.buffer
    }
    const large = turn(2000)
    expect(turn(2000) === large && turn(1900) === large).toBe(true)
    expect(large.byteLength).toBeGreaterThan(2_000_000)
    expect(turn(1) === large).toBe(true)
    expect(turn(1).byteLength).toBeLessThan(2 ** 17)
  })
})

describe('a frame writer that compresses', () => {
  const half = { id: 200, compress: (plain: Uint8Array) => plain.slice(0, plain.length / 2) }

  it('sends what compression made of each batch, with its number', () => {
    const given: number[] = []
    const writer = new FrameWriter({
      batchBytes: 64,
      compression: {
        ...half,
        compress(plain) {
          given.push(plain.length)
          return half.compress(plain)
        },
      },
    })
    for (const length of [60, 60, 50, 70]) writer.append(1, 0, bytes(length))
    const taken = writer.take()
    expect(given).toEqual([68, 68, 136])
    expect(taken.length).toBe(24 + 34 + 24 + 34 + 24 + 68)
    expect([taken[3], taken[24 + 34 + 3]]).toEqual([200, 200])
  })

  it('sends a batch as it is when compression declines or makes it no smaller', () => {
    for (const compress of [
      () => undefined,
      (plain: Uint8Array) => plain.slice(),
      (plain: Uint8Array) => new Uint8Array(plain.length + 1),
    ]) {
      const writer = new FrameWriter({ compression: { id: 200, compress } })
      writer.append(1, 0, bytes(60))
      const taken = writer.take().slice()
      expect(taken[3]).toBe(0)
      expect(payloads(taken)).toEqual(['07'.repeat(60)])
    }
  })
})
