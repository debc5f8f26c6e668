import type { Codec } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type CodecComplianceOptions, codecCases, codecSuite } from '../src/compliance.ts'
import { bytesCodec, CodecSpaceError, jsonCodec, msgpackCodec, structCodec } from '../src/index.ts'
import { withSchema } from '../src/schema.ts'

const json = [null, true, 0, -1.5, 1e300, '', 'é€😀', 'x'.repeat(500), [], [[1], []], {}, { a: { b: 'c' }, d: [1, { e: null }] }]
const order = struct({ id: 'u53', price: 'u32', buy: 'bool' })
const shapes = { structures: [['a', 'd'], ['b']] }

codecSuite({ describe, it }, 'the JSON codec', { make: () => jsonCodec(), values: json, refused: [undefined, 1n, Number.NaN, new Date()] })
codecSuite({ describe, it }, 'the msgpack codec', {
  make: () => msgpackCodec(),
  values: [...json, undefined, 2n ** 63n, new Date(5), Uint8Array.of(1, 2)],
  refused: [new Map(), () => 1],
})
codecSuite({ describe, it }, 'the msgpack codec with structures', { make: () => msgpackCodec(shapes), values: [...json, { b: { b: 64 } }] })
codecSuite({ describe, it }, 'the codec of raw bytes', {
  make: () => bytesCodec(),
  values: [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(1000).fill(255)],
  refused: ['x'],
})
codecSuite({ describe, it }, 'the struct codec', {
  make: () => structCodec(order),
  values: [
    { id: 0, price: 0, buy: false },
    { id: 2 ** 53 - 1, price: 2 ** 32 - 1, buy: true },
  ],
  refused: [{ id: -1, price: 0, buy: false }, null],
})
codecSuite({ describe, it }, 'a codec with a schema', {
  make: () => withSchema(msgpackCodec(), z.object({ a: z.number() })),
  values: [{ a: 1 }],
  refused: [{ a: 'x' }],
})

/** One byte for a number from 0 to 255: right, until a mistake is made in it. */
const small: Codec<number> = {
  name: 'small',
  fixedBytes: 1,
  encode(value, target, offset) {
    if (!(value >= 0 && value <= 255)) throw new RangeError('too large')
    if (offset + 1 > target.length) throw new CodecSpaceError('small', 1, 0)
    target[offset] = value
    return 1
  },
  decode(source, offset, length) {
    if (length !== 1 || offset < 0 || offset + length > source.length) throw new RangeError('not one byte')
    return source[offset] as number
  },
}
const plain: CodecComplianceOptions<number> = { make: () => small, values: [0, 7, 255], refused: [256] }

/** What the suite says about a codec with a mistake. */
function verdicts(mistake: Partial<Codec<number>>): string[] {
  return codecCases({ ...plain, make: () => ({ ...small, ...mistake }) }).flatMap(({ run }) => {
    try {
      run()
      return []
    } catch (error) {
      return [String(error)]
    }
  })
}

/** Reads no value any more once a call of it has thrown. */
function breaking(method: 'encode' | 'decode'): Partial<Codec<number>> {
  let isBroken = false
  const call = <R>(of: string, work: () => R) => {
    try {
      return work()
    } catch (error) {
      isBroken ||= of === method
      throw error
    }
  }
  return {
    encode: (value, target, offset) => call('encode', () => small.encode(value, target, offset)),
    decode: (source, offset, length) => call('decode', () => small.decode(source, offset, length)) ^ (isBroken ? 1 : 0),
  }
}

describe('the compliance suite', () => {
  let calls = 0
  const mistakes: Record<string, readonly [Partial<Codec<number>>, RegExp]> = {
    'has no name': [{ name: '' }, /has no name/],
    'lies about its size': [{ fixedBytes: 2 }, /writes 1 bytes, and says that every value takes 2/],
    'writes beside its bytes': [{ encode: (value, target, offset) => small.encode(value, target.fill(0), offset) }, /writes outside/],
    'writes different bytes': [
      { encode: (_, target, offset) => small.encode(calls++ & 255, target, offset) },
      /always write the same bytes/,
    ],
    'writes without room': [
      { encode: (value, target, offset) => small.encode(value, offset < target.length ? target : new Uint8Array(offset + 1), offset) },
      /where it has no room/,
    ],
    'writes before it finds that there is no room': [
      {
        encode(value, target, offset) {
          if (offset >= target.length) new Uint8Array(target.buffer)[target.byteOffset + offset] = value
          return small.encode(value, target, offset)
        },
      },
      /writes beyond the end of the target/,
    ],
    'wants more room than it takes': [
      { encode: (value, target, offset) => small.encode(value, target, offset) + (target.length === 1 ? 1 : 0) },
      /does not use all the room/,
    ],
    'counts what lay there': [
      { encode: (value, target, offset) => (target[offset + 1] === 0xff ? 1 : 0) + small.encode(value, target, offset) },
      /does not always write as many bytes/,
    ],
    'throws another error without room': [
      {
        encode(value, target, offset) {
          if (offset >= target.length) throw new Error('full')
          return small.encode(value, target, offset)
        },
      },
      /not DX_CODEC_SPACE/,
    ],
    'writes what it has to refuse': [{ encode: (value, target, offset) => small.encode(value & 255, target, offset) }, /writes 256/],
    'reads another value': [{ decode: (source, offset, length) => small.decode(source, offset, length) ^ 1 }, /reads another value/],
    'reads around the value': [{ decode: (source, offset) => source[offset] as number }, /reads bytes behind|beyond the end/],
    'reads before the source': [
      { decode: (source, offset, length) => small.decode(source, Math.max(0, offset), length) },
      /reads before the start of the source/,
    ],
    'reads other values from shared memory': [
      { decode: (source, offset, length) => small.decode(source, offset, length) ^ (source.buffer instanceof ArrayBuffer ? 0 : 1) },
      /another value from shared memory/,
    ],
    'is broken once it refused a value': [breaking('encode'), /broken after a refusal/],
    'is broken once it refused bytes': [breaking('decode'), /broken after damaged bytes/],
    'throws what is no error': [
      {
        decode(source, offset, length) {
          if (length !== 1) throw 'short'
          return small.decode(source, offset, length)
        },
      },
      /which is no error/,
    ],
  }

  it('has nothing to say about a codec that is right', () => {
    expect(verdicts({})).toEqual([])
  })

  it.each(Object.entries(mistakes))('finds a codec that %s', (_, [mistake, message]) => {
    expect(verdicts(mistake).join('\n')).toMatch(message)
  })

  it('finds values that share memory with the bytes, and prototypes that are touched', () => {
    const values = [Uint8Array.of(1, 2)]
    const view: Codec<Uint8Array> = { ...bytesCodec(), decode: (source, offset, length) => source.subarray(offset, offset + length) }
    const said = codecCases({ make: () => view, values, isEqual: (a, b) => a.join() === b.join() })
    expect(() => said.find(({ name }) => name.includes('stay'))?.run()).toThrow(/changes with the bytes/)
    const polluting: Codec<number> = {
      ...small,
      decode(source, offset, length) {
        if (length === 1 && source[offset] === 13) Object.assign(Object.prototype, { polluted: 1 })
        return small.decode(source, offset, length)
      },
    }
    try {
      expect(() =>
        codecCases({ ...plain, make: () => polluting })
          .find(({ name }) => name.includes('prototypes'))
          ?.run(),
      ).toThrow(/touches a prototype/)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted')
    }
  })
})
