import { describe, expect, it } from 'vitest'
import { compareLayouts, struct, withLateAccessChecks } from '../src/index.ts'
import { messageOf } from './support.ts'

const order = struct({ id: 'u32', at: { struct: { x: 'f32' } }, legs: { array: { struct: { price: 'u32' } }, length: 2 } })
const checked = withLateAccessChecks(order)
const value = { id: 1, at: { x: 2 }, legs: [{ price: 3 }, { price: 4 }] }

describe('a view that checks for late access', () => {
  it('works as any other while it stays where it is', () => {
    const view = checked.view(new ArrayBuffer(order.size * 2))
    const event = view.moveTo(order.size).set(value)
    expect(event.copy()).toEqual(value)
    expect([event.id, event.at.x, event.legs.get(1).price, event.offset, 'id' in event]).toEqual([1, 2, 4, order.size, true])
    event.id = 7
    event.at.x = 8
    event.legs.set(0, { price: 9 })
    expect(JSON.parse(JSON.stringify(event))).toEqual({ id: 7, at: { x: 8 }, legs: [{ price: 9 }, { price: 4 }] })
    expect(view.id).toBe(7)
  })

  it('throws for an event that was kept when the view has moved on, and names what was asked for', () => {
    const view = checked.view(new ArrayBuffer(order.size * 2))
    const first = view.moveTo(0).set(value)
    const { at, legs, copy } = first
    const leg = legs.get(0)
    const second = view.moveTo(order.size)
    const late = [
      () => first.id,
      () => first.copy(),
      () => copy(),
      () => 'id' in first,
      () => Object.assign(first, { id: 3 }),
      () => at.x,
      () => legs.get(0),
      () => leg.price,
      () => first.moveTo(0),
      () => JSON.stringify(first),
    ]
    for (const access of late) expect(messageOf('DX_LATE_ACCESS', access)).toContain('keep an event with copy()')
    expect(messageOf('DX_LATE_ACCESS', () => first.id)).toBe(
      'id of an event was used too late: the view lies elsewhere by now; keep an event with copy()',
    )
    expect(second.copy()).toEqual({ id: 0, at: { x: 0 }, legs: [{ price: 0 }, { price: 0 }] })
  })

  it('finds late access when it comes back to the same place', () => {
    const view = checked.view(new ArrayBuffer(order.size))
    const first = view.moveTo(0)
    const again = view.moveTo(0)
    expect(() => first.id).toThrow('too late')
    expect(again.id).toBe(0)
  })

  it('leaves its owner the view itself', () => {
    const view = checked.view(new ArrayBuffer(order.size * 2))
    view.moveTo(order.size)
    view.id = 5
    view.moveTo(0)
    expect([view.id, view.moveTo(order.size).id]).toEqual([0, 5])
  })
})

describe('a reader that checks for late access', () => {
  it('ends the time of a record when it reads the next, in whatever bytes', () => {
    const reader = checked.reader()
    const first = reader.read(new Uint8Array(order.size), 0, order.size)
    expect(first.id).toBe(0)
    const second = reader.read(new Uint8Array(order.size).fill(1), 0, order.size)
    expect(() => first.id).toThrow('id of an event was used too late')
    expect(second.id).toBe(0x01010101)
  })
})

describe('a layout whose views check for late access', () => {
  it('is the same layout otherwise', () => {
    expect(compareLayouts(order, checked)).toBe('same')
    expect([checked.hash, checked.size, checked.check(value)]).toEqual([order.hash, order.size, value])
  })
})
