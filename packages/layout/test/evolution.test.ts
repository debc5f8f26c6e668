import { describe, expect, it } from 'vitest'
import { compareLayouts, struct } from '../src/index.ts'
import { messageOf } from './support.ts'

const v1 = struct({ id: 'u53', price: 'u32' })
const v2 = struct({ id: 'u53', price: 'u32', at: { struct: { x: 'f32', y: 'f32' } }, note: { tail: 'string', max: 9 } }, { version: 2 })

describe('two layouts', () => {
  it('go together when one has the first fields of the other and a lower version', () => {
    expect(compareLayouts(v1, struct(v1.spec))).toBe('same')
    expect(compareLayouts(v1, struct(v1.spec, { version: 5 }))).toBe('same')
    expect(compareLayouts(v1, v2)).toBe('newer')
    expect(compareLayouts(v2, v1)).toBe('older')
    expect(compareLayouts(v1, { version: 2, description: v2.description })).toBe('newer')
  })

  it('are told by version which one is newer', () => {
    const longer = struct({ ...v1.spec, size: 'u32' } as const)
    const problem = 'the one with more fields has version 1, and must have a higher one than the other, which has 1'
    expect(messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(v1, longer))).toContain(problem)
    expect(messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(longer, struct(v1.spec, { version: 2 })))).toContain('which has 2')
  })

  it('are shown side by side when they do not go together', () => {
    const other = struct({ id: 'u53', price: 'i32', side: 'u8' }, { version: 2 })
    const message = messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(v1, other))
    expect(message).toBe(
      [
        'the layouts cannot read each other: field 2 is price:u32@8 here and price:i32@8 there',
        '  here, version 1   there, version 2',
        '  id:u53@0          id:u53@0',
        '  price:u32@8     | price:i32@8',
        '                  | side:u8@12',
        'add fields at the end, under a higher version, and change nothing else',
      ].join('\n'),
    )
  })

  it.each([
    ['another name', { id: 'u53', cost: 'u32' }],
    ['another type', { id: 'u53', price: 'f32' }],
    ['another order', { price: 'u32', id: 'u53' }],
    ['a field in between', { id: 'u53', side: 'u8', price: 'u32' }],
    ['a longer text', { id: 'u53', price: { string: 4 } }],
  ] as const)('do not go together with %s', (_, spec) => {
    const other = struct(spec, { version: 2 })
    for (const [ours, theirs] of [
      [v1, other],
      [other, v1],
    ] as const)
      expect(messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(ours, theirs))).toMatch(
        /^the layouts cannot read each other: field [12] is/,
      )
  })

  it.each([
    [{ enum: ['a', 'b'] }, { enum: ['a', 'b', 'c'] }],
    [{ string: 4 }, { string: 5 }],
    [
      { array: 'u8', length: 2 },
      { array: 'u8', length: 3 },
    ],
    [{ struct: { a: 'u8' } }, { struct: { a: 'u8', b: 'u8' } }],
    [
      { tail: 'string', max: 4 },
      { tail: 'string', max: 5 },
    ],
  ] as const)('do not go together when a field changes from %j to %j', (before, after) => {
    const [ours, theirs] = [struct({ a: before }), struct({ a: after }, { version: 2 })]
    expect(messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(ours, theirs))).toContain('field 1 is a:')
  })

  it('are compared by their fields, of which nested ones are parts', () => {
    const ours = struct({ at: { struct: { x: 'u8', y: 'u8' } }, list: { array: { struct: { a: 'u8', b: 'u8' } }, length: 2 } })
    const theirs = struct({ at: { struct: { x: 'u8', y: 'u8' } }, list: { array: { struct: { a: 'u8', c: 'u8' } }, length: 2 } })
    expect(messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(ours, theirs))).toContain(
      'field 2 is list:{a:u8@0 b:u8@1}[2]@2 here and list:{a:u8@0 c:u8@1}[2]@2 there',
    )
  })

  it('of which one is no layout at all are refused in a message that is fit for a log', () => {
    for (const text of [
      '',
      'nonsense',
      'struct/2 a:u8@0 size=1',
      `struct/1 ${'x '.repeat(40_000)}size=1`,
      '\u001b[31m\n\u202e'.repeat(1000),
      '}{'.repeat(9000),
    ]) {
      const message = messageOf('DX_LAYOUT_MISMATCH', () => compareLayouts(v1, { version: 9, description: text }))
      expect(message.length).toBeLessThan(25_000)
      expect(message).not.toMatch(/[^\n -~]/)
    }
  })
})
