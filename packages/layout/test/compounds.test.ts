import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hexOf } from './hex.ts'
import { makers, messageOf } from './support.ts'

const leg = { price: 'u32', side: { enum: ['buy', 'sell'] } } as const
const spec = {
  id: 'u53',
  kind: { enum: ['limit', 'market', 'stop-loss'] },
  symbol: { string: 8 },
  key: { bytes: 4 },
  from: { struct: { x: 'i16', name: { string: 3 } } },
  levels: { array: 'f64', length: 3 },
  legs: { array: { struct: leg }, length: 2 },
  many: { array: 'u16', length: 20 },
} as const
const many = Array.from({ length: 20 }, (_, i) => i * 3000)
const value = {
  id: 2 ** 40,
  kind: 'market',
  symbol: 'BRK.A',
  key: Uint8Array.of(1, 2, 3, 4),
  from: { x: -2, name: 'é' },
  levels: [1.5, -0, Number.NaN],
  legs: [
    { price: 7, side: 'sell' },
    { price: 8, side: 'buy' },
  ],
  many,
} as const

describe.each(makers)('%s flyweights of structs within structs', (_, make) => {
  const layout = make(spec)
  const viewOf = () => layout.view(new SharedArrayBuffer(layout.size * 2), layout.size)

  it('give back what was written, as a whole and property by property', () => {
    const view = viewOf().set(value)
    expect(view.copy()).toEqual(value)
    expect(layout.check(value)).toBe(value)
    expect([view.kind, view.symbol, view.from.x, view.from.name, view.levels.get(0), view.many.get(19)]).toEqual([
      'market',
      'BRK.A',
      -2,
      'é',
      1.5,
      57_000,
    ])
    expect(view.legs.get(1).price).toBe(8)
    expect([...view.key]).toEqual([1, 2, 3, 4])
  })

  it('are written in place', () => {
    const view = viewOf().set(value)
    view.kind = 'stop-loss'
    view.symbol = ''
    view.key = Uint8Array.of(9, 9, 9, 9)
    view.from.x = 5
    view.from.set({ x: 6, name: 'abc' })
    view.levels.set(1, 2.5)
    view.legs.get(0).side = 'buy'
    view.legs.set(1, { price: 1, side: 'sell' })
    view.many.setAll(new Array(20).fill(4))
    expect(view.copy()).toEqual({
      ...{ id: value.id, kind: 'stop-loss', symbol: '', key: Uint8Array.of(9, 9, 9, 9), from: { x: 6, name: 'abc' } },
      levels: [1.5, 2.5, Number.NaN],
      legs: [
        { price: 7, side: 'buy' },
        { price: 1, side: 'sell' },
      ],
      many: new Array(20).fill(4),
    })
  })

  it('follow the view when it moves', () => {
    const memory = new Uint8Array(layout.size * 2)
    const view = layout.view(memory).set(value)
    view.moveTo(layout.size).set({ ...value, from: { x: 1, name: '' } })
    expect(view.from.x).toBe(1)
    view.moveTo(0)
    expect([view.from.x, view.from.offset, view.legs.get(1).offset]).toEqual([
      -2,
      layout.fields[4]?.offset,
      (layout.fields[6]?.offset ?? 0) + 8,
    ])
  })

  it('iterate, and show themselves', () => {
    const view = viewOf().set(value)
    expect([...view.many]).toEqual(many)
    expect(Array.from(view.legs, leg => leg.price)).toEqual([7, 8])
    expect([view.legs.length, view.levels.copy(), view.legs.copy()]).toEqual([2, value.levels, value.legs])
    const shown = { ...value, key: '01020304', levels: [1.5, 0, null] }
    expect(JSON.parse(JSON.stringify(view))).toEqual(shown)
    expect(JSON.parse(JSON.stringify({ legs: view.legs, from: view.from }))).toEqual({ legs: value.legs, from: value.from })
  })

  it('copy into memory of its own, and give windows on what they lie over', () => {
    const view = viewOf().set(value)
    const [kept, window] = [view.copy(), view.key]
    view.set({ ...value, key: Uint8Array.of(5, 6, 7, 8) })
    expect([hexOf(kept.key), hexOf(window)]).toEqual(['01020304', '05060708'])
    expect(kept.key.buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('name the innermost part that is refused, and leave every byte as it was', () => {
    const bytes = new Uint8Array(layout.size).fill(7)
    const view = layout.view(bytes)
    const refusals: [part: object, message: string][] = [
      [{ kind: 'Market' }, "field kind is 'Market'; it must be one of limit, market, stop-loss"],
      [{ kind: 1 }, 'field kind is 1'],
      [{ symbol: 'BERKSHIRE' }, "field symbol is 'BERKSHIRE'; it must be a text of at most 8 bytes as UTF-8"],
      [{ symbol: 'ééééé' }, 'field symbol is'],
      [{ symbol: 'a\0b' }, 'field symbol is'],
      [{ symbol: '\ud800' }, 'field symbol is'],
      [{ symbol: 5 }, 'field symbol is 5'],
      [{ key: Uint8Array.of(1, 2, 3) }, 'field key is 3 bytes; it must be a Uint8Array of exactly 4 bytes'],
      [{ key: [1, 2, 3, 4] }, 'field key is a list of 4'],
      [{ from: null }, 'field from is null; it must be an object with the fields of the struct'],
      [{ from: { x: 40_000, name: '' } }, 'field from.x is 40000'],
      [{ from: { x: 1 } }, 'field from.name is undefined'],
      [{ levels: [1, 2] }, 'field levels is a list of 2; it must be a list of exactly 3 elements'],
      [{ levels: [1, 2, 3n] }, 'field levels[2] is 3n'],
      [{ levels: { 0: 1, 1: 2, 2: 3, length: 3 } }, 'field levels is an object'],
      [{ levels: new Float64Array(3) }, 'field levels is an object'],
      [{ legs: [value.legs[0], { price: -1, side: 'buy' }] }, 'field legs[1].price is -1'],
      [{ legs: [value.legs[0], 5] }, 'field legs[1] is 5'],
      [{ many: many.with(17, 65_536) }, 'field many[17] is 65536'],
      [{ many: undefined }, 'field many is undefined'],
    ]
    for (const [part, message] of refusals) {
      expect(messageOf('DX_FIELD', () => view.set({ ...value, ...part } as never))).toContain(message)
      expect(messageOf('DX_FIELD', () => layout.check({ ...value, ...part }))).toContain(message)
    }
    const attempts: [() => unknown, string][] = [
      [() => view.from.set({ x: 1, name: 'long' }), 'field from.name'],
      [() => view.from.set(null as never), 'field from is null'],
      [() => view.legs.set(1, { price: 0, side: 'hold' as never }), "field legs[].side is 'hold'"],
      [() => view.levels.set(2, '1' as never), "field levels[2] is '1'"],
      [() => view.many.setAll(many.with(3, 0.5)), 'field many[3] is 0.5'],
      [() => view.levels.setAll([1, 2]), 'field levels is a list of 2'],
      [() => Object.assign(view.legs.get(0), { price: -1 }), 'price is -1'],
    ]
    for (const [attempt, message] of attempts) expect(messageOf('DX_FIELD', attempt)).toContain(message)
    expect(bytes.every(byte => byte === 7)).toBe(true)
  })

  it('refuse indices outside an array', () => {
    const view = viewOf()
    for (const index of [-1, 3, 0.5, Number.NaN, '0' as never]) {
      expect(messageOf('DX_LAYOUT', () => view.levels.get(index))).toContain('the index of levels')
      expect(messageOf('DX_LAYOUT', () => view.levels.set(index, 1))).toContain('from 0 to 2')
    }
  })

  it('cannot be replaced: what they lie over is written by their own methods', () => {
    const view = viewOf()
    for (const name of ['from', 'levels', 'legs']) expect(() => Object.assign(view, { [name]: [] })).toThrow(TypeError)
  })

  it('read each part of a list once, and write what was checked', () => {
    const view = viewOf()
    const odd = (list: readonly unknown[]) => {
      let reads = 0
      return Object.defineProperty([...list], 1, { get: () => (reads++ === 0 ? list[1] : 'no number') })
    }
    view.set({ ...value, levels: odd([1, 2, 3]) as never, many: odd(many) as never })
    expect([view.levels.copy(), view.many.copy()]).toEqual([[1, 2, 3], many])
  })

  it('read each property of the structs in it once, however many there are', () => {
    const pair = make({ one: { struct: leg }, few: { array: { struct: leg }, length: 2 }, more: { array: { struct: leg }, length: 20 } })
    const odd = () => {
      let reads = 0
      return Object.defineProperty({ price: 0, side: 'buy' as const }, 'price', { get: () => (reads++ === 0 ? 7 : -1) })
    }
    const list = (length: number) => Array.from({ length }, odd)
    const view = pair.view(new ArrayBuffer(pair.size)).set({ one: odd(), few: list(2), more: list(20) })
    const plain = { price: 7, side: 'buy' }
    expect(view.copy()).toEqual({ one: plain, few: [plain, plain], more: new Array(20).fill(plain) })
  })

  it('write the same bytes whatever lay there', () => {
    const [clean, dirty] = [new Uint8Array(layout.size), new Uint8Array(layout.size).fill(0xff)]
    layout.view(clean).set(value)
    layout.view(dirty).set(value)
    expect(hexOf(dirty)).toBe(hexOf(clean))
  })

  it('refuse bytes from elsewhere that are no value', () => {
    const bytes = new Uint8Array(layout.size)
    const view = layout.view(bytes)
    const offsetOf = (name: string) => layout.fields.find(field => field.name === name)?.offset ?? 0
    bytes[offsetOf('kind')] = 3
    expect(messageOf('DX_RECORD', () => view.kind)).toContain('field kind holds 3; its names have the numbers 0 to 2')
    expect(messageOf('DX_RECORD', () => view.copy())).toContain('field kind')
    bytes.fill(0)
    bytes[offsetOf('symbol') + 7] = 0xc3
    expect(view.symbol).toBe('')
    bytes.fill(0x61, offsetOf('symbol'), offsetOf('symbol') + 7)
    expect(messageOf('DX_RECORD', () => view.symbol)).toContain('field symbol holds bytes that are no UTF-8')
    bytes.fill(0)
    bytes[offsetOf('legs') + 4] = 9
    expect(messageOf('DX_RECORD', () => view.legs.get(0).side)).toContain('field legs[].side')
    expect(messageOf('DX_RECORD', () => view.copy())).toContain('field legs[].side')
  })

  it('show what is wrong with their bytes, where they are inspected', () => {
    const bytes = new Uint8Array(layout.size).fill(9)
    expect(inspect(layout.view(bytes))).toContain('field id holds a number beyond 53 bits')
  })

  it('hold in zeroed memory 0, false, the first name and empty texts', () => {
    expect(viewOf().copy()).toEqual({
      ...{ id: 0, kind: 'limit', symbol: '', key: new Uint8Array(4), from: { x: 0, name: '' }, levels: [0, 0, 0] },
      legs: new Array(2).fill({ price: 0, side: 'buy' }),
      many: new Array(20).fill(0),
    })
  })
})

describe.each(makers)('%s texts', (_, make) => {
  it('of every length come back, in any script, up to the last byte of their room', () => {
    const layout = make({ before: 'u8', text: { string: 65 }, after: 'u8' })
    const view = layout.view(new SharedArrayBuffer(layout.size))
    for (const piece of ['a', 'é', '漢', '😀', '\u007f', '\ufeff', '\u0080', '\u07ff\u0800']) {
      for (let count = 0; count < 70; count++) {
        const text = piece.repeat(count)
        const fits = new TextEncoder().encode(text).length <= 65
        view.set({ before: 255, text: '', after: 255 })
        if (fits) {
          view.text = text
          expect(view.copy()).toEqual({ before: 255, text, after: 255 })
        } else expect(messageOf('DX_FIELD', () => Object.assign(view, { text }))).toContain('field text is')
      }
    }
  })

  it('are refused when any of their bytes from elsewhere is no UTF-8', () => {
    const layout = make({ text: { string: 30 } })
    for (const length of [1, 3, 4, 7, 8, 16, 17, 30]) {
      for (let at = 0; at < length; at++) {
        const bytes = new Uint8Array(30).fill(0x61, 0, length)
        bytes[at] = 0xff
        expect(messageOf('DX_RECORD', () => layout.view(bytes).text)).toContain('no UTF-8')
      }
    }
  })

  it('leave nothing of the text before them', () => {
    const layout = make({ text: { string: 40 } })
    const bytes = new Uint8Array(40)
    const view = layout.view(bytes)
    view.text = 'x'.repeat(40)
    for (const text of ['a', 'é'.repeat(19), 'b'.repeat(30), '']) {
      view.text = text
      expect(view.text).toBe(text)
      const end = new TextEncoder().encode(text).length
      expect(bytes.subarray(end).every(byte => byte === 0)).toBe(true)
    }
  })
})

describe.each(makers)('%s bytes', (_, make) => {
  it('of every number are written and read whole', () => {
    for (const bytes of [1, 31, 32, 33, 40, 1000]) {
      const layout = make({ before: 'u8', data: { bytes }, after: 'u8' })
      const value = { before: 1, data: Uint8Array.from({ length: bytes }, (_, i) => 255 - i), after: 2 }
      const view = layout.view(new SharedArrayBuffer(layout.size)).set(value)
      expect(view.copy()).toEqual(value)
      view.data = new Uint8Array(bytes).fill(3)
      expect(view.copy()).toEqual({ ...value, data: new Uint8Array(bytes).fill(3) })
    }
  })
})

describe.each(makers)('%s enums', (_, make) => {
  it('take up to 256 names', () => {
    const names = Array.from({ length: 256 }, (_, i) => `name${i}`)
    const layout = make({ one: { enum: names } })
    const view = layout.view(new ArrayBuffer(1))
    for (const name of names) {
      view.one = name
      expect([view.one, view.copy().one, view.set({ one: name }).one]).toEqual([name, name, name])
    }
    expect(messageOf('DX_FIELD', () => Object.assign(view, { one: 'name256' }))).toContain('name15 and 240 more')
  })

  it('take names of objects as names, not as properties', () => {
    const layout = make({ one: { enum: ['a', 'constructor'] } })
    const view = layout.view(new ArrayBuffer(1))
    view.one = 'constructor'
    expect(view.copy()).toEqual({ one: 'constructor' })
    for (const name of ['__proto__', 'toString', 0])
      expect(messageOf('DX_FIELD', () => Object.assign(view, { one: name }))).toContain('field one')
  })
})

describe.each(makers)('%s views of the largest layouts', (_, make) => {
  it('work as small ones do', () => {
    const wide = make(Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`f${i}`, 'u53' as const])))
    const values = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`f${i}`, 2 ** 40 + i]))
    expect(wide.view(new ArrayBuffer(wide.size)).set(values).copy()).toEqual(values)
    const inner = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, { array: { string: 1 }, length: 16 } as const]))
    const many = make(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, { struct: inner } as const])))
    const lists = Object.fromEntries(Object.keys(inner).map(name => [name, new Array(16).fill('x')]))
    const value = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, lists]))
    expect(many.view(new ArrayBuffer(many.size)).set(value).copy()).toEqual(value)
  })

  it('are made of arrays of arrays without more code than their fields need', () => {
    const cube = make({ a: { array: { array: { array: { array: 'u8', length: 8 }, length: 8 }, length: 8 }, length: 8 } })
    const list = (depth: number): unknown[] => Array.from({ length: 8 }, (_, i) => (depth === 0 ? i : list(depth - 1)))
    const view = cube.view(new ArrayBuffer(cube.size)).set({ a: list(3) as never })
    expect(view.copy().a).toEqual(list(3))
    expect(view.a.get(1).get(2).get(3).get(4)).toBe(4)
    view.a.get(1).get(2).set(3, new Array(8).fill(9))
    expect([view.a.get(1).get(2).get(3).copy(), view.a.get(1).get(2).get(4).get(0)]).toEqual([new Array(8).fill(9), 0])
  })
})
