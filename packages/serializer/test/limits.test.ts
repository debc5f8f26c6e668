import { isDeepStrictEqual } from 'node:util'
import type { Codec } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import {
  AdaptiveCompression,
  bytesCodec,
  FrameDecoder,
  FrameWriter,
  type FrameWriterOptions,
  jsonCodec,
  msgpackCodec,
} from '../src/index.ts'
import { craftBatch, craftFrame } from './support/craft.ts'

// What the tables of README.md and the comments of options promise where nothing is given.

const MIB = 2 ** 20
const codeOf = (code: string, option?: string) =>
  expect.objectContaining({ code, ...(option && { message: expect.stringContaining(option) }) })
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

describe('a codec without options', () => {
  const textOf = (length: number) => 'x'.repeat(length)
  const codecs: Record<string, readonly [make: (maxBytes?: number) => Codec<unknown>, sized: (bytes: number) => unknown]> = {
    bytes: [maxBytes => bytesCodec({ ...(maxBytes && { maxBytes }) }) as Codec<unknown>, bytes => new Uint8Array(bytes)],
    json: [maxBytes => jsonCodec({ ...(maxBytes && { maxBytes }) }), bytes => textOf(bytes - 2)],
    msgpack: [maxBytes => msgpackCodec({ ...(maxBytes && { maxBytes }) }), bytes => textOf(bytes - 5)],
  }

  it.each(Object.entries(codecs))('takes values of up to 1 MiB in both directions: %s', (_, [make, sized]) => {
    const target = new Uint8Array(MIB + 1)
    const [codec, larger] = [make(), make(MIB + 1)]
    expect(codec.encode(sized(MIB), target, 0)).toBe(MIB)
    expect(isDeepStrictEqual(codec.decode(target, 0, MIB), sized(MIB))).toBe(true)
    expect(() => codec.encode(sized(MIB + 1), target, 0)).toThrow(codeOf('DX_CODEC_SIZE'))
    expect(larger.encode(sized(MIB + 1), target, 0)).toBe(MIB + 1)
    expect(() => codec.decode(target, 0, MIB + 1)).toThrow(codeOf('DX_CODEC_SIZE'))
  })

  it.each([
    ['json', jsonCodec(), jsonCodec({ maxDepth: 33 })],
    ['msgpack', msgpackCodec(), msgpackCodec({ maxDepth: 33 })],
  ])('takes values of up to 32 levels in both directions: %s', (_, codec, deeper) => {
    const target = new Uint8Array(200)
    expect(codec.decode(target, 0, codec.encode(nested(32), target, 0))).toEqual(nested(32))
    expect(() => codec.encode(nested(33), target, 0)).toThrow(codeOf('DX_CODEC_VALUE', 'deeper than 32'))
    const length = deeper.encode(nested(33), target, 0)
    expect(() => codec.decode(target, 0, length)).toThrow(codeOf('DX_CODEC_DATA', 'deeper than 32'))
  })
})

describe('a frame decoder without options', () => {
  const push = (bytes: Uint8Array) => {
    const lengths: number[] = []
    new FrameDecoder(({ length }) => lengths.push(length)).push(bytes)
    return lengths
  }

  it('takes frames of up to 1 MiB', () => {
    expect(push(craftBatch(craftFrame(new Uint8Array(MIB))))).toEqual([MIB])
    expect(() => push(craftBatch(craftFrame(new Uint8Array(MIB + 1))))).toThrow(codeOf('DX_FRAME_SIZE', 'maxFrameBytes'))
  })

  it('takes batches of up to 1 MiB and 64 KiB', () => {
    const most = MIB + 2 ** 16
    const header = (plainBytes: number) => craftBatch(new Uint8Array(0), { bodyBytes: plainBytes, plainBytes })
    expect(push(header(most))).toEqual([])
    expect(() => push(header(most + 1))).toThrow(codeOf('DX_FRAME_SIZE', 'maxBatchBytes'))
  })

  it('takes batches of up to 65,536 frames', () => {
    const batchOf = (frames: number) => craftBatch(new Uint8Array(8 * frames), { frames })
    expect(push(batchOf(65_536)).length).toBe(65_536)
    expect(() => push(batchOf(65_537))).toThrow(codeOf('DX_FRAME_SIZE', 'maxFrames'))
  })

  it('takes no compressed batch', () => {
    expect(() => push(craftBatch(new Uint8Array(4), { compression: 1, plainBytes: 8 }))).toThrow(codeOf('DX_FRAME_COMPRESSION', 'none'))
  })
})

describe('a frame writer without options', () => {
  /** How many frames each batch has. */
  function batchesOf(lengths: readonly number[], options: FrameWriterOptions = {}): number[] {
    const writer = new FrameWriter(options)
    for (const length of lengths) if (!writer.append(1, 0, new Uint8Array(length))) throw new Error('the writer is full')
    const counts = [0]
    new FrameDecoder(({ endOfBatch }) => {
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1
      if (endOfBatch) counts.push(0)
    }, options).push(writer.take())
    return counts.slice(0, -1)
  }

  it('makes frames of up to 1 MiB', () => {
    const writer = new FrameWriter()
    expect(writer.append(1, 0, new Uint8Array(MIB))).toBe(true)
    expect(() => writer.append(1, 0, new Uint8Array(MIB + 1))).toThrow(codeOf('DX_FRAME_SIZE', 'maxFrameBytes'))
  })

  it('ends a batch at 64 KiB, and lets none grow beyond 1 MiB and 64 KiB', () => {
    const half = 2 ** 15 - 8
    expect(batchesOf([half, half, 0])).toEqual([2, 1])
    expect(batchesOf([half, half - 1, 0])).toEqual([3])
    expect(batchesOf([2 ** 16 - 16, MIB])).toEqual([2])
    expect(batchesOf([2 ** 16 - 15, MIB])).toEqual([1, 1])
  })

  it('ends a batch at 65,536 frames', () => {
    expect(batchesOf(new Array(65_537).fill(0), { batchBytes: MIB })).toEqual([65_536, 1])
  })

  it('gathers up to 4 MiB', () => {
    const writer = new FrameWriter()
    const batch = new Uint8Array(2 ** 16 - 8)
    for (let i = 0; i < 63; i++) expect(writer.append(1, 0, batch)).toBe(true)
    const left = 2 ** 22 - writer.pendingBytes - 32
    expect(writer.append(1, 0, new Uint8Array(left + 1))).toBe(false)
    expect(writer.append(1, 0, new Uint8Array(left))).toBe(true)
    expect(writer.pendingBytes).toBe(2 ** 22)
  })
})

it('adaptive compression without limits looks at batches of 1,024 bytes to 2 MiB', () => {
  const looked: number[] = []
  const compress = (plain: Uint8Array) => {
    looked.push(plain.length)
    return plain.subarray(0, 1)
  }
  const adaptive = new AdaptiveCompression({
    compressors: [{ id: 1, name: 'any', compress, decompress: () => undefined }],
    clock: { nowMs: () => 0, monotonicNs: () => 0 },
  })
  for (const length of [1023, 1024, 2 ** 21, 2 ** 21 + 1]) adaptive.compress(new Uint8Array(length))
  expect(looked).toEqual([1024, 2 ** 21])
})
