import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { type FieldType, type StructSpec, struct } from '../src/index.ts'
import { messageOf } from './support.ts'

const order = struct({ id: 'u53', symbol: 'u32', price: 'u32', size: 'u32', side: 'u8' })

/** What a spec is refused with. */
const refusal = (make: () => unknown) => messageOf('DX_LAYOUT', make)

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
    const names = ['a', 'b']
    const given = { one: { enum: names }, two: { struct: { x: { array: { string: 3 }, length: 2 } } } } as const
    const layout = struct(given)
    names.push('c')
    expect(layout.spec).toEqual({ one: { enum: ['a', 'b'] }, two: given.two })
    for (const part of [layout.spec.one, layout.spec.one.enum, layout.spec.two.struct, layout.spec.two.struct.x, layout.fields[0]?.type])
      expect(Object.isFrozen(part)).toBe(true)
  })

  it('refuses names that mean something on a view or on any object', () => {
    for (const name of [
      'copy',
      'set',
      'moveTo',
      'offset',
      'toJSON',
      'byteLength',
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
    ])
      expect(refusal(() => struct({ [name]: 'u8' }))).toContain(`'${name}'`)
    expect(refusal(() => struct(JSON.parse('{"__proto__":"u8"}')))).toContain('__proto__')
  })

  it('refuses names that are no plain identifiers, so that no text becomes code', () => {
    for (const name of ['', '1', 'a-b', 'a b', 'a;b', 'a}{', 'é', 'a\n', 'x'.repeat(65), '$view', '$at', '$1'])
      expect(refusal(() => struct({ [name]: 'u8' }))).toContain('a field name')
    for (const name of ['x'.repeat(64), '_', 'a$1', 'class', 'value', 'refuse', 'this', 'v0', 'at', 'data'])
      expect(struct({ [name]: 'u8', z: 'u8' }).fields[0]?.name).toBe(name)
  })

  it('refuses types that it does not know, and names those that it does', () => {
    for (const type of [
      'u128',
      '',
      'toString',
      undefined,
      null,
      8,
      [],
      {},
      { enum: ['a'], more: 1 },
      { array: 'u8' },
      JSON.parse('{"__proto__":1}'),
    ])
      expect(refusal(() => struct({ price: type } as unknown as StructSpec))).toMatch(/type of field price .* u8, i8, u16.* \{ enum \}/)
  })

  it('has from 1 to 256 fields, and is made from an object', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 'u53' as const]))
    expect(struct(fields(256)).size).toBe(2048)
    expect(refusal(() => struct(fields(257)))).toContain('257')
    expect(refusal(() => struct({}))).toContain('0')
    for (const spec of [null, undefined, 'u8']) expect(refusal(() => struct(spec as unknown as StructSpec))).toContain('spec')
  })
})

describe('the size of a layout', () => {
  it('follows those of texts, bytes, nested structs, arrays and tails', () => {
    const point = { x: 'u8', y: 'u32' } as const
    const layout = struct({
      a: { enum: ['x'] },
      b: { string: 3 },
      c: { bytes: 2 },
      d: { struct: point },
      e: { array: 'u16', length: 3 },
      f: { array: { struct: point }, length: 2 },
      g: { array: { array: 'u8', length: 3 }, length: 2 },
      h: { tail: 'string', max: 5 },
      i: 'u64',
    })
    expect(layout.fields.map(({ name, offset, size, alignment }) => [name, offset, size, alignment])).toEqual([
      ['a', 0, 1, 1],
      ['b', 1, 3, 1],
      ['c', 4, 2, 1],
      ['d', 8, 8, 4],
      ['e', 16, 6, 2],
      ['f', 24, 16, 4],
      ['g', 40, 6, 1],
      ['h', 48, 8, 4],
      ['i', 56, 8, 8],
    ])
    expect([layout.fixedSize, layout.size, layout.alignment, layout.version]).toEqual([64, 72, 8, 1])
    expect(layout.description).toBe(
      'struct/1 a:enum(x)@0 b:string(3)@1 c:bytes(2)@4 d:{x:u8@0 y:u32@4}@8 e:u16[3]@16 f:{x:u8@0 y:u32@4}[2]@24 g:u8[3][2]@40 h:tail-string(5)@48 i:u64@56 size=64',
    )
    expect(struct(structuredClone(layout.spec), { version: 7 })).toMatchObject({ hash: layout.hash, spec: layout.spec, version: 7 })
    expect(JSON.stringify(layout.spec)).toBe(JSON.stringify(struct(JSON.parse(JSON.stringify(layout.spec))).spec))
  })

  it('is bounded, however a spec from elsewhere is made', () => {
    const nested = (depth: number) => {
      let type: FieldType = 'u8'
      for (let i = 0; i < depth; i++) type = { struct: { a: type } }
      return type
    }
    const wide = (count: number): StructSpec => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 'u8']))
    const deepList = (depth: number): FieldType => (depth === 0 ? 'u8' : { array: deepList(depth - 1), length: 1 })
    expect(struct({ a: nested(7) }).size).toBe(1)
    expect(struct({ a: deepList(8) }).size).toBe(1)
    expect(struct({ a: { array: 'u8', length: 65_535 }, b: { string: 65_535 }, c: { bytes: 65_535 } }).size).toBe(3 * 65_535)
    expect(struct({ a: { tail: 'bytes', max: 1_000_000 } }).size).toBe(1_000_008)
    const refused: [spec: unknown, message: string][] = [
      [{ a: nested(8) }, 'the depth of a.a.a.a.a.a.a.a is 9; it must be at most 8'],
      [{ a: deepList(9) }, 'the depth of a'],
      [{ a: nested(100_000) }, 'the depth of a'],
      [
        Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`s${i}`, { struct: wide(250) }])),
        'the number of fields with nested ones is 1255; it must be at most 1024',
      ],
      [{ a: { array: { array: 'f64', length: 65_535 }, length: 65_535 } }, 'the end of field a is'],
      [{ a: { array: { string: 65_535 }, length: 17 } }, 'at most 1048576 bytes from the start'],
      [{ a: { array: 'u8', length: 0 } }, 'the length of array a is 0; it must be a whole number from 1 to 65535'],
      [{ a: { array: 'u8', length: 65_536 } }, 'the length of array a is 65536'],
      [{ a: { string: 65_536 } }, 'the bytes of string a is 65536'],
      [{ a: { bytes: 1.5 } }, 'the number of bytes of a is 1.5'],
      [{ a: { tail: 'bytes', max: 1_000_001 } }, 'the most bytes of tail a is 1000001'],
      [{ a: { tail: 'u8', max: 5 } }, "the tail a is 'u8'; it must be 'string' or 'bytes'"],
      [{ a: { tail: 'string', max: 5 }, b: { tail: 'string', max: 5 } }, 'the tail b is an object; it must be the only one of its layout'],
      [
        { a: { struct: { b: { tail: 'string', max: 5 } } } },
        'the tail a.b is an object; it must be the only one of its layout, on the top level',
      ],
      [{ a: { array: { tail: 'string', max: 5 }, length: 2 } }, 'the tail a[] is an object; it must be a field of its layout'],
      [{ a: { struct: { constructor: 'u8' } } }, "a field name is 'constructor'"],
      [{ a: { struct: 'u8' } }, "the struct of a is 'u8'"],
      [{ a: { enum: [] } }, 'the enum a is a list of 0; it must be a list of 1 to 256 names'],
      [{ a: { enum: Array.from({ length: 257 }, (_, i) => `n${i}`) } }, 'the enum a is a list of 257'],
      [{ a: { enum: 'abc' } }, "the enum a is 'abc'"],
      [{ a: { enum: ['x', 'x'] } }, "a name of the enum a is 'x'; it must be different from the others"],
    ]
    for (const [spec, message] of refused) expect(refusal(() => struct(spec as StructSpec))).toContain(message)
    for (const name of ['', ' ', 'a b', "'", '"', '`', '\\', 'a,b', ')', '{', '.a', '-', 'é', 5, 'x'.repeat(65)])
      expect(refusal(() => struct({ a: { enum: ['ok', name as string] } }))).toContain('a name of the enum a')
    for (const version of [0, -1, 0.5, 65_536, '1' as never])
      expect(refusal(() => struct({ a: 'u8' }, { version }))).toContain('the version of a layout')
  })
})

describe('a view', () => {
  it('lies over a window on a buffer, and never beyond it', () => {
    const memory = new Uint8Array(100).fill(0xee)
    const view = order.view(memory.subarray(10, 40), 6).set({ id: 1, symbol: 2, price: 3, size: 4, side: 5 })
    expect([view.offset, memory[16], memory[15], memory[40]]).toEqual([6, 1, 0xee, 0xee])
    expect(() => view.moveTo(7).set({ id: 1, symbol: 2, price: 3, size: 4, side: 5 })).toThrow(RangeError)
    expect(memory.subarray(40).every(byte => byte === 0xee)).toBe(true)
    expect(refusal(() => order.view(memory.subarray(10, 40), 7))).toContain('from 0 to 6')
    expect(refusal(() => order.view(new ArrayBuffer(23)))).toContain('in at least 24 bytes')
    expect(order.view(new Int32Array(8).subarray(1)).offset).toBe(0)
    for (const nothing of [undefined, null, 5, {}, 'text'])
      expect(refusal(() => order.view(nothing as never))).toContain('the memory of a view')
  })

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
      expected.set([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0], offset)
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
