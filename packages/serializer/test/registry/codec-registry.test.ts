import { isDisruptorError } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import { CodecRegistry, msgpackCodec, structCodec } from '../../src/index.ts'

const point = structCodec(struct({ x: 'i32', y: 'i32' }))
const text = msgpackCodec<string>()

describe('a codec registry', () => {
  it('gives the codec of a type number', () => {
    const codecs = new CodecRegistry<unknown>([
      [65_535, point],
      [1, text],
    ])
    expect(codecs.get(1)).toBe(text)
    expect(codecs.get(65_535)).toBe(point)
    expect(codecs.types).toEqual([1, 65_535])
    expect([codecs.has(1), codecs.has(2)]).toEqual([true, false])
  })

  it('says for an unknown type which ones it knows', () => {
    const codecs = new CodecRegistry<unknown>([
      [2, text],
      [1, point],
    ])
    expect(() => codecs.get(7)).toThrow(`there is no codec for type 7; known are 1 (${point.name}), 2 (msgpack).`)
    expect(() => codecs.get(7)).toThrow(expect.objectContaining({ code: 'DX_CODEC_UNKNOWN_TYPE' }))
    expect(() => new CodecRegistry([]).get(1)).toThrow('known are none')
    const many = new CodecRegistry(Array.from({ length: 25 }, (_, i) => [i + 1, text] as const))
    expect(() => many.get(26)).toThrow('20 (msgpack) and 5 more')
  })

  it('refuses two codecs for one number, numbers out of range, and what is no codec', () => {
    const twice = () =>
      new CodecRegistry<unknown>([
        [1, text],
        [1, point],
      ])
    expect(twice).toThrow(expect.objectContaining({ code: 'DX_CODEC_DUPLICATE_TYPE' }))
    for (const type of [0, 65_536, 1.5, -1]) expect(() => new CodecRegistry([[type, text]])).toThrow(/option type/)
    for (const codec of [undefined, null, {}, { ...text }, { name: 'half', encode: () => 0 }])
      expect(() => new CodecRegistry([[1, codec as never]])).toThrow(/option codec of type 1 .* name, encode and decode/)
  })

  it('says how it is made when it is given no list of pairs', () => {
    const refused = (given: unknown) => {
      try {
        new CodecRegistry(given as never)
      } catch (error) {
        if (isDisruptorError(error, 'DX_OPTION')) return error.message
        throw error
      }
      return expect.unreachable('it was accepted')
    }
    const how = 'it must be pairs of a type number and its codec, as in new CodecRegistry([[1, jsonCodec()], [2, bytesCodec()]])'
    for (const [given, shown] of [
      [{}, 'object'],
      [{ 1: text }, 'object'],
      [Object.create(null), 'object'],
      [null, 'object'],
      [undefined, 'undefined'],
      ['ab', 'string'],
      [5, 'number'],
      [text, 'object'],
      [[text], 'a list with object in it'],
      [[1, text], 'a list with number in it'],
      [[undefined], 'a list with undefined in it'],
    ] as const)
      expect(refused(given)).toBe(`option codecs is '${shown}'; ${how}`)
    expect(new CodecRegistry(new Map([[3, text]])).types).toEqual([3])
    expect(new CodecRegistry([]).types).toEqual([])
  })
})
