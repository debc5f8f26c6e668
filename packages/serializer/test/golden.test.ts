import type { Codec } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import { describe, expect, it } from 'vitest'
import {
  builtInCompressors,
  bytesCodec,
  CodecRegistry,
  decodeTypes,
  encodeTypes,
  FrameWriter,
  jsonCodec,
  msgpackCodec,
  structCodec,
  traceContextOf,
  traceparentOf,
} from '../src/index.ts'
import { lz4 } from '../src/lz4.ts'
import { decodeAll } from './support/batches.ts'
import { TWO_FRAMES } from './support/golden.ts'

// Bytes that this version and every later one has to read; where compression has no say, to write as well. FORMAT.md shows the first of them.
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const compressed = {
  deflate: '445801010d0000006c0000000100000011322ab6956ee0324b6160606064606048a4030000',
  zstd: '44580102180000006c0000000100000033c45b9f76960c7c28b52ffd206c7d0000486400000001000000610100200547',
  lz4: '44580103180000006c00000001000000b61dcd4259e4b32b6c0000009f64000000010000006101004a60616161616161',
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

describe('frames of version 1', () => {
  it('are written and read as they ever were', () => {
    const writer = new FrameWriter()
    writer.append(7, 0, new TextEncoder().encode('hello'))
    writer.append(258, 3, new Uint8Array(0), traceContextOf(TRACEPARENT))
    expect(hex(writer.take())).toBe(TWO_FRAMES)
    const [first, second] = decodeAll(bytes(TWO_FRAMES))
    expect(first).toEqual({ type: 7, flags: 0, payload: hex(new TextEncoder().encode('hello')), trace: undefined })
    expect(second).toMatchObject({ type: 258, flags: 3, payload: '' })
    expect(traceparentOf(bytes(second?.trace ?? ''))).toBe(TRACEPARENT)
  })

  it.each(Object.entries(compressed))('are read as they ever were, compressed by %s', (_, text) => {
    expect(decodeAll(bytes(text), { compressors: [...builtInCompressors(), lz4] })).toEqual([
      { type: 1, flags: 0, payload: '61'.repeat(100), trace: undefined },
    ])
  })
})

describe('values', () => {
  const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8' })
  const value = { id: 2 ** 33 + 1, symbol: 17, price: 10_050, size: 100, side: 1 }
  const structures = [['id', 'symbol', 'price', 'size', 'side']]
  const vectors: Record<string, readonly [Codec<unknown>, unknown, string]> = {
    struct: [structCodec(order), value, '010000000200000011000000422700006400000001000000'],
    msgpack: [msgpackCodec(), value, '85a26964cb4200000000080000a673796d626f6c11a57072696365cd2742a473697a6564a47369646501'],
    'msgpack with structures': [msgpackCodec({ structures }), [value, 64], '9240cb420000000008000011cd2742cc6401cc40'],
    json: [
      jsonCodec(),
      value,
      '7b226964223a383538393933343539332c2273796d626f6c223a31372c227072696365223a31303035302c2273697a65223a3130302c2273696465223a317d',
    ],
    bytes: [bytesCodec(), Uint8Array.of(1, 2, 3), '010203'],
  }

  it.each(Object.entries(vectors))('are written and read as they ever were by %s', (_, [codec, expected, text]) => {
    const target = new Uint8Array(200)
    expect(hex(target.subarray(0, codec.encode(expected, target, 0)))).toBe(text)
    expect(codec.decode(bytes(text), 0, text.length / 2)).toEqual(expected)
  })
})

it('the types of a handshake are written and read as they ever were', () => {
  const own: Codec<unknown> = { name: 'own:1', schema: { hash: 2 ** 32 - 1, version: 3, text: 'é' }, encode: () => 0, decode: () => 0 }
  const types = new CodecRegistry<unknown>([
    [1, own],
    [65_535, jsonCodec()],
  ]).describe()
  const text = '929501a56f776e3a31ceffffffff03a2c3a992cdffffa46a736f6e'
  expect(hex(encodeTypes(types))).toBe(text)
  expect(decodeTypes(bytes(text))).toEqual(types)
})
