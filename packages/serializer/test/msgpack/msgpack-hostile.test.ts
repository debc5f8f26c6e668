import { isDisruptorError } from '@disruptorx/contracts'
import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { msgpackCodec } from '../../src/index.ts'

const codec = msgpackCodec()

/** What decoding gives: a value, or why it was refused. Any error but ours fails the test. */
function attempt(bytes: Uint8Array): { readonly value: unknown } | { readonly refused: string } {
  try {
    return { value: codec.decode(bytes, 0, bytes.length) }
  } catch (error) {
    if (isDisruptorError(error, 'DX_CODEC_DATA')) return { refused: error.message }
    throw error
  }
}

function refusal(hex: string): string {
  const outcome = attempt(Buffer.from(hex, 'hex'))
  return 'refused' in outcome ? outcome.refused : expect.unreachable(`decoded to ${String(outcome.value)}`)
}

const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('hex')

function randomValue(random: SeededRandom, depth: number): unknown {
  const kinds = depth === 0 ? 7 : 9
  switch (random.below(kinds)) {
    case 0:
      return random.pick([null, true, false, undefined])
    case 1:
      return random.between(-(2 ** 31), 2 ** 31 - 1)
    case 2:
      return random.float() * 1e6
    case 3:
      return BigInt(random.u32()) * 2n ** 31n
    case 4:
      return random.pick(['', 'symbol', 'é€😀', 'x'.repeat(random.below(100))])
    case 5:
      return Uint8Array.from({ length: random.below(40) }, () => random.below(256))
    case 6:
      return new Date(random.u32() * 1000)
    case 7:
      return Array.from({ length: random.below(5) }, () => randomValue(random, depth - 1))
    default:
      return Object.fromEntries(Array.from({ length: random.below(5) }, (_, i) => [`key${i}`, randomValue(random, depth - 1)]))
  }
}

function randomBytes(random: SeededRandom): Uint8Array {
  const target = new Uint8Array(20_000)
  return target.slice(0, codec.encode(randomValue(random, 4), target, 0))
}

describe('bytes from somebody hostile', () => {
  it('are refused when they announce more than there is, before anything is allocated', () => {
    for (const hex of [
      'ddffffffff',
      'dfffffffff',
      'dbffffffff',
      'c6ffffffff',
      'dd7fffffff00',
      'dc0002c0',
      'de000101',
      '93c0c0',
      '82a16101',
      'a561',
      'd9ff61',
    ])
      expect(refusal(hex)).toMatch(/announced/)
    // Nested: each level announces what would fit alone.
    expect(refusal('dd00000005'.repeat(20) + 'c0'.repeat(20))).toMatch(/announced/)
  })

  it('never reach a prototype through a key', () => {
    const key = utf8('__proto__')
    for (const hex of [`81a9${key}81a1610${1}`, `81d909${key}01`, `81da0009${key}01`, `81db00000009${key}01`, `9181a9${key}c0`]) {
      expect(refusal(hex)).toMatch(/__proto__/)
      expect(({} as { a?: number }).a).toBeUndefined()
    }
    // Not a prototype: the name with one more or one less character.
    expect(attempt(Buffer.from(`81a8${key.slice(2)}01`, 'hex'))).toEqual({ value: { _proto__: 1 } })
  })

  it('may set what every object inherits, but only on the object itself', () => {
    const hex = `82ab${utf8('constructor')}81a9${utf8('prototype')}01a8${utf8('toString')}02`
    expect(attempt(Buffer.from(hex, 'hex'))).toEqual({ value: { constructor: { prototype: 1 }, toString: 2 } })
    expect(String({})).toBe('[object Object]')
  })

  it('are refused with keys that are no texts', () => {
    for (const key of ['01', 'c0', '90', '80', 'c40161', 'cb3ff0000000000000']) expect(refusal(`81${key}01`)).toMatch(/key that is no text/)
  })

  it('are refused with extensions: records, structures, classes, anything but undefined and dates', () => {
    for (const hex of [
      'c1',
      'd44001',
      'd47201',
      'd5720101',
      'd40001',
      'd46200',
      'c7017200',
      'c8000100ff',
      'c900000001ff00',
      'd6720000000001',
      'd80000000000000000000000000000000000',
    ])
      expect(refusal(hex)).toMatch(/extension|no value that this codec writes/)
    expect(attempt(Buffer.from('d40000', 'hex'))).toEqual({ value: undefined })
  })

  it('are refused with dates that are none', () => {
    for (const hex of ['d4ff00', 'd5ff0000', 'd8ff00000000000000000000000000000000']) expect(refusal(hex)).toMatch(/date|no value/)
    expect(refusal('d7ffee6b280000000000')).toMatch(/beyond what a date can be/)
    expect(attempt(Buffer.from('d7ffee6b27fc00000000', 'hex'))).toEqual({ value: new Date(999) })
    expect(attempt(Buffer.from('c70cff00000000000007dba8218000', 'hex'))).toEqual({ value: new Date(8.64e15) })
    expect(refusal('c70cff00000000000007dba8218001')).toMatch(/beyond/)
    expect(refusal('c70cff00989680000007dba8218000')).toMatch(/beyond/)
    expect(refusal('c70cff00000000fffff82457de7fff')).toMatch(/beyond/)
  })

  it('are refused when something follows the value, and when there is nothing', () => {
    expect(refusal('c0c0')).toMatch(/more bytes follow/)
    expect(refusal('')).toMatch(/announced/)
    for (const [offset, length] of [
      [0, 2],
      [2, 1],
      [-1, 1],
      [0.5, 1],
    ] as const)
      expect(() => codec.decode(Uint8Array.of(0xc0), offset, length)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
  })

  it('are refused where a text is no UTF-8, exactly as the platform judges it', () =>
    withSeed(
      'utf-8',
      random => {
        const interesting = [
          0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5,
          0xff,
        ]
        const text = Uint8Array.from({ length: random.between(1, 5) }, () => random.pick(interesting))
        let expected: string | undefined
        try {
          expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
        } catch {
          expected = undefined
        }
        const outcome = attempt(Uint8Array.of(0xa0 + text.length, ...text))
        if (expected === undefined) expect(outcome).toHaveProperty('refused')
        else expect(outcome).toEqual({ value: expected })
      },
      { count: 20_000 },
    ))

  it('are refused with a byte order mark, which decoders take away silently', () => {
    expect(refusal(`a6${utf8('\ufeffabc')}`)).toMatch(/byte order mark/)
    expect(refusal(`81a4${utf8('\ufeffa')}01`)).toMatch(/byte order mark/)
  })

  it('are refused when cut anywhere', () =>
    withSeed(
      'cut bytes',
      random => {
        const bytes = randomBytes(random)
        for (let length = 0; length < Math.min(bytes.length, 300); length++)
          expect(attempt(bytes.subarray(0, length))).toHaveProperty('refused')
      },
      { count: 100 },
    ))

  it('give a value or a typed error when damaged, and the next good ones are read as ever', () =>
    withSeed(
      'damaged bytes',
      random => {
        const bytes = randomBytes(random)
        const damaged = bytes.slice()
        for (let i = random.between(1, 4); i > 0; i--) damaged[random.below(damaged.length)] = random.below(256)
        const outcome = attempt(damaged)
        if ('value' in outcome) {
          // What was accepted can be written and read again.
          const target = new Uint8Array(100_000)
          const length = codec.encode(outcome.value, target, 0)
          expect(codec.decode(target, 0, length)).toEqual(outcome.value)
        }
        expect(attempt(bytes)).toHaveProperty('value')
      },
      { count: 5_000 },
    ))

  it('are read as they were written, whatever they hold', () =>
    withSeed(
      'msgpack round trip',
      random => {
        const value = randomValue(random, 5)
        const target = new Uint8Array(100_000)
        const length = codec.encode(value, target, 0)
        expect(codec.decode(target, 0, length)).toStrictEqual(value)
      },
      { count: 1_000 },
    ))
})
