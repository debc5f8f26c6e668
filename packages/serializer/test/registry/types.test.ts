import type { Codec, CodecSchema } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import {
  bytesCodec,
  CodecRegistry,
  decodeTypes,
  encodeTypes,
  jsonCodec,
  msgpackCodec,
  structCodec,
  type TypeDescription,
  TypeMismatchError,
} from '../../src/index.ts'

const point = structCodec(struct({ x: 'i32', y: 'i32' }))
const pair = structCodec(struct({ x: 'i32', z: 'i32' }))
const shared = msgpackCodec({ structures: [['a', 'b']] })
const longer = msgpackCodec({ structures: [['a', 'b'], ['c']] })
const make = (entries: Record<number, Codec<unknown>>) =>
  new CodecRegistry(Object.entries(entries).map(([type, codec]) => [Number(type), codec] as const))
const registry = make({ 7: point, 1: jsonCodec(), 300: shared, 65535: bytesCodec() })

/** What one end finds out about the other one, by bytes. */
const compare = (here: CodecRegistry, there: CodecRegistry) => here.compare(decodeTypes(encodeTypes(there.describe())))

describe('the types of a registry', () => {
  it('are described rising, with what decides their bytes', () => {
    expect(registry.describe()).toEqual([
      { type: 1, codec: 'json' },
      { type: 7, codec: point.name, schema: point.schema },
      { type: 300, codec: 'msgpack', schema: shared.schema },
      { type: 65_535, codec: 'bytes' },
    ])
  })

  it('reach the other end as few bytes', () => {
    const bytes = encodeTypes(registry.describe())
    expect(decodeTypes(bytes)).toEqual(registry.describe())
    expect(bytes.length).toBeLessThan(150)
    expect(decodeTypes(encodeTypes([]))).toEqual([])
    const many = Array.from({ length: 65_535 }, (_, i) => ({ type: i + 1, codec: `é${i}` }))
    expect(decodeTypes(encodeTypes(many))).toEqual(many)
  })

  it('are refused here where the other end would refuse them', () => {
    const schema = { hash: 1, version: 1, text: 'x' }
    const bad: TypeDescription[][] = [
      [{ type: 1, codec: 'x'.repeat(257) }],
      [{ type: 1, codec: 'a', schema: { ...schema, text: 'x'.repeat(65_537) } }],
      [{ type: 1, codec: 'a', schema: { ...schema, version: -1 } }],
      [
        { type: 2, codec: 'a' },
        { type: 1, codec: 'a' },
      ],
    ]
    for (const types of bad) expect(() => encodeTypes(types)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE' }))
    expect(decodeTypes(encodeTypes([{ type: 1, codec: 'x'.repeat(256), schema: { ...schema, text: 'é'.repeat(65_536) } }]))).toHaveLength(1)
  })

  it('agree with those of the same registry, and of one that can read them', () => {
    expect(compare(registry, make({ 7: point, 1: jsonCodec(), 300: shared, 65535: bytesCodec() }))).toEqual([])
    expect(compare(make({ 1: longer }), make({ 1: shared }))).toEqual([])
  })

  it('are named where one end misses them or means something else', () => {
    const other = make({ 1: msgpackCodec(), 7: pair, 9: jsonCodec(), 300: longer })
    const found = compare(registry, other)
    expect(found.map(({ kind, type }) => [kind, type])).toEqual([
      ['different', 1],
      ['different', 7],
      ['missing-here', 9],
      ['different', 300],
      ['missing-there', 65_535],
    ])
    expect(compare(other, registry).map(({ kind, type }) => [kind, type])).toEqual([
      ['different', 1],
      ['different', 7],
      ['missing-there', 9],
      ['missing-here', 65_535],
    ])
  })

  it('differ where only one end has a schema, or a codec cannot compare schemas', () => {
    const schemaOf = (text: string): CodecSchema => ({ hash: text.length, version: 1, text })
    const own = (schema: CodecSchema | undefined): Codec<unknown> => ({
      name: 'own',
      schema,
      encode: () => 0,
      decode: () => undefined as never,
    })
    const reasons = (here: Codec<unknown>, there: Codec<unknown>) =>
      compare(make({ 1: here }), make({ 1: there })).map(difference => (difference.kind === 'different' ? difference.reason : ''))
    expect(reasons(own(schemaOf('a')), own(schemaOf('b')))).toEqual([])
    expect(reasons(own(schemaOf('a')), own(schemaOf('ab')))).toEqual(['the schemas are different'])
    expect(reasons(own(schemaOf('a')), own(undefined))).toEqual(['only one end says what the bytes mean'])
    expect(reasons(msgpackCodec(), shared)).toEqual(['only one end says what the bytes mean'])
    expect(reasons(own(undefined), jsonCodec())).toEqual(['the formats are different'])
    const named = (name: string, schema?: CodecSchema) => ({ ...own(schema), name })
    expect(reasons(named('own:1'), named('own:1'))).toEqual([])
    expect(reasons(named('own:1'), named('own:2'))).toEqual(['the schemas are different'])
    expect(reasons(named('own:1', schemaOf('a')), named('own:2', schemaOf('a')))).toEqual(['the schemas are different'])
  })

  it('differ where the hashes are equal by chance or malice, and the schemas are not', () => {
    for (const [codec, other] of [
      [point, pair],
      [longer, shared],
      [shared, longer],
    ] as const) {
      const ours = codec.schema ?? expect.unreachable()
      const theirs = { type: 1, codec: codec.name, schema: { ...ours, text: other.schema?.text ?? '' } }
      expect(
        make({ 1: codec })
          .compare([theirs])
          .map(({ kind }) => kind),
      ).toEqual(codec === longer ? [] : ['different'])
    }
  })
})

describe('the error about types that differ', () => {
  const own = (text: string): Codec<unknown> => ({
    name: `own:${text}`,
    schema: { hash: text.length, version: 2, text },
    encode: () => 0,
    decode: () => undefined,
    refusal: theirs => (theirs.text === 'table' ? 'they differ:\n  here | there' : 'too old'),
  })

  it('shows what is missing and both schemas one above the other', () => {
    const error = new TypeMismatchError(compare(make({ 1: own('new'), 2: jsonCodec() }), make({ 1: own('older'), 3: bytesCodec() })))
    expect(error).toMatchObject({ code: 'DX_CODEC_MISMATCH', details: { count: 3, types: '1, 2, 3' } })
    expect(error.message.split('\n').slice(1)).toEqual([
      '  type 1 cannot be read: too old',
      '    here:  own:new version 2: new',
      '    there: own:older version 2: older',
      '  type 2 is missing there; here it is json',
      '  type 3 is missing here; there it is bytes',
    ])
  })

  it('leaves the table to a codec that shows one', () => {
    const { message } = new TypeMismatchError(compare(make({ 1: own('new') }), make({ 1: own('table') })))
    expect(message.split('\n').slice(1)).toEqual(['  type 1 cannot be read: they differ:', '      here | there'])
    expect(new TypeMismatchError(compare(make({ 1: point }), make({ 1: pair }))).message).toContain('z:i32')
  })

  it('is no longer for reasons or types without end', () => {
    const endless: Codec<unknown> = { ...own('new'), refusal: () => 'r'.repeat(100_000) }
    const entries = Array.from({ length: 500 }, (_, i): [number, Codec<unknown>] => [i + 1, endless])
    const theirs = entries.map(([type]): TypeDescription => ({ type, codec: 'own', schema: { hash: 9, version: 1, text: 'x' } }))
    const { message, details } = new TypeMismatchError(new CodecRegistry(entries).compare(theirs))
    expect(message.length).toBeLessThan(42_000)
    expect(details).toMatchObject({ count: 500, types: expect.stringMatching(/^1, 2, 3, /) })
    expect(String(details.types).length).toBeLessThanOrEqual(400)
  })

  it('is fit for a log, whatever the other end sends and however much', () => {
    const text = `\u001b[2J\nERROR all is lost\u0000\u2028 ${'x'.repeat(60_000)}`
    const theirs = Array.from(
      { length: 500 },
      (_, i): TypeDescription => ({ type: i + 1, codec: 'json', schema: { hash: 1, version: 1, text } }),
    )
    const { message } = new TypeMismatchError(registry.compare(theirs))
    expect(message.length).toBeLessThan(12_000)
    expect(message).toContain('and 491 more')
    expect(message.replaceAll('\n', '')).not.toMatch(/[\p{C}\u2028]/u)
    // Only our own line breaks: every line is one of ours.
    for (const line of message.split('\n').slice(1)) expect(line).toMatch(/^ {2}(type|and) | {4}(here|there):/)
  })
})

describe('descriptions from somebody hostile', () => {
  const encode = (value: unknown) => {
    const target = new Uint8Array(2 ** 18)
    return target.slice(0, msgpackCodec().encode(value, target, 0))
  }
  it.each([
    [5],
    [{}],
    [[5]],
    [[[]]],
    [[[1]]],
    [[[0, 'a']]],
    [[[65_536, 'a']]],
    [[[1.5, 'a']]],
    [[[1, 2]]],
    [[[1, 'a', 1, 1]]],
    [[[1, 'a', -1, 1, '']]],
    [[[1, 'a', 2 ** 32, 1, '']]],
    [[[1, 'a', 1, -1, '']]],
    [[[1, 'a', 1, 1, 5]]],
    [[[1, 'x'.repeat(257)]]],
    [[[1, 'a', 1, 1, 'x'.repeat(65_537)]]],
    [
      [
        [1, 'a'],
        [1, 'b'],
      ],
    ],
    [
      [
        [2, 'a'],
        [1, 'b'],
      ],
    ],
    [[[1, ['a']]]],
  ])('are refused: case %#', value => {
    expect(() => decodeTypes(encode(value))).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA' }))
  })

  it('are taken and sent up to 4 MiB', () => {
    const types = (last: number) =>
      Array.from({ length: 64 }, (_, i): TypeDescription => {
        const text = 'x'.repeat(i === 63 ? last : 65_535)
        return { type: i + 1, codec: 'a', schema: { hash: 0, version: 0, text } }
      })
    const least = encodeTypes(types(1000)).length
    const most = 1000 + 2 ** 22 - least
    const bytes = encodeTypes(types(most))
    expect(bytes.length).toBe(2 ** 22)
    expect(decodeTypes(bytes).length).toBe(64)
    expect(() => encodeTypes(types(most + 1))).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
  })

  it('are refused beyond 4 MiB', () => {
    expect(() => decodeTypes(new Uint8Array(2 ** 22 + 1))).toThrow(expect.objectContaining({ code: 'DX_CODEC_SIZE' }))
  })

  it('give types or a typed error when damaged', () =>
    withSeed(
      'damaged types',
      random => {
        const bytes = encodeTypes(registry.describe())
        for (let i = random.between(1, 4); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256)
        let types: readonly TypeDescription[]
        try {
          types = decodeTypes(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^DX_CODEC_(DATA|SIZE)$/) })
          return
        }
        expect(new TypeMismatchError(registry.compare(types)).code).toBe('DX_CODEC_MISMATCH')
      },
      { count: 2000 },
    ))
})
