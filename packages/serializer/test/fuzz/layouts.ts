import type { Codec } from '@disruptorx/contracts'
import { type FieldType, type ScalarType, type StructSpec, struct } from '@disruptorx/layout'
import { SeededRandom } from '@disruptorx/testkit'
import { structCodec } from '../../src/index.ts'
import { randomPayload } from '../support/batches.ts'

const scalars: readonly ScalarType[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u53', 'i53', 'u64', 'i64', 'f32', 'f64', 'bool']
const MOST_DEPTH = 3

function randomType(random: SeededRandom, depth: number): FieldType {
  const form = random.below(depth < MOST_DEPTH ? 8 : 6)
  if (form < 3) return random.pick(scalars)
  if (form === 3) return { enum: Array.from({ length: random.between(1, 12) }, (_, i) => `n${i}`) }
  if (form === 4) return { string: random.between(1, 20) }
  if (form === 5) return { bytes: random.between(1, 20) }
  if (form === 6) return { struct: randomFields(random, depth + 1) }
  return { array: randomType(random, depth + 1), length: random.between(1, 4) }
}

function randomFields(random: SeededRandom, depth: number): Record<string, FieldType> {
  return Object.fromEntries(Array.from({ length: random.between(1, depth === 0 ? 8 : 3) }, (_, i) => [`f${i}`, randomType(random, depth)]))
}

/** Fields of any types, with a tail in half of all cases. */
function randomSpec(random: SeededRandom): StructSpec {
  const tail: FieldType = { tail: random.pick(['string', 'bytes'] as const), max: random.between(1, 60) }
  return { ...randomFields(random, 0), ...(random.chance(0.5) ? { tail } : {}) }
}

function randomScalar(random: SeededRandom, type: ScalarType): unknown {
  if (type === 'bool') return random.chance(0.5)
  if (type === 'f32') return Math.fround(random.float() * 1e9)
  if (type === 'f64') return random.float() * 1e300
  const isSigned = type.startsWith('i')
  const bits = Number(type.slice(1)) - (isSigned ? 1 : 0)
  const magnitude = Math.floor(random.float() * 2 ** Math.min(bits, 52))
  const value = isSigned && random.chance(0.5) ? 0 - magnitude : magnitude
  return type.endsWith('64') ? BigInt(value) : value
}

function randomField(random: SeededRandom, type: FieldType): unknown {
  if (typeof type === 'string') return randomScalar(random, type)
  if ('enum' in type) return random.pick(type.enum)
  if ('string' in type) return random.pick(['', 'a', 'é', '漢', '😀']).repeat(Math.floor(type.string / 4))
  if ('bytes' in type) return randomPayload(random, type.bytes)
  if ('struct' in type) return randomStruct(random, type.struct)
  if ('array' in type) return Array.from({ length: type.length }, () => randomField(random, type.array))
  return type.tail === 'string' ? 'x'.repeat(random.below(type.max + 1)) : randomPayload(random, random.below(type.max + 1))
}

function randomStruct(random: SeededRandom, spec: StructSpec): unknown {
  return Object.fromEntries(Object.entries(spec).map(([name, type]) => [name, randomField(random, type)]))
}

/** Codecs of a hundred layouts, the same in every run, and how to make a value of each. */
export const layoutSubjects: readonly { readonly codec: Codec<unknown>; readonly make: (random: SeededRandom) => unknown }[] = Array.from(
  { length: 100 },
  (_, i) => {
    const spec = randomSpec(new SeededRandom(i))
    return { codec: structCodec(struct(spec)) as Codec<unknown>, make: random => randomStruct(random, spec) }
  },
)
