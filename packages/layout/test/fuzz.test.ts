import { isDisruptorError } from '@disruptorx/contracts'
import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { compareLayouts, type FieldType, type ScalarType, type StructLayout, type StructSpec, type View } from '../src/index.ts'
import { hexOf } from './hex.ts'
import { makers } from './support.ts'

const scalars: readonly ScalarType[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u53', 'i53', 'u64', 'i64', 'f32', 'f64', 'bool']
const pieces = ['a', 'Z', '7', ' ', 'é', 'ß', '漢', '😀', '\u007f', '\ufeff']

type Value = Readonly<Record<string, unknown>>
type Layout = StructLayout<StructSpec>

function randomType(random: SeededRandom, depth: number): FieldType {
  const form = random.below(depth < 3 ? 12 : 10)
  if (form < 7) return random.pick(scalars)
  if (form === 7) return { enum: Array.from({ length: random.between(1, 12) }, (_, i) => `n${i}`) }
  if (form === 8) return { string: random.between(1, 40) }
  if (form === 9) return { bytes: random.between(1, 40) }
  if (form === 10) return { struct: randomFields(random, depth + 1) }
  return { array: randomType(random, depth + 1), length: random.between(1, 12) }
}

function randomFields(random: SeededRandom, depth: number): StructSpec {
  const names = Array.from(
    { length: random.between(1, depth === 0 ? 10 : 4) },
    (_, i) => `${random.pick(['f', 'at', 'view', 'v', 'data'])}${i}`,
  )
  return Object.fromEntries(names.map(name => [name, randomType(random, depth)]))
}

/** Fields of any types, with a tail somewhere in half of all cases. */
function randomSpec(random: SeededRandom): StructSpec {
  const fields = Object.entries(randomFields(random, 0))
  const tail: FieldType = { tail: random.pick(['string', 'bytes'] as const), max: random.between(1, 60) }
  if (random.chance(0.5)) fields.splice(random.below(fields.length + 1), 0, ['tail', tail])
  return Object.fromEntries(fields)
}

function randomText(random: SeededRandom, most: number): string {
  let text = ''
  for (let count = random.below(most + 1); count > 0; count--) {
    const longer = text + random.pick(pieces)
    if (new TextEncoder().encode(longer).length > most) break
    text = longer
  }
  return text
}

function randomScalar(random: SeededRandom, type: ScalarType): unknown {
  if (type === 'bool') return random.chance(0.5)
  if (type === 'f32') return Math.fround(random.float() * 1e9 - 5e8)
  if (type === 'f64') return random.pick([random.float() * 1e300, -0, Number.NaN, Number.NEGATIVE_INFINITY])
  const bits = Number(type.slice(1))
  if (bits === 64) {
    const raw = (BigInt(random.u32()) << 32n) | BigInt(random.u32())
    return type === 'u64' ? raw : BigInt.asIntN(64, raw)
  }
  const magnitude = Math.floor(random.float() * 2 ** random.between(0, type[0] === 'i' && bits < 53 ? bits - 1 : bits))
  return type[0] === 'i' && random.chance(0.5) ? 0 - magnitude : magnitude
}

function randomBytes(random: SeededRandom, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.below(256))
}

function randomValue(random: SeededRandom, type: FieldType): unknown {
  if (typeof type === 'string') return randomScalar(random, type)
  if ('enum' in type) return random.pick(type.enum)
  if ('string' in type) return randomText(random, type.string)
  if ('bytes' in type) return randomBytes(random, type.bytes)
  if ('struct' in type) return randomStruct(random, type.struct)
  if ('array' in type) return Array.from({ length: type.length }, () => randomValue(random, type.array))
  return type.tail === 'string' ? randomText(random, type.max) : randomBytes(random, random.below(type.max + 1))
}

function randomStruct(random: SeededRandom, spec: StructSpec): Value {
  return Object.fromEntries(Object.entries(spec).map(([name, type]) => [name, randomValue(random, type)]))
}

/** What bytes from elsewhere come to: a value, or the only error there is for them. */
function outcomeOf<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!isDisruptorError(error, 'DX_RECORD')) throw error
    return undefined
  }
}

/** Every property of a view and of the flyweights in it, read one by one. */
function readAll(view: object, value: unknown): void {
  for (const name of Object.keys(value as object)) {
    const field = outcomeOf(() => (view as Value)[name])
    if (typeof field !== 'object' || field === null || field instanceof Uint8Array) continue
    if (Symbol.iterator in field) outcomeOf(() => [...(field as Iterable<unknown>)])
    else readAll(field, (value as Value)[name])
  }
}

describe('random layouts', () => {
  it('give back random values, with the same bytes whether their code is generated or not', () =>
    withSeed(
      'round trip',
      random => {
        const spec = randomSpec(random)
        const value = randomStruct(random, spec)
        const records = makers.map(([, make]) => {
          const layout = make(spec) as Layout
          const memory = randomBytes(random.fork(), layout.size + 16)
          const at = random.fork().below(9)
          const view = layout.view(memory, at).set(value as never)
          expect(view.copy()).toEqual(value)
          expect(view.byteLength).toBe(layout.sizeOf(value as never))
          expect(layout.check(value)).toBe(value)
          const record = memory.slice(at, at + view.byteLength)
          expect(layout.reader().read(record, 0, record.length).copy()).toEqual(value)
          return hexOf(record)
        })
        expect(records[1]).toBe(records[0])
      },
      { count: 800 },
    ))

  it('read what a layout with fewer or more of the fields wrote', () =>
    withSeed(
      'evolution',
      random => {
        const spec = randomSpec(random)
        const fields = Object.entries(spec)
        const known = random.between(1, fields.length)
        const older = Object.fromEntries(fields.slice(0, known))
        const value = randomStruct(random, spec)
        for (const [, make] of makers) {
          const [before, after] = [make(older) as Layout, make(spec, { version: 2 }) as Layout]
          expect(compareLayouts(before, after)).toBe(known === fields.length ? 'same' : 'newer')
          const shared = Object.fromEntries(Object.entries(value).slice(0, known))
          const zeros = after.view(new ArrayBuffer(after.size)).copy()
          const transfer = (from: Layout, to: Layout) => {
            const bytes = randomBytes(random, from.size)
            return to
              .reader()
              .read(bytes, 0, from.view(bytes).set(value as never).byteLength)
              .copy()
          }
          expect(transfer(before, after)).toEqual({ ...zeros, ...shared })
          expect(transfer(after, before)).toEqual(shared)
        }
      },
      { count: 400 },
    ))
})

describe('random bytes', () => {
  it('are read as some value that can be written again, or refused, and touch no prototype', () =>
    withSeed(
      'random bytes',
      random => {
        const spec = randomSpec(random)
        for (const [, make] of makers) {
          const layout = make(spec) as Layout
          const zero = layout.view(new ArrayBuffer(layout.size)).copy()
          const bytes = randomBytes(random, random.below(layout.size + 40))
          const reader = layout.reader()
          for (let i = 0; i < 6; i++) {
            const offset = random.below(bytes.length + 1)
            const length = random.chance(0.3) ? layout.size : random.below(bytes.length + 2)
            const view = outcomeOf(() => reader.read(bytes, offset, length))
            if (view !== undefined) {
              readAll(view, zero)
              const copy = outcomeOf(() => view.copy())
              if (copy !== undefined) expect(outcomeOf(() => layout.check(copy))).toBe(copy)
            }
          }
          expect(Object.keys(Object.prototype)).toEqual([])
        }
      },
      { count: 500 },
    ))

  it('that were a record before some of them changed are read or refused', () =>
    withSeed(
      'mutated records',
      random => {
        const spec = randomSpec(random)
        for (const [, make] of makers) {
          const layout = make(spec) as Layout
          const value = randomStruct(random, spec)
          const bytes = new Uint8Array(layout.size)
          const { byteLength } = layout.view(bytes).set(value as never)
          for (let i = 0; i < 10; i++) {
            const record = bytes.slice(0, byteLength)
            for (let flips = random.between(1, 4); flips > 0; flips--) record[random.below(byteLength)] = random.pick([0, 1, 127, 128, 255])
            const view = outcomeOf(() => layout.reader().read(record, 0, random.chance(0.7) ? byteLength : random.below(byteLength + 1)))
            if (view !== undefined) {
              readAll(view, value)
              outcomeOf(() => view.copy())
            }
          }
        }
      },
      { count: 300 },
    ))

  it('refused as the value of a random field leave every byte as it was', () =>
    withSeed(
      'refusals',
      random => {
        const spec = randomSpec(random)
        const [name] = random.pick(Object.entries(spec))
        const bad = random.pick([
          undefined,
          null,
          Symbol('s'),
          -1.5,
          2 ** 70,
          2n ** 70n,
          'x'.repeat(100),
          {},
          [1],
          new Uint8Array(100),
          '\ud800',
        ])
        for (const [, make] of makers) {
          const layout = make(spec) as Layout
          const memory = randomBytes(random, layout.size)
          const before = hexOf(memory)
          const view: View<Value> = layout.view(memory)
          const value = { ...randomStruct(random, spec), [name]: bad }
          try {
            view.set(value)
          } catch (error) {
            expect(isDisruptorError(error, 'DX_FIELD') && String(error.details.field).startsWith(name)).toBe(true)
            expect(hexOf(memory)).toBe(before)
          }
        }
      },
      { count: 500 },
    ))
})
