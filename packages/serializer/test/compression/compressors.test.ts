import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { builtInCompressors, type Compressor } from '../../src/index.ts'
import { lz4 } from '../../src/lz4.ts'
import * as browser from '../../src/platform/platform-default.ts'
import * as node from '../../src/platform/platform-node.ts'

/** The compressor of a platform's deflate. */
function deflateOf({ deflate, inflate }: typeof node): Compressor {
  return {
    id: 1,
    name: 'deflate',
    compress: deflate,
    decompress(packed, plainBytes) {
      try {
        const plain = inflate(packed, plainBytes)
        return plain.length === plainBytes ? plain : undefined
      } catch {
        return undefined
      }
    },
  }
}

const compressors: Record<string, Compressor> = {
  'deflate of Node': deflateOf(node),
  'deflate of browsers': deflateOf(browser),
  ...Object.fromEntries(builtInCompressors().map(compressor => [`built-in ${compressor.name}`, compressor])),
  lz4,
}
const text = new TextEncoder().encode('an order for an instrument at a price. '.repeat(3000))
const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0

it('the built-in ways are zstd and deflate here, and deflate alone where there is no zstd', () => {
  expect(builtInCompressors().map(({ id, name }) => `${id} ${name}`)).toEqual(['2 zstd', '1 deflate'])
  expect(lz4).toMatchObject({ id: 3, name: 'lz4' })
})

describe.each(Object.entries(compressors))('%s', (_, compressor) => {
  it('gives back what it made smaller, of any length', () =>
    withSeed(
      'compressor round trip',
      random => {
        const plain = text.slice(0, random.below(2) === 0 ? random.below(300) + 1 : random.below(text.length) + 1)
        for (let i = random.below(50); i > 0; i--) plain[random.below(plain.length)] = random.below(256)
        const packed = compressor.compress(plain).slice()
        expect(same(compressor.decompress(packed, plain.length), plain)).toBe(true)
        if (plain.length > 10_000) expect(packed.length).toBeLessThan(plain.length / 4)
      },
      { count: 100 },
    ))

  it('makes neither more nor less than was announced', () => {
    const packed = compressor.compress(text).slice()
    for (const length of [1, 100, text.length - 1, text.length + 1, 2 * text.length, 2 ** 22])
      expect(compressor.decompress(packed, length)).toBeUndefined()
  })

  it('refuses bytes that are cut, damaged or none of its own', () =>
    withSeed(
      'damaged compression',
      random => {
        const packed = compressor.compress(text).slice()
        expect(compressor.decompress(packed.subarray(0, random.below(packed.length)), text.length)).toBeUndefined()
        expect(
          compressor.decompress(
            Uint8Array.from({ length: 200 }, () => random.below(256)),
            10_000,
          ),
        ).toBeUndefined()
        for (let i = 0; i < 3; i++) packed[random.below(packed.length)] = random.below(256)
        const plain = compressor.decompress(packed, text.length)
        expect(plain === undefined || plain.length === text.length).toBe(true)
      },
      { count: 200 },
    ))
})

describe('bytes that blow up', () => {
  const bombs: Record<string, readonly [Compressor, Uint8Array]> = {
    'deflate of Node': [deflateOf(node), deflateRawSync(new Uint8Array(2 ** 28))],
    'deflate of browsers': [deflateOf(browser), deflateRawSync(new Uint8Array(2 ** 28))],
    zstd: [
      builtInCompressors()[0] as Compressor,
      zstdCompressSync(new Uint8Array(2 ** 28), { params: { [constants.ZSTD_c_windowLog]: 27 } }),
    ],
    // Whose window is no larger than what is announced.
    'zstd with a small window': [
      builtInCompressors()[0] as Compressor,
      zstdCompressSync(new Uint8Array(2 ** 28), { params: { [constants.ZSTD_c_windowLog]: 12 } }),
    ],
    lz4: [lz4, lz4.compress(new Uint8Array(2 ** 26))],
  }
  it.each(Object.entries(bombs))('are given up by %s at the announced length, before they take memory', (_, [compressor, bomb]) => {
    const before = process.memoryUsage()
    expect(compressor.decompress(bomb, 2 ** 16)).toBeUndefined()
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 22)
    expect(after.rss - before.rss).toBeLessThan(2 ** 25)
  })
})

it('an LZ4 block that gives more than its length says is refused', () => {
  const packed = new Uint8Array(lz4.compress(text))
  new DataView(packed.buffer).setUint32(0, 1000, true)
  expect(lz4.decompress(packed, 1000)).toBeUndefined()
  expect(lz4.decompress(packed.subarray(0, 3), 1000)).toBeUndefined()
})

it('a browser reads what Node wrote by deflate, and the other way round', () => {
  expect(same(node.inflate(browser.deflate(text), text.length), text)).toBe(true)
  expect(same(browser.inflate(node.deflate(text), text.length), text)).toBe(true)
})
