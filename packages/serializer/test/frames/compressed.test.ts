import { deflateRawSync, zstdCompressSync } from 'node:zlib'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { AdaptiveCompression, builtInCompressors, type Compressor, FrameDecoder, FrameWriter } from '../../src/index.ts'
import { lz4 } from '../../src/lz4.ts'
import { decodeAll, encodeAll, orders } from '../support/batches.ts'
import { craftBatch, craftFrame } from '../support/craft.ts'

const compressors = [...builtInCompressors(), lz4]
/** Compresses whatever it gets: a clock that stands still makes every saving a gain. */
const always = (compressor: Compressor) =>
  new AdaptiveCompression({ compressors: [compressor], clock: { nowMs: () => 0, monotonicNs: () => 0 }, minBytes: 64 })

describe.each(compressors.map(compressor => [compressor.name, compressor] as const))('batches compressed by %s', (_, compressor) => {
  it('come out as they went in, wherever the stream is cut', () =>
    withSeed('compressed batches', random => {
      const payloads = orders(random, 500)
      const plain = encodeAll(payloads)
      const packed = encodeAll(payloads, { compression: always(compressor), batchBytes: 4000 })
      expect(packed.length).toBeLessThan(plain.length / 2)
      const expected = decodeAll(plain)
      for (const chunkBytes of [1, 2, 25, 1000, packed.length]) expect(decodeAll(packed, { compressors }, chunkBytes)).toEqual(expected)
    }))

  it('are refused by a decoder that was not given this way', () => {
    const packed = encodeAll(orders({ below: () => 1 } as never, 100), { compression: always(compressor) })
    const others = compressors.filter(({ id }) => id !== compressor.id)
    for (const known of [[], others])
      expect(() => decodeAll(packed, { compressors: known })).toThrow(
        expect.objectContaining({ code: 'DX_FRAME_COMPRESSION', details: expect.objectContaining({ id: compressor.id }) }),
      )
    expect(() => decodeAll(packed)).toThrow(/compressed by number \d; known are none/)
  })

  it('are refused when they are not what their header says', () => {
    const plain = craftFrame(new Uint8Array(1000))
    const packed = compressor.compress(plain).slice()
    const { id } = compressor
    expect(decodeAll(craftBatch(packed, { compression: id, plainBytes: plain.length }), { compressors })).toHaveLength(1)
    const data = expect.objectContaining({ code: 'DX_FRAME_DATA', message: expect.stringContaining(`compressed by ${compressor.name}`) })
    for (const plainBytes of [plain.length - 1, plain.length + 1, 100_000])
      expect(() => decodeAll(craftBatch(packed, { compression: id, plainBytes }), { compressors })).toThrow(data)
    for (const body of [packed.subarray(0, -1), Buffer.alloc(50, 0x55)])
      expect(() => decodeAll(craftBatch(body, { compression: id, plainBytes: plain.length }), { compressors })).toThrow(data)
  })

  it('are held to the rules of frames after decompression', () => {
    const plain = craftFrame(new Uint8Array(1000), { length: 999 })
    const packed = compressor.compress(plain).slice()
    expect(() => decodeAll(craftBatch(packed, { compression: compressor.id, plainBytes: plain.length }), { compressors })).toThrow(
      /do not end/,
    )
    const large = craftFrame(new Uint8Array(1000))
    const body = compressor.compress(large).slice()
    const limits = { compressors, maxFrameBytes: 999, maxBatchBytes: 2000 }
    expect(() => decodeAll(craftBatch(body, { compression: compressor.id, plainBytes: large.length }), limits)).toThrow(
      expect.objectContaining({ code: 'DX_FRAME_SIZE' }),
    )
  })
})

it('what a compressor of your own makes is held to the announced length', () => {
  const frame = craftFrame(new Uint8Array(100))
  const outcome = (plain: Uint8Array | undefined) => {
    const own: Compressor = { id: 128, name: 'own', compress: bytes => bytes, decompress: () => plain }
    return () => decodeAll(craftBatch(new Uint8Array(10), { compression: 128, plainBytes: frame.length }), { compressors: [own] })
  }
  expect(outcome(frame)()).toHaveLength(1)
  for (const plain of [undefined, frame.subarray(1), Buffer.concat([frame, frame])])
    expect(outcome(plain)).toThrow(/no 108 bytes compressed by own/)
})

describe('a bomb', () => {
  const zeros = new Uint8Array(2 ** 26)
  const bombs = { deflate: [1, deflateRawSync(zeros)], zstd: [2, zstdCompressSync(zeros)], lz4: [3, lz4.compress(zeros)] } as const

  it.each(Object.entries(bombs))('of %s goes off at the bound of a batch', (_, [compression, body]) => {
    const decoder = new FrameDecoder(() => expect.unreachable(), { compressors, maxBatchBytes: 2 ** 21 })
    const before = process.memoryUsage().rss
    expect(() => decoder.push(craftBatch(body, { compression, plainBytes: 2 ** 21 }))).toThrow(
      expect.objectContaining({ code: 'DX_FRAME_DATA' }),
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 25)
    expect(() =>
      new FrameDecoder(() => undefined, { compressors }).push(craftBatch(body, { compression, plainBytes: zeros.length })),
    ).toThrow(expect.objectContaining({ code: 'DX_FRAME_SIZE' }))
  })
})

it('a writer compresses what pays and sends the rest as it is, in one stream', () =>
  withSeed('mixed traffic', random => {
    const adaptive = always(builtInCompressors()[0] as Compressor)
    const writer = new FrameWriter({ compression: adaptive, batchBytes: 2000 })
    const noise = Array.from({ length: 30 }, () => Uint8Array.from({ length: 100 }, () => random.below(256)))
    const payloads = [...orders(random, 200), ...noise, ...orders(random, 200)]
    for (const payload of payloads) writer.append(1, 0, payload)
    const taken = writer.take().slice()
    expect(decodeAll(taken, { compressors }).map(({ payload }) => payload)).toEqual(
      payloads.map(payload => Buffer.from(payload).toString('hex')),
    )
    const { batches, compressed } = adaptive.stats
    expect(compressed).toBeGreaterThan(0)
    expect(compressed).toBeLessThan(batches)
  }))
