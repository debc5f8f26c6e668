import { type Codec, isDisruptorError } from '@disruptorx/contracts'
import { struct } from '@disruptorx/layout'
import type { SeededRandom } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { z } from 'zod'
import { CodecRegistry, decodeTypes, encodeTypes, jsonCodec, msgpackCodec, structCodec } from '../../src/index.ts'
import { withSchema } from '../../src/schema.ts'
import { randomPayload } from '../support/batches.ts'
import { checkAtMost, checkEqual } from './check.ts'
import type { Outcome } from './frames.ts'
import { layoutSubjects } from './layouts.ts'
import { mutate } from './mutate.ts'
import { watch } from './watch.ts'

const MOST_BYTES = 4096
const limits = { maxBytes: MOST_BYTES, maxDepth: 6 }
const structures = [['a', 'b'], ['__proto_'], ['x']]
const types: Codec<unknown> = {
  name: 'types',
  encode(value, target, offset) {
    const bytes = encodeTypes(value as never)
    target.set(bytes, offset)
    return bytes.length
  },
  decode: (source, offset, length) => decodeTypes(source.subarray(offset, offset + length)),
}
const registry = new CodecRegistry<unknown>([
  [1, jsonCodec()],
  [300, msgpackCodec({ structures })],
])

const trade = struct({
  side: { enum: ['buy', 'sell'] },
  name: { string: 8 },
  mark: { bytes: 3 },
  legs: { array: { struct: { count: 'u16' } }, length: 2 },
  large: 'i64',
  note: { tail: 'string', max: 60 },
})

/** A codec, and how to make a value of it. */
interface Subject {
  readonly codec: Codec<unknown>
  readonly make: (random: SeededRandom) => unknown
}

const subjects: readonly Subject[] = [
  { codec: msgpackCodec(limits), make: random => randomValue(random, 5, true) },
  { codec: msgpackCodec({ ...limits, structures }), make: random => randomValue(random, 5, true) },
  { codec: jsonCodec(limits), make: random => randomValue(random, 5, false) },
  { codec: structCodec(struct({ id: 'u53', at: 'i53', price: 'u32', weight: 'f64', buy: 'bool' })), make: randomOrder },
  { codec: structCodec(trade), make: randomTrade },
  {
    codec: withSchema(msgpackCodec(limits), z.object({ a: z.int(), b: z.array(z.string()) })),
    make: random => ({ a: random.below(100), b: ['x'] }),
  },
  { codec: types, make: () => registry.describe() },
]

function randomOrder(random: SeededRandom) {
  return { id: random.u32(), at: -random.u32(), price: random.u32(), weight: random.float(), buy: random.chance(0.5) }
}

function randomTrade(random: SeededRandom) {
  return {
    side: random.pick(['buy', 'sell'] as const),
    name: random.pick(['', 'a', 'äöü', 'x'.repeat(8)]),
    mark: randomPayload(random, 3),
    legs: [{ count: random.below(65_536) }, { count: 0 }],
    large: -BigInt(random.u32()),
    note: random.pick(['', 'é€😀', 'x'.repeat(random.below(61))]),
  }
}

function randomValue(random: SeededRandom, depth: number, isMsgpack: boolean): unknown {
  switch (random.below(depth === 0 ? 4 : 7)) {
    case 0:
      return random.pick([null, true, false, 0, -1, 63, 64, 127, 128, 2 ** 32, 2 ** 53, 0.5])
    case 1:
      return random.between(-(2 ** 31), 2 ** 31 - 1)
    case 2:
      return random.pick(['', '__proto__', 'constructor', 'é€😀', '"\\\u0001', 'x'.repeat(random.below(60))])
    case 3:
      return isMsgpack
        ? random.pick([undefined, 5n, new Date(random.u32()), randomPayload(random, random.below(20))])
        : random.float() * 1e9
    case 4:
      return Array.from({ length: random.below(6) }, () => randomValue(random, depth - 1, isMsgpack))
    case 5:
      return { a: randomValue(random, depth - 1, isMsgpack), b: randomValue(random, depth - 1, isMsgpack) }
    default:
      return Object.fromEntries(Array.from({ length: random.below(5) }, (_, i) => [`k${i}`, randomValue(random, depth - 1, isMsgpack)]))
  }
}

const known = new Set<unknown>([Object.prototype, Array.prototype, Uint8Array.prototype, Date.prototype])

/** Fails when anything in a value is no plain object, array, date or bytes of our own. */
function expectPlain(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (!known.has(Object.getPrototypeOf(value)))
    expect.unreachable(`a decoded object has the prototype ${String(Object.getPrototypeOf(value))}`)
  if (!(value instanceof Uint8Array)) for (const key of Reflect.ownKeys(value)) expectPlain((value as Record<PropertyKey, unknown>)[key])
}

/** One case: bytes of a value that are good, changed, or noise, for one of the codecs. */
export function fuzzCodecs(random: SeededRandom): Outcome {
  return fuzzCodec(random, random.pick(subjects))
}

/** The same for one of many layouts. */
export function fuzzLayouts(random: SeededRandom): Outcome {
  return fuzzCodec(random, random.pick(layoutSubjects))
}

function fuzzCodec(random: SeededRandom, { codec, make }: Subject): Outcome {
  const target = new Uint8Array(16_384)
  const good = target.slice(0, codec.encode(make(random), target, 0))
  const noise = random.chance(0.1)
  const bytes = noise ? randomPayload(random, random.below(100)) : random.chance(0.1) ? good : mutate(random, good)
  // Between other bytes, none of which it may look at.
  const around = random.below(256)
  const source = new Uint8Array(bytes.length + 64).fill(around)
  source.set(bytes, 32)
  const { result, largest } = watch((): { readonly value: unknown } | { readonly refused: Outcome } => {
    try {
      return { value: codec.decode(source, 32, bytes.length) }
    } catch (error) {
      if (!isDisruptorError(error) || !/^DX_CODEC_(DATA|SIZE)$/.test(error.code) || bytes === good) throw error
      return { refused: error.code }
    }
  })
  checkAtMost(largest, MOST_BYTES)
  if ('refused' in result) return result.refused
  const { value } = result
  expectPlain(value)
  // What was accepted is a value like any other: it can be written, and comes back.
  const length = codec.encode(value, target, 0)
  checkEqual(withPlainZeros(codec.decode(target, 0, length)), withPlainZeros(value))
  return 'read'
}

/** The same with 0 in place of -0, which JSON reads and cannot write. */
function withPlainZeros(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(withPlainZeros)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withPlainZeros(part)]))
}
