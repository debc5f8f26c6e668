import { isDisruptorError } from '@disruptorx/contracts'
import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { jsonCodec } from '../../src/index.ts'

const codec = jsonCodec()
const bytesOf = (text: string) => new TextEncoder().encode(text)
const decodeText = (text: string) => {
  const bytes = bytesOf(text)
  return codec.decode(bytes, 0, bytes.length)
}

function encode(value: unknown): string {
  const target = new Uint8Array(300_000)
  return new TextDecoder().decode(target.subarray(0, codec.encode(value, target, 0)))
}

describe('a JSON codec', () => {
  it.each([
    [null],
    [true],
    [[1, -1, 0.5, 1e300, 5e-324, 2 ** 53]],
    ['', 'x', 'é€😀', '"quoted" \\ \u0000 \u2028'],
    [['\ud800', '\ufeffx']],
    [{ a: { b: [{}, [], ''] }, constructor: 1, toString: 2, 'a b': 3 }],
    ['y'.repeat(100_000)],
  ])('reads back what it wrote: case %#', (...values) => {
    for (const value of values) expect(decodeText(encode(value))).toStrictEqual(value)
  })

  it('writes JSON as everybody does, and reads what others write', () => {
    expect(encode({ a: [1, 'é'], b: null })).toBe('{"a":[1,"é"],"b":null}')
    expect(decodeText(' { "a" : [ 1e2 , -0.5 ] , "\\u0062" : "\\ud83d\\ude00" } \n')).toEqual({ a: [100, -0.5], b: '😀' })
    expect(Object.is(decodeText(encode(-0)), 0)).toBe(true)
  })

  it('writes at an offset, only where all of it fits, and touches no other byte', () => {
    for (const text of ['abc', 'é€', 'x'.repeat(40)]) {
      const size = bytesOf(text).length + 2
      const target = new Uint8Array(100 + size).fill(0xee)
      expect(codec.encode(text, target, 90)).toBe(size)
      expect(target.filter(byte => byte === 0xee).length).toBe(100)
      for (const offset of [101, 102, 1000, -1, 0.5, Number.NaN]) {
        const before = target.slice()
        expect(() => codec.encode(text, target, offset)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SPACE' }))
        expect(target).toEqual(before)
      }
      expect(codec.encode(text, target, 100)).toBe(size)
    }
    expect(() => codec.encode('abc', new Uint8Array(4), 0)).toThrow(/takes 5 bytes .* room for 4/)
  })

  it('works on shared memory, and on the middle of a buffer', () => {
    for (const memory of [new ArrayBuffer(100), new SharedArrayBuffer(100)]) {
      const bytes = new Uint8Array(memory, 10)
      expect(codec.decode(bytes, 5, codec.encode({ a: 'é' }, bytes, 5))).toEqual({ a: 'é' })
    }
  })

  it('lets a check turn what came into what is wanted', () => {
    const dates = jsonCodec<Date>({ check: value => new Date(value as string) })
    expect(dates.decode(bytesOf('"2026-01-01"'), 0, 12)).toEqual(new Date('2026-01-01'))
    const picky = jsonCodec({
      check: () => {
        throw new TypeError('not this')
      },
    })
    expect(() => picky.decode(bytesOf('1'), 0, 1)).toThrow(
      expect.objectContaining({ code: 'DX_CODEC_DATA', cause: new TypeError('not this') }),
    )
  })

  it.each([
    [{ a: undefined }, 'value.a is undefined, which JSON does not have'],
    [[1n], 'value[0] is a bigint'],
    [new Date(0), 'value is a date'],
    [new Uint8Array(1), 'value is a Uint8Array'],
    [{ a: [Number.NaN] }, 'value.a[0] is NaN'],
    [Number.NEGATIVE_INFINITY, 'value is -Infinity'],
    [() => 1, 'value is a function'],
    [{ toJSON: () => 1 }, 'value.toJSON is a function'],
    [new Map(), 'value is an instance of Map'],
    [JSON.parse('{"__proto__":1}'), 'value has a key __proto__'],
    [[[[Symbol('x')]]], 'value[0][0][0] is a symbol'],
  ])('refuses what would not come back: case %#', (value, message) => {
    const target = new Uint8Array(64).fill(3)
    expect(() => codec.encode(value, target, 0)).toThrow(message)
    expect(() => codec.encode(value, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(target.every(byte => byte === 3)).toBe(true)
  })

  it('holds size and depth in both directions', () => {
    const small = jsonCodec({ maxBytes: 10, maxDepth: 2 })
    const target = new Uint8Array(100)
    expect(small.decode(target, 0, small.encode('x'.repeat(8), target, 0))).toBe('x'.repeat(8))
    for (const value of ['x'.repeat(9), '€€€', [1, 2, 3, 4, 5]])
      expect(() => small.encode(value, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    expect(() => small.decode(bytesOf('"xxxxxxxxx"'), 0, 11)).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
    expect(small.decode(bytesOf('[{}]'), 0, 4)).toEqual([{}])
    expect(() => small.encode([[[]]], target, 0)).toThrow(/value\[0\]\[0\] is nested deeper than 2/)
    expect(() => small.decode(bytesOf('[[[]]]'), 0, 6)).toThrow(/byte 2: nested deeper than 2/)
    expect(() => jsonCodec({ maxDepth: 0 })).toThrow(/maxDepth/)
    expect(() => jsonCodec({ maxBytes: 0 })).toThrow(/maxBytes/)
  })
})

describe('JSON from somebody hostile', () => {
  it('never reaches a prototype, however the key is written', () => {
    for (const key of ['__proto__', '\\u005f_proto__', '__\\u0070roto__', '\\u005F\\u005fproto\\u005f\\u005f'])
      for (const text of [`{"${key}":{"x":1}}`, `[{"a":1,"${key}" \n\t : null}]`]) expect(() => decodeText(text)).toThrow(/key __proto__/)
    expect(decodeText('["__proto__", {"a":"__proto__"}, {"__proto_":1}, {"\\\\u005f_proto__":1}]')).toHaveLength(4)
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('is refused before anything is built when it is nested too deep', () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(50_000), `${'[{"a":'.repeat(20)}1`])
      expect(() => decodeText(text)).toThrow(/nested deeper/)
    // Brackets within texts nest nothing.
    expect(decodeText(`["${'['.repeat(100)}\\"${'{'.repeat(100)}"]`)).toHaveLength(1)
  })

  it('is refused when it is no JSON, no UTF-8, or has more after it', () => {
    for (const text of [
      '',
      ' ',
      '{',
      '[1,]',
      '{"a"}',
      '01',
      '"',
      '"\\',
      '"\\"',
      'nul',
      '1 2',
      ']',
      '\ufeff1',
      "{'a':1}",
      'NaN',
      '-',
      '"\n"',
    ])
      expect(() => decodeText(text)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xef, 0xbb, 0xbf, 0x31],
    ])
      expect(() => codec.decode(Uint8Array.from(bytes), 0, bytes.length)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
    expect(() => codec.decode(bytesOf('1'), 0, 2)).toThrow(/not within/)
  })

  it('is refused with numbers that would be infinite', () => {
    for (const text of ['1e309', '[-1E400]', `{"a":${'9'.repeat(310)}}`, '123456789e9999999'])
      expect(() => decodeText(text)).toThrow(/largest/)
    expect(decodeText(`[1e308, ${'9'.repeat(308)}, 1e-400]`)).toEqual([1e308, Number('9'.repeat(308)), 0])
  })

  it('gives a value that can be written again, or a typed error, whatever is changed', () =>
    withSeed(
      'damaged JSON',
      random => {
        const bytes = bytesOf(JSON.stringify(randomJson(random, 4)))
        const marks = bytesOf('{}[]":,\\u0_protoe19+-. tfn')
        for (let i = random.between(1, 4); i > 0; i--) bytes[random.below(bytes.length)] = random.pick([...marks, random.below(256)])
        let value: unknown
        try {
          value = codec.decode(bytes, 0, bytes.length)
        } catch (error) {
          if (!isDisruptorError(error, 'DX_CODEC_DATA')) throw error
          return
        }
        expect(decodeText(encode(value))).toEqual(value)
      },
      { count: 5000 },
    ))
})

function randomJson(random: SeededRandom, depth: number): unknown {
  switch (random.below(depth === 0 ? 4 : 6)) {
    case 0:
      return random.pick([null, true, false])
    case 1:
      return random.float() * 10 ** random.below(30)
    case 2:
      return random.between(-1000, 1000)
    case 3:
      return random.pick(['', '__proto__', 'a"b\\', 'é\u0001', 'x'.repeat(random.below(30))])
    case 4:
      return Array.from({ length: random.below(5) }, () => randomJson(random, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, (_, i) => [`k${i}${random.pick(['', '_proto__'])}`, randomJson(random, depth - 1)]),
      )
  }
}
