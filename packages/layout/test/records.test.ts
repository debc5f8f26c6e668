import { describe, expect, it } from 'vitest'
import type { StructSpec, ValueLayout } from '../src/index.ts'
import { makers, messageOf } from './support.ts'

/** A record as it would be sent. */
function recordOf<T>(layout: ValueLayout<T>, value: T): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.size)
  return bytes.slice(0, layout.view(bytes).set(value).byteLength)
}

describe.each(makers)('a %s reader of records', (_, make) => {
  const v1 = make({ id: 'u32', open: 'bool' })
  const v2 = make({ id: 'u32', open: 'bool', side: { enum: ['buy', 'sell'] }, price: 'u53' }, { version: 2 })
  const v3 = make(
    {
      ...{ id: 'u32', open: 'bool', side: { enum: ['buy', 'sell'] }, price: 'u53' },
      ...{ note: { tail: 'string', max: 40 }, at: { struct: { x: 'f32', tags: { array: { string: 2 }, length: 2 } } } },
    },
    { version: 3 },
  )
  const v4 = make({ ...v3.spec, more: 'f64' } as const, { version: 4 })
  const one = { id: 5, open: true }
  const two = { ...one, side: 'sell', price: 2 ** 40 } as const
  const three = { ...two, note: 'hello', at: { x: 1.5, tags: ['a', 'b'] } }
  const four = { ...three, more: 0.25 }
  const none = { side: 'buy', price: 0, note: '', at: { x: 0, tags: ['', ''] }, more: 0 }

  it('reads what its own version wrote, at any byte of any buffer, without a copy', () => {
    const reader = v3.reader()
    const record = recordOf(v3, three)
    for (const memory of [new ArrayBuffer(200), new SharedArrayBuffer(200)]) {
      for (const [start, offset] of [
        [0, 0],
        [3, 5],
        [8, 40],
      ] as const) {
        const bytes = new Uint8Array(memory, start)
        bytes.set(record, offset)
        const view = reader.read(bytes, offset, record.length)
        expect(view.copy()).toEqual(three)
        expect([view.note, view.at.x, view.at.tags.get(1), view.offset]).toEqual(['hello', 1.5, 'b', start + offset])
        bytes[offset] = 77
        expect(view.id).toBe(77)
      }
    }
  })

  it('reads older records: fields that they lack are zero', () => {
    const older: [record: Uint8Array, value: object][] = [
      [recordOf(v1, one), one],
      [recordOf(v2, two), two],
      [recordOf(v3, three), three],
      [recordOf(v3, { ...three, note: '' }), { ...three, note: '' }],
      [recordOf(v4, four), four],
      [recordOf(v1, one), one],
    ]
    const reader = v4.reader()
    for (const [record, value] of older) expect(reader.read(record, 0, record.length).copy()).toEqual({ ...none, ...value })
  })

  it('reads newer records: what it does not know is passed over', () => {
    for (const record of [recordOf(v2, two), recordOf(v3, three), recordOf(v4, four)])
      expect(v1.reader().read(record, 0, record.length).copy()).toEqual(one)
    for (const record of [recordOf(v3, three), recordOf(v4, four)]) expect(v2.reader().read(record, 0, record.length).copy()).toEqual(two)
    const record = recordOf(v4, four)
    expect(v3.reader().read(record, 0, record.length).copy()).toEqual(three)
  })

  it('reads a struct that was written field by field and never got a tail', () => {
    const bytes = new Uint8Array(v3.size)
    const view = v3.view(bytes)
    view.id = 9
    expect(v3.reader().read(bytes, 0, view.byteLength).copy()).toMatchObject({ id: 9, note: '' })
    expect(v4.reader().read(bytes, 0, view.byteLength).copy()).toMatchObject({ id: 9, note: '', more: 0 })
  })

  it('moves one flyweight, and makes no other for the same bytes', () => {
    const bytes = new Uint8Array(64)
    const reader = v1.reader()
    const first = reader.read(bytes, 0, 8)
    expect(reader.read(bytes, 8, 8)).toBe(first)
    expect(first.offset).toBe(8)
  })

  it('refuses what is no record of any version', () => {
    const record = recordOf(v3, three)
    const reader = v3.reader()
    for (const length of [0, 1, 3, 5, 7, 9, 12, 15, 17, 23])
      expect(messageOf('DX_RECORD', () => reader.read(record, 0, length))).toMatch(
        /bytes of fields; this version has 32, older ones: 4, 8, 16, 24;/,
      )
    for (const length of [24, 31, 32, record.length - 1])
      expect(messageOf('DX_RECORD', () => reader.read(record, 0, length))).toContain('its tail has')
    for (const length of [1, 3, 5, 7]) expect(messageOf('DX_RECORD', () => v1.reader().read(record, 0, length))).toContain('older ones: 4')
  })

  it('refuses tails that do not end where the record does, or start within its fields', () => {
    const reader = v3.reader()
    const record = recordOf(v3, three)
    const data = new DataView(record.buffer)
    const tail = v3.fields.find(({ name }) => name === 'note')?.offset ?? 0
    for (const [start, length] of [
      [32, 4],
      [32, 6],
      [0, 5],
      [tail, 5],
      [tail - 8, record.length - tail + 8],
      [tail, record.length - tail],
      [23, record.length - 23],
      [25, record.length - 25],
      [2 ** 32 - 1, 5],
      [32, 2 ** 32 - 1],
    ] as const) {
      data.setUint32(tail, start, true)
      data.setUint32(tail + 4, length, true)
      expect(messageOf('DX_RECORD', () => reader.read(record, 0, record.length))).toMatch(/its tail has|bytes of fields|field note has/)
    }
  })

  it('refuses what is not within the bytes', () => {
    const bytes = new Uint8Array(64).subarray(0, 20)
    const reader = v1.reader()
    expect(reader.read(bytes, 12, 8).copy()).toEqual({ id: 0, open: false })
    for (const [offset, length] of [
      [13, 8],
      [-1, 8],
      [0.5, 8],
      [0, 8.5],
      [Number.NaN, 8],
      [0, Number.NaN],
      [0, -8],
      [0, Number.POSITIVE_INFINITY],
      ['0' as never, 8],
    ] as const)
      expect(messageOf('DX_RECORD', () => reader.read(bytes, offset, length))).toContain('is not within the 20 that were given')
  })

  it('finds older records with fields in what was padding: it held zeros', () => {
    const before = make({ a: 'u32', b: 'u8' } satisfies StructSpec)
    const after = make({ a: 'u32', b: 'u8', c: 'u8', d: { string: 2 } }, { version: 2 })
    const record = recordOf(before, { a: 1, b: 2 })
    expect(record.length).toBe(after.size)
    expect(after.reader().read(record, 0, record.length).copy()).toEqual({ a: 1, b: 2, c: 0, d: '' })
  })
})
