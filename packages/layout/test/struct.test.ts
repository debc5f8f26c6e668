import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type Infer, type StructSpec, struct, type View } from '../src/index.ts'

const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8' })

/** What a spec is refused with. */
function refusal(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    if (isDisruptorError(error, 'DX_LAYOUT')) return error.message
    throw error
  }
  return expect.unreachable('it was accepted')
}

describe('a layout', () => {
  it('places fields as declared, each at the next multiple of its size, and pads the end', () => {
    const mixed = struct({ a: 'u8', b: 'u16', c: 'bool', d: 'i32', e: 'i8', f: 'f64', g: 'f32', h: 'u53', i: 'i16' })
    expect(mixed.fields.map(field => [field.name, field.offset, field.size])).toEqual([
      ['a', 0, 1],
      ['b', 2, 2],
      ['c', 4, 1],
      ['d', 8, 4],
      ['e', 12, 1],
      ['f', 16, 8],
      ['g', 24, 4],
      ['h', 32, 8],
      ['i', 40, 2],
    ])
    expect([mixed.size, mixed.alignment]).toEqual([48, 8])
    expect([order.size, order.alignment]).toEqual([24, 8])
    const narrow = struct({ a: 'u16', b: 'u8' })
    expect([narrow.size, narrow.alignment]).toEqual([4, 2])
    expect(struct({ a: 'bool' }).size).toBe(1)
  })

  it('has the description and the hash that it always had', () => {
    expect(order.description).toBe('struct/1 id:u53@0 symbol:u32@8 price:u32@12 size:u32@16 side:u8@20 size=24')
    expect(order.hash).toBe(1_485_802_958)
    const every = struct({ a: 'u8', b: 'i8', c: 'u16', d: 'i16', e: 'u32', f: 'i32', g: 'u53', h: 'i53', i: 'f32', j: 'f64', k: 'bool' })
    expect(every.description).toBe(
      'struct/1 a:u8@0 b:i8@1 c:u16@2 d:i16@4 e:u32@8 f:i32@12 g:u53@16 h:i53@24 i:f32@32 j:f64@40 k:bool@48 size=56',
    )
    expect(every.hash).toBe(3_551_194_654)
  })

  it('has another hash for another name, type or order', () => {
    const specs: StructSpec[] = [
      { a: 'u32', b: 'u32' },
      { b: 'u32', a: 'u32' },
      { a: 'u32', b: 'i32' },
      { a: 'u32', c: 'u32' },
      { a: 'u32' },
      { a: 'u32', b: 'u32', c: 'u8' },
    ]
    expect(new Set(specs.map(spec => struct(spec).hash)).size).toBe(specs.length)
  })

  it('is built again from its spec, and cannot be changed', () => {
    const again = struct(structuredClone(order.spec))
    expect([again.hash, again.spec]).toEqual([order.hash, order.spec])
    for (const part of [order, order.fields, order.fields[0], order.spec]) expect(Object.isFrozen(part)).toBe(true)
  })

  it('refuses names that mean something on a view or on any object', () => {
    for (const name of [
      'copy',
      'set',
      'moveTo',
      'offset',
      'toJSON',
      '$view',
      '$at',
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
    ])
      expect(refusal(() => struct({ [name]: 'u8' }))).toContain(`'${name}'`)
    expect(refusal(() => struct(JSON.parse('{"__proto__":"u8"}')))).toContain('__proto__')
  })

  it('refuses names that are no plain identifiers, so that no text becomes code', () => {
    for (const name of ['', '1', 'a-b', 'a b', 'a;b', 'a}{', 'é', 'a\n', 'x'.repeat(65)])
      expect(refusal(() => struct({ [name]: 'u8' }))).toContain('a field name')
    for (const name of ['x'.repeat(64), '_', '$1', 'class', 'value', 'refuse', 'this', 'v0', 'at', 'data'])
      expect(struct({ [name]: 'u8', z: 'u8' }).fields[0]?.name).toBe(name)
  })

  it('refuses types that it does not know, and names those that it does', () => {
    for (const type of ['u64', '', 'toString', undefined, 8])
      expect(refusal(() => struct({ price: type } as unknown as StructSpec))).toMatch(/type of field price .* u8, i8, u16/)
  })

  it('has from 1 to 256 fields, and is made from an object', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 'u53' as const]))
    expect(struct(fields(256)).size).toBe(2048)
    expect(refusal(() => struct(fields(257)))).toContain('257')
    expect(refusal(() => struct({}))).toContain('0')
    for (const spec of [null, undefined, 'u8']) expect(refusal(() => struct(spec as unknown as StructSpec))).toContain('spec')
  })
})

describe('a view', () => {
  it('fits exactly, and is refused where it does not fit', () => {
    const memory = new ArrayBuffer(100)
    expect(order.view(memory, 76).offset).toBe(76)
    for (const offset of [77, 101, -1, 0.5, Number.NaN]) expect(refusal(() => order.view(memory, offset))).toContain('from 0 to 76')
  })

  it('never writes outside its buffer, wherever it was moved', () => {
    const view = order.view(new SharedArrayBuffer(order.size))
    for (const offset of [order.size, -order.size, 2 ** 40]) {
      expect(() => view.moveTo(offset).side).toThrow(RangeError)
      expect(() => {
        view.moveTo(offset).side = 1
      }).toThrow(RangeError)
    }
  })

  it('reads and writes at any byte, aligned or not, and touches no other', () => {
    for (const offset of [0, 1, 3, 8, 13]) {
      const bytes = new Uint8Array(64).fill(0xee)
      order.view(bytes.buffer).moveTo(offset).set({ id: 1, symbol: 2, price: 3, size: 4, side: 5 })
      const expected = new Uint8Array(64).fill(0xee)
      expected.set([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5], offset)
      expect(bytes).toEqual(expected)
    }
  })

  it('keeps nothing of its own: a copy stays, the view follows the memory', () => {
    const memory = new SharedArrayBuffer(order.size * 2)
    const view = order.view(memory)
    view.set({ id: 1, symbol: 2, price: 3, size: 4, side: 5 })
    const kept = view.copy()
    order.view(memory).price = 99
    expect([kept.price, view.price]).toEqual([3, 99])
    expect(view.moveTo(order.size).copy()).toEqual({ id: 0, symbol: 0, price: 0, size: 0, side: 0 })
    expect(JSON.stringify(view)).toBe('{"id":0,"symbol":0,"price":0,"size":0,"side":0}')
  })

  it('sees on one thread what another wrote, through a layout that was rebuilt there', async () => {
    const memory = new SharedArrayBuffer(100)
    const view = order.view(memory, 32).set({ id: 2 ** 52, symbol: 2, price: 2 ** 32 - 1, size: 4, side: 5 })
    const value = view.copy()
    const worker = new Worker(new URL('./fixtures/reader.mjs', import.meta.url), { workerData: { spec: order.spec, memory, offset: 32 } })
    const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    expect(message).toEqual({ hash: order.hash, read: value })
    expect(view.id).toBe(2 ** 52 - 1)
  })
})

describe('the types of a layout', () => {
  it('follow the spec: numbers and booleans, readonly as values, writable as views', () => {
    const flags = struct({ count: 'i16', on: 'bool' })
    expectTypeOf<Infer<typeof flags>>().toEqualTypeOf<{ readonly count: number; readonly on: boolean }>()
    expectTypeOf(flags.view).returns.toEqualTypeOf<View<Infer<typeof flags>>>()
    const view = flags.view(new ArrayBuffer(4))
    view.on = true
    // @ts-expect-error: a copy is readonly by type
    view.copy().on = false
    expect(view.on).toBe(true)
  })
})
