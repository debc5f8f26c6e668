import { describe, expect, it } from 'vitest'
import { bytesCodec } from '../src/index.ts'

const codec = bytesCodec({ maxBytes: 10 })

describe('a codec of raw bytes', () => {
  it('copies in both directions', () => {
    const target = new Uint8Array(8).fill(9)
    expect(codec.encode(Uint8Array.of(1, 2, 3), target, 4)).toBe(3)
    expect([...target]).toEqual([9, 9, 9, 9, 1, 2, 3, 9])
    const value = codec.decode(target, 4, 3)
    target.fill(0)
    expect(value).toStrictEqual(Uint8Array.of(1, 2, 3))
    expect(codec.decode(target, 8, 0)).toStrictEqual(new Uint8Array(0))
    expect(codec.decode(Buffer.from('abc'), 0, 3)).toStrictEqual(new Uint8Array([97, 98, 99]))
  })

  it('holds its bounds', () => {
    const target = new Uint8Array(20)
    expect(codec.encode(new Uint8Array(10), target, 10)).toBe(10)
    expect(() => codec.encode(new Uint8Array(10), target, 11)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SPACE' }))
    expect(() => codec.encode(new Uint8Array(11), target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    expect(() => codec.decode(target, 0, 11)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    expect(() => codec.decode(target, 15, 6)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    expect(() => codec.encode([1] as never, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(() => bytesCodec({ maxBytes: 0 })).toThrow(/maxBytes/)
  })
})
