import type { CodecSchema } from '@disruptorx/contracts'
import { type StructSpec, struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import { structCodec } from '../src/index.ts'

const order = struct({ id: 'u53', price: 'u32', buy: 'bool' })
const codec = structCodec(order)
const value = { id: 2 ** 53 - 1, price: 2 ** 32 - 1, buy: true }

describe('a struct codec', () => {
  it('is named after the hash of its layout', () => {
    expect(codec.name).toBe(`struct:${order.hash.toString(16).padStart(8, '0')}`)
    expect(structCodec(struct({ id: 'u53' })).name).not.toBe(codec.name)
    // One that begins with a zero: a golden record of FORMAT.md of layouts.
    const zero = struct({ id: 'u32', note: { tail: 'string', max: 16 }, price: 'u32' })
    expect(structCodec(zero).name).toBe('struct:02f8957b')
  })

  it('reads what it wrote, at any offset of any buffer, shared or not, and touches no other byte', () => {
    for (const memory of [new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
      for (const [start, offset] of [
        [0, 0],
        [3, 5],
        [8, 40],
      ] as const) {
        const bytes = new Uint8Array(memory, start).fill(0xee)
        expect(codec.encode(value, bytes, offset)).toBe(order.size)
        expect(codec.decode(bytes, offset, order.size)).toEqual(value)
        const rest = [...bytes.subarray(0, offset), ...bytes.subarray(offset + order.size)]
        expect(rest.every(byte => byte === 0xee)).toBe(true)
      }
    }
  })

  it('writes the same bytes whatever lay there, the gaps between fields included', () => {
    const clean = new Uint8Array(order.size)
    const dirty = new Uint8Array(order.size).fill(0xff)
    codec.encode(value, clean, 0)
    codec.encode(value, dirty, 0)
    expect(dirty).toEqual(clean)
  })

  it('gives a value that stays when the bytes change', () => {
    const bytes = new Uint8Array(order.size)
    codec.encode(value, bytes, 0)
    const decoded = codec.decode(bytes, 0, order.size)
    bytes.fill(0)
    expect(decoded).toEqual(value)
  })

  it('writes only where all of it fits', () => {
    const bytes = new Uint8Array(order.size + 1)
    expect(codec.encode(value, bytes, 1)).toBe(order.size)
    for (const offset of [2, order.size + 1, 1000, -1, 0.5, Number.NaN]) {
      const before = bytes.slice()
      expect(() => codec.encode(value, bytes, offset)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SPACE' }))
      expect(bytes).toEqual(before)
    }
    // The buffer behind a window is larger than the window.
    expect(() => codec.encode(value, new Uint8Array(64).subarray(0, order.size - 1), 0)).toThrow(/takes 16 bytes .* room for 15/)
  })

  it('refuses a value that a field cannot hold, names it, and writes nothing', () => {
    const bytes = new Uint8Array(order.size).fill(7)
    for (const bad of [{ ...value, price: -1 }, { ...value, buy: 1 }, {}, null, undefined, 5]) {
      expect(() => codec.encode(bad as never, bytes, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
      expect(bytes.every(byte => byte === 7)).toBe(true)
    }
    expect(() => codec.encode({ ...value, price: -1 }, bytes, 0)).toThrow('field price is -1')
  })

  it('refuses bytes that are no record of any version', () => {
    const bytes = new Uint8Array(64)
    for (const length of [0, 1, 7, 9, 15, -1, 0.5])
      expect(() => codec.decode(bytes, 0, length)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    expect(codec.decode(bytes, 48, order.size)).toEqual({ id: 0, price: 0, buy: false })
    for (const offset of [49, -1, 0.5]) expect(() => codec.decode(bytes, offset, order.size)).toThrow(/not within/)
  })

  it('refuses 64 bits that are no exact number, on both sides of zero', () => {
    const wide = structCodec(struct({ u: 'u53', i: 'i53' } satisfies StructSpec))
    const bytes = new Uint8Array(16)
    const data = new DataView(bytes.buffer)
    const decode = (u: bigint, i: bigint) => {
      data.setBigUint64(0, u, true)
      data.setBigInt64(8, i, true)
      return wide.decode(bytes, 0, 16)
    }
    expect(decode(2n ** 53n - 1n, -(2n ** 53n) + 1n)).toEqual({ u: Number.MAX_SAFE_INTEGER, i: Number.MIN_SAFE_INTEGER })
    expect(() => decode(2n ** 53n, 0n)).toThrow(/field u holds a number beyond 53 bits/)
    expect(() => decode(2n ** 64n - 1n, 0n)).toThrow(/field u/)
    expect(() => decode(0n, 2n ** 53n)).toThrow(/field i/)
    expect(() => decode(0n, -(2n ** 53n))).toThrow(/field i/)
  })

  it('reads what older and newer versions of its layout wrote', () => {
    const fields = { ...order.spec, note: { tail: 'string', max: 20 } } as const
    const newer = structCodec(struct(fields, { version: 2 }))
    const bytes = new Uint8Array(64)
    const length = newer.encode({ ...value, note: 'hello' }, bytes, 3)
    expect([length, codec.decode(bytes, 3, length), newer.decode(bytes, 3, length)]).toEqual([29, value, { ...value, note: 'hello' }])
    codec.encode(value, bytes, 3)
    expect(newer.decode(bytes, 3, order.size)).toEqual({ ...value, note: '' })
    expect([codec.refusal?.(newer.schema as CodecSchema), newer.refusal?.(codec.schema as CodecSchema)]).toEqual([undefined, undefined])
  })

  it('says why it cannot read another layout, with both side by side', () => {
    const other = structCodec(struct({ id: 'u53', price: 'i32', buy: 'bool' }, { version: 2 }))
    expect(codec.schema).toEqual({ hash: order.hash, version: 1, text: order.description })
    expect(codec.refusal?.(other.schema as CodecSchema)).toMatch(
      /field 2 is price:u32@8 here and price:i32@8 there\n.*here, version 1 .* there, version 2\n/,
    )
    expect(codec.refusal?.({ hash: 1, version: 1, text: 'nonsense' })).toContain('cannot read each other')
  })
})

describe('a struct codec of a layout with a tail', () => {
  const noted = struct({ id: 'u32', note: { tail: 'string', max: 20 } })
  const tailed = structCodec(noted)

  it('takes as many bytes as the value does, and only where all of it fits', () => {
    expect([tailed.fixedBytes, codec.fixedBytes]).toEqual([undefined, order.size])
    const bytes = new Uint8Array(64).fill(7)
    for (const note of ['', 'a', 'é'.repeat(10)]) {
      const length = tailed.encode({ id: 1, note }, bytes.subarray(0, 40), 8)
      expect([length, tailed.decode(bytes, 8, length)]).toEqual([noted.sizeOf({ id: 1, note }), { id: 1, note }])
    }
    const target = bytes.subarray(0, 40)
    bytes.fill(7)
    expect(tailed.encode({ id: 1, note: 'exactly sixteen!' }, target, 12)).toBe(28)
    bytes.fill(7)
    expect(() => tailed.encode({ id: 1, note: 'exactly sixteen!.' }, target, 12)).toThrow(/takes 29 bytes .* room for 28/)
    for (const bad of [{ id: 1, note: 'x'.repeat(21) }, { id: 1 }, null, undefined, 5])
      expect(() => tailed.encode(bad as never, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(bytes.every(byte => byte === 7)).toBe(true)
  })

  it('refuses tails that do not end with the record, however much lies behind', () => {
    const bytes = new Uint8Array(64)
    const length = tailed.encode({ id: 1, note: 'hello' }, bytes, 0)
    for (const wrong of [length - 1, length + 1, 12])
      expect(() => tailed.decode(bytes, 0, wrong)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    bytes[length - 1] = 0xff
    expect(() => tailed.decode(bytes, 0, length)).toThrow(/field note holds bytes that are no UTF-8/)
  })

  it('writes records that a reader of the layout reads where they lie', () => {
    const bytes = new Uint8Array(64)
    const length = tailed.encode({ id: 1, note: 'hello' }, bytes, 8)
    const view = noted.reader().read(bytes, 8, length)
    expect([view.id, view.note]).toEqual([1, 'hello'])
  })
})
