import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type ArrayView,
  type FieldType,
  type Infer,
  type NestedView,
  type ReadonlyView,
  type StructSpec,
  type StructValue,
  struct,
  type ValueLayout,
  type View,
} from '../src/index.ts'

const point = struct({ x: 'f32', y: 'f32' })
const order = struct({
  id: 'u53',
  key: 'u64',
  open: 'bool',
  side: { enum: ['buy', 'sell'] },
  symbol: { string: 8 },
  digest: { bytes: 16 },
  from: { struct: point.spec },
  levels: { array: 'u32', length: 4 },
  legs: { array: { struct: { price: 'i64' } }, length: 2 },
  note: { tail: 'string', max: 100 },
})
type Order = Infer<typeof order>

describe('the types of a layout', () => {
  it('follow the spec', () => {
    expectTypeOf<Order>().toEqualTypeOf<{
      readonly id: number
      readonly key: bigint
      readonly open: boolean
      readonly side: 'buy' | 'sell'
      readonly symbol: string
      readonly digest: Uint8Array
      readonly from: { readonly x: number; readonly y: number }
      readonly levels: readonly number[]
      readonly legs: readonly { readonly price: bigint }[]
      readonly note: string
    }>()
    expectTypeOf<Infer<typeof point>>().toEqualTypeOf<{ readonly x: number; readonly y: number }>()
    expectTypeOf(struct({ a: { tail: 'bytes', max: 1 } }).view(new ArrayBuffer(12)).a).toEqualTypeOf<Uint8Array>()
  })

  it('of views are writable, with flyweights for structs and arrays', () => {
    expectTypeOf(order.view).returns.toEqualTypeOf<View<Order>>()
    const view = order.view(new ArrayBuffer(order.size))
    expectTypeOf(view.from).toEqualTypeOf<NestedView<{ readonly x: number; readonly y: number }>>()
    expectTypeOf(view.levels).toEqualTypeOf<ArrayView<number>>()
    expectTypeOf(view.legs.get(0).price).toEqualTypeOf<bigint>()
    expectTypeOf(view.copy()).toEqualTypeOf<Order>()
    view.side = 'sell'
    view.from.x = 1
    view.levels.set(0, 1)
    expect([view.side, view.from.x]).toEqual(['sell', 1])
    // @ts-expect-error: no name of the enum
    expect(() => (view.side = 'hold')).toThrow()
    // @ts-expect-error: flyweights are written by their own methods
    expect(() => (view.levels = [1, 2, 3, 4])).toThrow()
    // @ts-expect-error: a copy is readonly by type
    view.copy().open = true
  })

  it('of events for handlers are readonly all the way down', () => {
    const view = order.view(new ArrayBuffer(order.size))
    const event: ReadonlyView<Order> = view
    // @ts-expect-error: readonly
    event.id = 1
    // @ts-expect-error: readonly
    event.from.x = 1
    // @ts-expect-error: readonly
    event.legs.get(0).price = 1n
    // @ts-expect-error: readonly
    expect(event.levels.set).toBeDefined()
    expect(event.copy().from.x).toBe(1)
  })

  it('allow for layouts of whatever type', () => {
    expectTypeOf(order).toExtend<ValueLayout<Order>>()
    expectTypeOf<StructValue<{ readonly a: 'u8' }>>().toEqualTypeOf<{ readonly a: number }>()
    const anyField: FieldType = { array: { struct: { a: 'u8' } }, length: 1 }
    const anySpec: StructSpec = { a: anyField }
    expect(struct(anySpec).size).toBe(1)
    // @ts-expect-error: no such type
    expect(() => struct({ a: 'u128' })).toThrow()
  })
})
