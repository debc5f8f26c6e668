import { inspect } from 'node:util'
import { isDisruptorError } from '@disruptorx/contracts'
import { runProcess, type SeededRandom, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { generateViewClass, interpretViewClass, type ViewClass } from '../src/accessors.ts'
import { type FieldType, type StructSpec, struct, type View } from '../src/index.ts'

const every = struct({ a: 'u8', b: 'i8', c: 'u16', d: 'i16', e: 'u32', f: 'i32', g: 'u53', h: 'i53', i: 'f32', j: 'f64', k: 'bool' })
type Fields = Record<string, number | boolean>

const least53 = Number.MIN_SAFE_INTEGER
const most53 = Number.MAX_SAFE_INTEGER
const notNumbers = ['1', '', null, undefined, {}, [], [1], 1n, Symbol('x'), () => 1]

/** Both sides of every bound. */
const cases: Record<FieldType, { good: (number | boolean)[]; bad: unknown[] }> = {
  u8: { good: [0, -0, 255], bad: [-1, 256, 0.5] },
  i8: { good: [-128, -1, 127], bad: [-129, 128, -0.5] },
  u16: { good: [0, 65_535], bad: [-1, 65_536, 1.5] },
  i16: { good: [-32_768, 32_767], bad: [-32_769, 32_768, 1.5] },
  u32: { good: [0, 2 ** 31, 2 ** 32 - 1], bad: [-1, 2 ** 32, 0.1, 2 ** 53] },
  i32: { good: [-(2 ** 31), -1, 2 ** 31 - 1], bad: [-(2 ** 31) - 1, 2 ** 31, 0.1] },
  u53: { good: [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, most53], bad: [-1, most53 + 1, 0.5, 2 ** 64] },
  i53: { good: [least53, -(2 ** 32) - 1, -(2 ** 32), -(2 ** 31), -1, 0, 2 ** 32, most53], bad: [least53 - 1, most53 + 1, -0.5] },
  f32: { good: [0, -1.5, 3.4028234663852886e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], bad: [3.5e38, -3.5e38] },
  f64: { good: [0, 0.1, -Number.MAX_VALUE, Number.MIN_VALUE, Number.POSITIVE_INFINITY, Number.NaN], bad: [] },
  bool: { good: [true, false], bad: [0, 1, Number.NaN] },
}
const isWhole = (type: FieldType) => /^[iu]/.test(type)

/** How a value reads back: -0 is 0 to a whole number. */
const readBack = (value: number | boolean, type: FieldType) => (isWhole(type) ? Number(value) + 0 : value)

function viewOf(Class: ViewClass<unknown>, bytes = new Uint8Array(every.size)): View<Fields> {
  return new Class(new DataView(bytes.buffer), 0) as View<Fields>
}

function randomValue(random: SeededRandom, type: FieldType): number | boolean {
  if (type === 'bool') return random.chance(0.5)
  if (type === 'f32') return Math.fround(random.float() * 1e9 - 5e8)
  if (type === 'f64') return random.float() * 1e300
  const bits = Number(type.slice(1))
  const magnitude = Math.floor(random.float() * 2 ** random.between(0, type[0] === 'i' && bits < 53 ? bits - 1 : bits))
  return type[0] === 'i' && random.chance(0.5) ? 0 - magnitude : magnitude
}

/** The same struct by the language's own means: what the bytes have to be. */
function referenceBytes(value: Fields): Uint8Array {
  const data = new DataView(new ArrayBuffer(every.size))
  for (const { name, type, offset } of every.fields) {
    const field = value[name] ?? Number.NaN
    if (type === 'f32') data.setFloat32(offset, Number(field), true)
    else if (type === 'f64') data.setFloat64(offset, Number(field), true)
    else {
      const size = every.fields.find(other => other.name === name)?.size ?? 0
      const raw = BigInt.asUintN(64, BigInt(Number(field)))
      for (let i = 0; i < size; i++) data.setUint8(offset + i, Number((raw >> BigInt(8 * i)) & 0xffn))
    }
  }
  return new Uint8Array(data.buffer)
}

describe.each([
  ['generated', generateViewClass],
  ['interpreted', interpretViewClass],
] as const)('%s accessors', (_, make) => {
  const Class = make<unknown>(every.fields)

  it.each(every.fields)('hold a $type up to its bounds and refuse everything beyond', ({ name, type }) => {
    const view = viewOf(Class)
    for (const good of cases[type].good) {
      view[name] = good
      expect(view[name]).toBe(readBack(good, type))
      expect(every.check({ ...view.copy(), [name]: good })[name as 'a']).toBe(good)
    }
    const kept = view[name]
    const never = isWhole(type) ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true] : []
    for (const bad of [...cases[type].bad, ...never, ...notNumbers]) {
      const attempts = [
        () => {
          view[name] = bad as number
        },
        () => view.set({ ...view.copy(), [name]: bad as number }),
        () => every.check({ ...view.copy(), [name]: bad }),
      ]
      for (const attempt of attempts)
        expect(attempt).toThrow(expect.toSatisfy(error => isDisruptorError(error, 'DX_FIELD') && error.details.field === name))
      expect(view[name]).toBe(kept)
    }
  })

  it('say which field, which value and which range', () => {
    const view = viewOf(Class)
    expect(() => {
      view.a = 256
    }).toThrow('field a is 256; it must be a whole number from 0 to 255')
    expect(() => {
      view.k = 'yes' as never
    }).toThrow("field k is 'yes'; it must be true or false")
  })

  it('write all fields or none', () => {
    const bytes = new Uint8Array(every.size)
    const view = viewOf(Class, bytes)
    const value = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: true }
    for (const name of Object.keys(value)) expect(() => view.set({ ...value, [name]: {} as number })).toThrow(/DX_FIELD|field/)
    expect(() => view.set({ a: 1 })).toThrow('field b is undefined')
    expect(bytes.every(byte => byte === 0)).toBe(true)
    view.set({ ...value, other: 5 })
    expect(view.copy()).toEqual(value)
  })

  it('write the little-endian bytes of the reference for any values, and read them back', () =>
    withSeed(
      'struct bytes',
      random => {
        const value = Object.fromEntries(every.fields.map(({ name, type }) => [name, randomValue(random, type)])) as Fields
        const [whole, single] = [new Uint8Array(every.size), new Uint8Array(every.size)]
        viewOf(Class, whole).set(value)
        const view = viewOf(Class, single)
        for (const { name } of every.fields) view[name] = value[name] as number
        expect(whole).toEqual(referenceBytes(value))
        expect(single).toEqual(whole)
        expect(view.copy()).toEqual(value)
      },
      { count: 500 },
    ))

  it('have the same face', () => {
    const view = viewOf(Class)
    expect(view.moveTo(3)).toBe(view)
    expect(view.offset).toBe(3)
    expect(() => {
      ;(view as { offset: number }).offset = 1
    }).toThrow(TypeError)
    expect(view.moveTo(0).toJSON()).toEqual(view.copy())
    expect(Object.keys(view)).toEqual([])
    expect(inspect(view)).toBe(inspect(view.copy()))
  })
})

describe('a struct where generated code is forbidden', () => {
  it('works all the same', async () => {
    const program = `
      const { struct } = await import('@disruptorx/layout')
      try { new Function('return 1')(); console.log('allowed') } catch (error) { console.log(error.name) }
      const view = struct({ id: 'u53', buy: 'bool' }).view(new SharedArrayBuffer(32), 8)
      view.set({ id: 2 ** 53 - 1, buy: true })
      try { view.id = -1 } catch (error) { console.log(error.code) }
      console.log(JSON.stringify(view))`
    const { stdout, stderr } = await runProcess({
      command: process.execPath,
      args: ['--disallow-code-generation-from-strings', '--input-type=module', '-e', program],
      cwd: import.meta.dirname,
    })
    expect(stderr).toBe('')
    expect(stdout).toBe('EvalError\nDX_FIELD\n{"id":9007199254740991,"buy":true}\n')
  })
})

describe('a check of a value from outside', () => {
  it('refuses what is no object, and names what it is', () => {
    for (const value of [null, undefined, 5, 'text', () => 1])
      expect(() => every.check(value)).toThrow(expect.toSatisfy(error => isDisruptorError(error, 'DX_LAYOUT')))
  })

  it('finds 64 bits that are no exact number after they have been read', () => {
    const layout = struct({ id: 'u53' } satisfies StructSpec)
    const bytes = new Uint8Array(8).fill(0xff)
    expect(() => layout.check(layout.view(bytes.buffer).copy())).toThrow('field id')
    expect(layout.check({ id: 3, more: 4 })).toEqual({ id: 3, more: 4 })
  })
})
