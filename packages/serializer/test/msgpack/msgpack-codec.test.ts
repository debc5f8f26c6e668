import { runProcess } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type MsgpackCodecOptions, msgpackCodec } from '../../src/index.ts'

const codec = msgpackCodec()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function encode(value: unknown, options?: MsgpackCodecOptions<unknown>): Uint8Array {
  const target = new Uint8Array(200_000)
  const length = (options === undefined ? codec : msgpackCodec(options)).encode(value, target, 0)
  return target.slice(0, length)
}
const decode = (bytes: Uint8Array) => codec.decode(bytes, 0, bytes.length)

const values: Record<string, unknown> = {
  null: null,
  undefined: undefined,
  booleans: [true, false],
  'small numbers': [0, 1, 127, 128, 255, 256, 65_535, 65_536, -1, -32, -33, -128, -129, -32_768, -32_769],
  'large numbers': [2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 1e300],
  fractions: [0.1, -1.5, Number.MIN_VALUE, Number.MAX_VALUE],
  'not numbers': [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  bigints: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n],
  texts: ['', 'a', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'x'.repeat(256), 'y'.repeat(70_000)],
  Unicode: ['é', '€uro', '😀'.repeat(100), '\u0000', '\uffff', 'é'.repeat(5_000), 'a\ufeff'],
  dates: [new Date(0), new Date(-1), new Date(1_500_000_000_123), new Date(8.64e15), new Date(-8.64e15)],
  bytes: [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(7)],
  arrays: [[], [[]], new Array(16).fill(1), new Array(70_000).fill(0)],
  objects: { '': 1, a: { b: { c: [] } }, 'a b': 2, constructor: 3, toString: 4, [`k${'x'.repeat(300)}`]: 5, é: 6, u: undefined },
  'many keys': Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`key ${i}`, i])),
}

describe('a msgpack codec', () => {
  it.each(Object.keys(values))('reads back what it wrote: %s', name => {
    expect(decode(encode(values[name]))).toStrictEqual(values[name])
  })

  it('writes the bytes of the msgpack specification', () => {
    expect(hex(encode({ compact: true, schema: 0 }))).toBe('82a7636f6d70616374c3a6736368656d6100')
    expect(hex(encode([1, -1, 1.5, 'é', Uint8Array.of(9), new Date(1_000), 5n]))).toBe(
      '9701ffcb3ff8000000000000a2c3a9c40109d6ff00000001d30000000000000005',
    )
  })

  it('reads what other writers write: floats of 32 bits, long forms of short things', () => {
    expect(decode(Buffer.from('ca3fc00000', 'hex'))).toBe(1.5)
    expect(decode(Buffer.from('dd00000001d90161', 'hex'))).toEqual(['a'])
    expect(decode(Buffer.from('df00000001db0000000161d200000005', 'hex'))).toEqual({ a: 5 })
  })

  it('gives objects without a prototype back as plain ones, and -0 as 0', () => {
    expect(decode(encode(Object.assign(Object.create(null), { a: 1 })))).toStrictEqual({ a: 1 })
    expect(Object.is(decode(encode(-0)), 0)).toBe(true)
  })

  it('writes at an offset, only where all of it fits, and touches no other byte', () => {
    const target = new Uint8Array(16).fill(0xee)
    expect(codec.encode('abc', target, 12)).toBe(4)
    expect(hex(target)).toBe('eeeeeeeeeeeeeeeeeeeeeeeea3616263')
    for (const offset of [13, 16, 17, -1, 0.5]) {
      expect(() => codec.encode('abc', target, offset)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SPACE' }))
      expect(hex(target)).toBe('eeeeeeeeeeeeeeeeeeeeeeeea3616263')
    }
  })

  it('reads from the middle of a buffer, and from shared memory', () => {
    for (const memory of [new ArrayBuffer(64), new SharedArrayBuffer(64)]) {
      const bytes = new Uint8Array(memory, 8)
      const value = { text: 'x'.repeat(20), bytes: Uint8Array.of(1, 2) }
      const length = codec.encode(value, bytes, 5)
      expect(codec.decode(bytes, 5, length)).toStrictEqual(value)
    }
  })

  it('gives values that stay when the bytes change', () => {
    const bytes = encode({ text: 'abc', bytes: Uint8Array.of(1, 2, 3) })
    const value = decode(bytes)
    bytes.fill(0)
    encode(['something', 'else'])
    expect(value).toStrictEqual({ text: 'abc', bytes: Uint8Array.of(1, 2, 3) })
  })

  it('lets a check turn what was decoded into a type, and refuses what it refuses', () => {
    const numbers = msgpackCodec<number>({
      check: value => {
        if (typeof value !== 'number') throw new TypeError('not a number')
        return value
      },
    })
    const target = new Uint8Array(16)
    expect(numbers.decode(target, 0, numbers.encode(5, target, 0))).toBe(5)
    const length = codec.encode('five', target, 0)
    expect(() => numbers.decode(target, 0, length)).toThrow(
      expect.objectContaining({ code: 'DX_CODEC_DATA', cause: new TypeError('not a number') }),
    )
  })

  it('works where the native part of msgpackr is blocked, and never asks for it', async () => {
    const program = `
      import { registerHooks } from 'node:module'
      let asked = 0
      registerHooks({ resolve(name, context, next) {
        if (name.startsWith('msgpackr-extract')) { asked++; throw new Error('blocked') }
        return next(name, context)
      } })
      const { msgpackCodec } = await import('@disruptorx/serializer')
      const codec = msgpackCodec(), bytes = new Uint8Array(64)
      console.log(JSON.stringify(codec.decode(bytes, 0, codec.encode({ a: ['b'] }, bytes, 0))), asked)`
    const { stdout, stderr } = await runProcess({
      command: process.execPath,
      args: ['--input-type=module', '-e', program],
      cwd: import.meta.dirname,
    })
    expect(stderr).toBe('')
    expect(stdout).toBe('{"a":["b"]} 0\n')
  })
})

describe('the bounds of a msgpack codec', () => {
  it('hold in both directions, and are checked before anything is built', () => {
    const small = msgpackCodec({ maxBytes: 10 })
    const target = new Uint8Array(100)
    expect(small.encode('x'.repeat(9), target, 0)).toBe(10)
    expect(small.encode(new Array(9).fill(1), target, 0)).toBe(10)
    for (const value of [
      'x'.repeat(10),
      new Array(10).fill(1),
      ['é'.repeat(5)],
      new Uint8Array(9),
      new Array(2 ** 32 - 1),
      { abcdefghij: 1 },
    ])
      expect(() => small.encode(value, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    // What is too large is known before what lies behind it is looked at.
    const trap = { get: () => expect.unreachable('it was walked through') }
    expect(() => small.encode(Object.defineProperty(new Array(2 ** 30), 0, trap), target, 0)).toThrow(
      expect.objectContaining({ code: 'DX_CODEC_SIZE' }),
    )
    for (const large of ['x'.repeat(10), new Uint8Array(10), { ['x'.repeat(10)]: 1 }, new Array(10).fill(0)])
      expect(() => small.encode(Object.defineProperty([large, 0], 1, trap), target, 0)).toThrow(
        expect.objectContaining({ code: 'DX_CODEC_SIZE' }),
      )
    const length = codec.encode('x'.repeat(10), target, 0)
    expect(() => small.decode(target, 0, length)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    expect(small.decode(target, 0, codec.encode('x'.repeat(9), target, 0))).toBe('x'.repeat(9))
  })

  it('limit nesting in both directions, which finds cycles too', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : levels % 2 === 0 ? [nested(levels - 1)] : { a: nested(levels - 1) })
    const flat = msgpackCodec({ maxDepth: 3 })
    const target = new Uint8Array(100)
    expect(flat.decode(target, 0, flat.encode(nested(3), target, 0))).toEqual(nested(3))
    expect(() => flat.encode(nested(4), target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    const length = codec.encode(nested(4), target, 0)
    expect(() => flat.decode(target, 0, length)).toThrow(/nested deeper than 3/)
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => codec.encode(cycle, target, 0)).toThrow(/contains itself/)
  })

  it('are refused at once when they are out of range', () => {
    for (const maxBytes of [0, 2 ** 30 + 1, 1.5]) expect(() => msgpackCodec({ maxBytes })).toThrow(/maxBytes/)
    for (const maxDepth of [0, 201]) expect(() => msgpackCodec({ maxDepth })).toThrow(/maxDepth/)
    expect(msgpackCodec({ maxBytes: 2 ** 30, maxDepth: 200 }).name).toBe('msgpack')
  })
})

describe('a value that would not come back as it is', () => {
  class Point {
    x = 1
  }
  it.each([
    ['a function', { a: () => 1 }, 'value.a is a function'],
    ['a symbol', [Symbol('x')], 'value[0] is a symbol'],
    ['an instance of a class', { list: [0, new Point()] }, 'value.list[1] is an instance of Point'],
    ['a map', new Map(), 'value is an instance of Map'],
    ['a set', new Set(), 'value is an instance of Set'],
    ['another typed array', new Float64Array(2), 'value is an instance of Float64Array'],
    ['an error', new Error('x'), 'value is an instance of Error'],
    ['an invalid date', new Date(Number.NaN), 'value is an invalid date'],
    ['a bigint beyond 64 bits', 2n ** 64n, 'value is a bigint beyond 64 bits'],
    ['a bigint below 64 bits', -(2n ** 63n) - 1n, 'value is a bigint beyond 64 bits'],
    ['half a surrogate pair', { a: '\ud800' }, 'value.a is a text with half of a surrogate pair'],
    ['half a surrogate pair in a key', { '\udc00': 1 }, 'value has a key that is a text with half of a surrogate pair'],
    ['a text with a byte order mark', '\ufeffabc', 'value starts with a byte order mark'],
    ['a key __proto__', JSON.parse('{"__proto__":1}'), 'value has a key __proto__'],
    ['an object that hides its class', { a: Object.create({ b: 1 }) }, 'value.a is an instance of'],
    ['what msgpackr takes for a class of its own', { constructor: 1, toJSON: 5 }, 'value cannot be written'],
  ])('is refused when it is written: %s', (_, value, message) => {
    const target = new Uint8Array(64).fill(3)
    expect(() => codec.encode(value, target, 0)).toThrow(message)
    expect(() => codec.encode(value, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(target.every(byte => byte === 3)).toBe(true)
    expect(decode(encode('still works'))).toBe('still works')
  })
})
