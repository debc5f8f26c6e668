import { inspect } from 'node:util'
import { isDisruptorError } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import type { ScalarType } from '../src/index.ts'
import { makers } from './support.ts'

const narrow = { a: 'u8', b: 'i8', c: 'u16', d: 'i16', e: 'u32', f: 'i32' } as const
const spec = { ...narrow, g: 'u53', h: 'i53', i: 'f32', j: 'f64', k: 'bool', l: 'u64', m: 'i64' } as const
const value = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: true, l: 1n, m: 1n }

const least53 = Number.MIN_SAFE_INTEGER
const most53 = Number.MAX_SAFE_INTEGER
const notNumbers = ['1', '', null, undefined, {}, [], [1], Symbol('x'), () => 1]

/** Both sides of every bound. */
const cases: Record<ScalarType, { good: unknown[]; bad: unknown[] }> = {
  u8: { good: [0, -0, 255], bad: [-1, 256, 0.5] },
  i8: { good: [-128, -1, 127], bad: [-129, 128, -0.5] },
  u16: { good: [0, 65_535], bad: [-1, 65_536, 1.5] },
  i16: { good: [-32_768, 32_767], bad: [-32_769, 32_768, 1.5] },
  u32: { good: [0, 2 ** 31, 2 ** 32 - 1], bad: [-1, 2 ** 32, 0.1, 2 ** 53] },
  i32: { good: [-(2 ** 31), -1, 2 ** 31 - 1], bad: [-(2 ** 31) - 1, 2 ** 31, 0.1] },
  u53: { good: [0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, most53], bad: [-1, most53 + 1, 0.5, 2 ** 32 + 0.5, 2 ** 64] },
  i53: { good: [least53, -(2 ** 32) - 1, -(2 ** 32), -(2 ** 31), -1, 0, 2 ** 32, most53], bad: [least53 - 1, most53 + 1, -0.5] },
  u64: { good: [0n, 2n ** 63n, 2n ** 64n - 1n], bad: [-1n, 2n ** 64n] },
  i64: { good: [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n], bad: [-(2n ** 63n) - 1n, 2n ** 63n] },
  f32: { good: [0, -1.5, 3.4028234663852886e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN], bad: [3.5e38, -3.5e38] },
  f64: { good: [0, -0, 0.1, -Number.MAX_VALUE, Number.MIN_VALUE, Number.POSITIVE_INFINITY, Number.NaN], bad: [] },
  bool: { good: [true, false], bad: [0, 1, Number.NaN] },
}
const isWhole = (type: ScalarType) => /^[iu]/.test(type)

/** What no field of the type takes. */
function neverOf(type: ScalarType): unknown[] {
  if (type === 'u64' || type === 'i64') return [...notNumbers, 1, 0, true]
  return [...notNumbers, 1n, ...(isWhole(type) ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true] : [])]
}

/** How a value reads back: -0 is 0 to a whole number. */
const readBack = (given: unknown, type: ScalarType) => (isWhole(type) && given === 0 ? 0 : given)

describe.each(makers)('%s accessors', (_, make) => {
  const layout = make(spec)
  type Fields = Record<string, unknown>
  const viewOf = (bytes = new Uint8Array(layout.size)) => layout.view(bytes)

  it.each(layout.fields)('hold a $type up to its bounds and refuse everything beyond', ({ name, type }) => {
    const view = viewOf().set(value)
    const fields = view as unknown as Fields
    const scalar = type as ScalarType
    for (const good of cases[scalar].good) {
      fields[name] = good
      expect(fields[name]).toBe(readBack(good, scalar))
      expect((view.set({ ...value, [name]: good }).copy() as unknown as Fields)[name]).toBe(readBack(good, scalar))
      expect((layout.check({ ...value, [name]: good }) as unknown as Fields)[name]).toBe(good)
    }
    const kept = fields[name]
    for (const bad of [...cases[scalar].bad, ...neverOf(scalar)]) {
      const attempts = [
        () => {
          fields[name] = bad
        },
        () => view.set({ ...value, [name]: bad as never }),
        () => layout.check({ ...value, [name]: bad }),
      ]
      for (const attempt of attempts)
        expect(attempt).toThrow(expect.toSatisfy(error => isDisruptorError(error, 'DX_FIELD') && error.details.field === name))
      expect(fields[name]).toBe(kept)
    }
  })

  it('say which field, which value and which range', () => {
    const view = viewOf()
    expect(() => {
      view.a = 256
    }).toThrow('field a is 256; it must be a whole number from 0 to 255')
    expect(() => {
      view.k = 'yes' as never
    }).toThrow("field k is 'yes'; it must be true or false")
    expect(() => {
      view.m = 2n ** 63n
    }).toThrow('field m is 9223372036854775808n; it must be a bigint from -2^63 to 2^63 - 1')
    expect(() => {
      view.a = 'x'.repeat(1000) as never
    }).toThrow(`field a is '${'x'.repeat(64)}...'; it`)
  })

  it('write all fields or none', () => {
    const bytes = new Uint8Array(layout.size)
    const view = viewOf(bytes)
    for (const name of Object.keys(value)) expect(() => view.set({ ...value, [name]: {} })).toThrow(`field ${name} is an object`)
    expect(() => view.set({ a: 1 } as never)).toThrow('field b is undefined')
    for (const nothing of [null, undefined, 5, 'text']) expect(() => view.set(nothing as never)).toThrow()
    expect(bytes.every(byte => byte === 0)).toBe(true)
    view.set({ ...value, other: 5 } as never)
    expect(view.copy()).toEqual(value)
  })

  it('read each property of a value once, and write what was checked', () => {
    let reads = 0
    const odd = Object.defineProperty({ ...value }, 'a', { get: () => (reads++ === 0 ? 7 : 'no number') })
    expect(viewOf().set(odd).a).toBe(7)
    expect(reads).toBe(1)
  })

  it('write the same bytes whatever lay there, the gaps between fields included', () => {
    const [clean, dirty] = [new Uint8Array(layout.size), new Uint8Array(layout.size).fill(0xff)]
    viewOf(clean).set(value)
    viewOf(dirty).set(value)
    expect(dirty).toEqual(clean)
  })

  it('have the same face', () => {
    const view = viewOf(new Uint8Array(layout.size + 3)).set(value)
    expect(view.moveTo(3)).toBe(view)
    expect([view.offset, view.byteLength]).toEqual([3, layout.size])
    expect(() => {
      ;(view as { offset: number }).offset = 1
    }).toThrow(TypeError)
    expect(Object.keys(view.moveTo(0))).toEqual([])
    expect(inspect(view)).toBe(inspect(value))
    expect(JSON.parse(JSON.stringify(view))).toEqual({ ...value, l: '1', m: '1' })
    expect(Object.getPrototypeOf(view.copy())).toBe(Object.prototype)
  })

  it('read every byte but 0 as true, and write 1', () => {
    const open = make({ open: 'bool' })
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Uint8Array.of(byte)
      const view = open.view(bytes)
      expect([view.open, view.copy()]).toEqual([byte !== 0, { open: byte !== 0 }])
      expect([view.set(view.copy()).open, bytes[0]]).toEqual([byte !== 0, byte === 0 ? 0 : 1])
    }
  })

  it('copy no number that 64 bits from elsewhere make inexact', () => {
    const wide = make({ u: 'u53', i: 'i53' })
    const data = new DataView(new ArrayBuffer(16))
    const copied = (u: bigint, i: bigint) => {
      data.setBigUint64(0, u, true)
      data.setBigInt64(8, i, true)
      return wide.view(data.buffer).copy()
    }
    expect(copied(2n ** 53n - 1n, 1n - 2n ** 53n)).toEqual({ u: most53, i: least53 })
    for (const u of [2n ** 53n, 2n ** 64n - 1n]) expect(() => copied(u, 0n)).toThrow('field u holds a number beyond 53 bits')
    for (const i of [2n ** 53n, -(2n ** 53n)]) expect(() => copied(0n, i)).toThrow('field i holds a number beyond 53 bits')
  })
})
