import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isDisruptorError } from '@disruptorx/contracts'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { msgpackCodec } from '../../src/index.ts'

const structures = [['id', 'price', 'tags'], ['name'], ['id', 'price']]
const codec = msgpackCodec({ structures })
const plain = msgpackCodec()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function encode(value: unknown, by = codec): Uint8Array {
  const target = new Uint8Array(10_000)
  return target.slice(0, by.encode(value, target, 0))
}
const decode = (bytes: Uint8Array, by = codec) => by.decode(bytes, 0, bytes.length)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of the heap that are in use. */
function usedHeap(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

describe('a msgpack codec with structures', () => {
  it('writes objects of a structure without their keys', () => {
    expect(hex(encode({ name: 'a' }))).toBe('41a161')
    expect(hex(encode({ id: 1, price: 2, tags: [] }))).toBe('40010290')
    expect(hex(encode({ id: 1, price: { name: null } }))).toBe('420141c0')
    for (const value of [{ name: 'a' }, { id: 1, price: 2, tags: [{ name: 'x' }, { id: 5, price: 0 }] }, [{ name: { name: 1 } }]])
      for (let i = 0; i < 5; i++) expect(decode(encode(value))).toStrictEqual(value)
  })

  it('writes all others as maps: other orders, fewer keys, more keys', () => {
    const others: readonly object[] = [{ price: 1, id: 2 }, { id: 1 }, { id: 1, price: 2, tags: 3, more: 4 }, {}, { hasOwnProperty: 1 }]
    for (const value of others) {
      expect(hex(encode(value))).toBe(hex(encode(value, plain)))
      expect(decode(encode(value))).toStrictEqual(value)
    }
    const nothing = Object.assign(Object.create(null), { name: 1 })
    expect(decode(encode(nothing))).toStrictEqual({ name: 1 })
  })

  it('tells numbers from structures', () => {
    for (const value of [0x3f, 0x40, 0x41, 0x42, 0x5f, 0x60, 0x7f, 0x80]) expect(decode(encode(value))).toBe(value)
    expect(hex(encode([0x3f, 0x40]))).toBe('923fcc40')
  })

  it('learns nothing, however many kinds of objects it writes', () => {
    for (let i = 0; i < 300; i++) encode({ [`key${i}`]: i })
    expect(hex(encode({ name: 'a' }))).toBe('41a161')
    expect(hex(encode({ key1: 1 }))).toBe(hex(encode({ key1: 1 }, plain)))
    const before = usedHeap()
    for (let i = 0; i < 50_000; i++) encode({ [`k${i}`]: i })
    // To learn a kind takes some 250 bytes.
    expect(usedHeap() - before).toBeLessThan(4_000_000)
  })

  it('refuses records that it does not know, and definitions of new ones', () => {
    for (const text of ['43c0', '5fc0', '7f', '91436100', 'd4720190', 'd44201', 'd5724000'])
      expect(() => decode(Buffer.from(text, 'hex'))).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    expect(() => decode(Buffer.from('4001', 'hex'))).toThrow(/3 items are announced/)
    expect(() => decode(Buffer.from('41'.repeat(40), 'hex'))).toThrow(/nested deeper/)
  })

  it('counts keys that it does not write not against the size', () => {
    const small = msgpackCodec({ maxBytes: 3, structures: [['x'.repeat(100)]] })
    const value = { ['x'.repeat(100)]: 'a' }
    expect(decode(encode(value, small), small)).toEqual(value)
    expect(() => encode({ ['x'.repeat(99)]: 'a' }, small)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
  })

  it('has a schema that an equal list shares, and a longer one can read', () => {
    const same = msgpackCodec({ structures: structures.map(keys => [...keys]) })
    const longer = msgpackCodec({ structures: [...structures, ['new']] })
    const other = msgpackCodec({ structures: [['id', 'price'], ['name']] })
    expect(plain.schema).toBeUndefined()
    expect(codec.schema).toEqual({ hash: expect.any(Number), version: 3, text: '[["id","price","tags"],["name"],["id","price"]]' })
    const ours = codec.schema ?? expect.unreachable()
    expect(same.schema).toEqual(ours)
    expect(longer.schema?.hash).not.toBe(ours.hash)
    expect(same.refusal?.(ours)).toBeUndefined()
    expect(longer.refusal?.(ours)).toBeUndefined()
    expect(codec.refusal?.(longer.schema ?? expect.unreachable())).toMatch(/at the end/)
    expect(other.refusal?.(ours)).toMatch(/at the end/)
    for (const text of ['[["id","price","tags"],["name"', '[["id","price","tags"]', '[["id"]', '[["id","price","tags"]x', ']', ''])
      expect(longer.refusal?.({ ...ours, text })).toMatch(/at the end/)
    expect(plain.refusal?.(ours)).toMatch(/no structures/)
    expect(decode(encode({ name: 1 }), longer)).toEqual({ name: 1 })
  })

  it('keeps to the structures that it was given, whatever becomes of the lists', () => {
    const lists = [['id', 'price'], ['name']]
    const kept = msgpackCodec({ structures: lists })
    lists[0]?.push('more')
    lists.splice(1, 1)
    for (const value of [{ id: 1, price: 2 }, { name: 'a' }]) expect(decode(encode(value, kept), kept)).toEqual(value)
    expect(hex(encode({ id: 1, price: 2 }, kept))).toBe('400102')
  })

  it('refuses structures that cannot be', () => {
    const bad = [
      [],
      [[]],
      [['a'], ['a']],
      [['a', 'a']],
      [['__proto__']],
      [['\ud800']],
      [[1]],
      [['x'.repeat(257)]],
      Array.from({ length: 33 }, (_, i) => [`k${i}`]),
      [Array.from({ length: 257 }, (_, i) => `k${i}`)],
      5,
    ]
    for (const lists of bad) expect(() => msgpackCodec({ structures: lists as never })).toThrow(/option structures is .*; it must be/)
    const long = msgpackCodec({ structures: [['x'.repeat(256)]] })
    expect(hex(encode({ ['x'.repeat(256)]: 1 }, long))).toBe('4001')
    const most = Array.from({ length: 32 }, (_, i) => Array.from({ length: 256 }, (_, k) => `k${i}-${k}`))
    const large = msgpackCodec({ structures: most })
    const value = Object.fromEntries((most[31] ?? []).map(key => [key, 7]))
    expect(encode(value, large)[0]).toBe(0x5f)
    expect(decode(encode(value, large), large)).toEqual(value)
  })

  it('gives a value or a typed error when bytes are damaged', () =>
    withSeed(
      'damaged records',
      random => {
        const bytes = encode({ id: random.below(1000), price: { name: [{ id: 1, price: 'x' }] }, tags: ['a', { other: 1 }] })
        for (let i = random.between(1, 4); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256)
        try {
          const value = decode(bytes)
          expect(decode(encode(value))).toEqual(value)
        } catch (error) {
          if (!isDisruptorError(error, 'DX_CODEC_DATA')) throw error
        }
      },
      { count: 5000 },
    ))
})
