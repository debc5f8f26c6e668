import { struct } from '@disruptorx/layout'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { jsonCodec, msgpackCodec, structCodec } from '../../src/index.ts'
import { schemaCheck, withSchema } from '../../src/schema.ts'

const schemas = {
  zod: z.object({ id: z.int().min(1), lines: z.array(z.object({ price: z.number() })) }),
  valibot: v.object({ id: v.pipe(v.number(), v.integer(), v.minValue(1)), lines: v.array(v.object({ price: v.number() })) }),
}
const good = { id: 1, lines: [{ price: 2 }] }
const bytes = new Uint8Array(1000)

/** What a codec without a schema makes of a value. */
const raw = (value: unknown) => bytes.subarray(0, msgpackCodec().encode(value, bytes, 0)).slice()

describe.each(Object.entries(schemas))('a codec with a schema of %s', (_, schema) => {
  const codec = withSchema(msgpackCodec(), schema)

  it('writes and reads what the schema allows, in the bytes of the codec', () => {
    const target = new Uint8Array(100)
    const length = codec.encode(good, target, 3)
    expect(codec.decode(target, 3, length)).toEqual(good)
    expect(target.slice(3, 3 + length)).toEqual(raw(good))
    expectTypeOf(codec.decode(target, 3, length)).toEqualTypeOf<{ id: number; lines: { price: number }[] }>()
  })

  it('refuses anything else in both directions, and names where', () => {
    for (const bad of [{ id: 0, lines: [] }, { id: 1 }, { id: 1, lines: [{ price: '2' }] }, null, 5]) {
      const source = raw(bad)
      const target = new Uint8Array(100).fill(7)
      const cause = expect.objectContaining({ code: 'DX_SCHEMA' })
      expect(() => codec.encode(bad as never, target, 0)).toThrow(expect.objectContaining({ code: 'DX_CODEC_VALUE', cause }))
      expect(target.every(byte => byte === 7)).toBe(true)
      expect(() => codec.decode(source, 0, source.length)).toThrow(expect.objectContaining({ code: 'DX_CODEC_DATA', cause }))
    }
    const source = raw({ id: 1, lines: [{ price: 1 }, { price: '2' }] })
    expect(() => codec.decode(source, 0, source.length)).toThrow(/value\.lines\[1\]\.price: /)
  })

  it('leaves out what the schema does not know', () => {
    const target = new Uint8Array(100)
    const length = codec.encode({ ...good, secret: 'x' } as never, target, 0)
    expect(msgpackCodec().decode(target, 0, length)).toEqual(good)
  })
})

describe('a schema', () => {
  it('may turn what was decoded into something else', () => {
    const dated = withSchema(jsonCodec<unknown>(), z.object({ at: z.string().transform(text => new Date(text)) }), { when: 'decode' })
    const source = new TextEncoder().encode('{"at":"2026-01-01T00:00:00Z"}')
    const value = dated.decode(source, 0, source.length)
    expectTypeOf(value).toEqualTypeOf<{ at: Date }>()
    expect(value).toEqual({ at: new Date('2026-01-01T00:00:00Z') })
    // As it is: so JSON itself says what it thinks of a date.
    expect(() => dated.encode(value, bytes, 0)).toThrow('value.at is a date, which JSON does not have')
  })

  it('leaves name, size and schema of the codec as they are', () => {
    const point = structCodec(struct({ x: 'i32', y: 'i32' }))
    const checked = withSchema(point, z.object({ x: z.int().min(0), y: z.int() }))
    expect(checked).toMatchObject({ name: point.name, fixedBytes: 8, schema: point.schema })
    const shared = msgpackCodec({ structures: [['a']] })
    const older = shared.schema ?? expect.unreachable()
    const longer = withSchema(msgpackCodec({ structures: [['a'], ['b']] }), z.any())
    expect([longer.refusal?.(older), longer.refusal?.({ ...older, text: '[["c"]]' })]).toEqual([
      undefined,
      'structures may only be added, at the end',
    ])
    expect(() => checked.encode({ x: -1, y: 0 }, bytes, 0)).toThrow(/value\.x/)
  })

  it('is a check for a codec, or for any other edge', () => {
    const check = schemaCheck(schemas.zod)
    expect(check(good)).toEqual(good)
    expect(() => check({ id: 1.5, lines: 5 })).toThrow(
      expect.objectContaining({ code: 'DX_SCHEMA', details: { issues: 2, path: 'value.id' } }),
    )
    const codec = msgpackCodec({ check })
    expect(() => codec.decode(raw(5), 0, 1)).toThrow(/^msgpack: byte 0: value: /)
  })

  it('shows the first few of many issues, each of bounded length', () => {
    const issues = Array.from({ length: 100 }, (_, i) => ({
      message: 'm'.repeat(10_000),
      path: [{ key: 'k'.repeat(10_000) }, i, Symbol('s')],
    }))
    const schema: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'own', validate: () => ({ issues }) } }
    let thrown: Error | undefined
    try {
      schemaCheck(schema)(1)
    } catch (error) {
      thrown = error as Error
    }
    expect(thrown?.message.length).toBeLessThan(2500)
    expect(thrown?.message).toContain('and 95 more')
  })

  it('has to be one, and to answer at once', async () => {
    for (const bad of [
      undefined,
      null,
      {},
      { '~standard': null },
      { '~standard': { version: 2, validate: () => 1 } },
      { '~standard': { version: 1 } },
    ])
      expect(() => schemaCheck(bad as never)).toThrow(/option schema is .*Standard Schema/)
    const slow = schemaCheck(z.string().refine(async () => true))
    expect(() => slow('x')).toThrow(/of zod that answers with a promise/)
    const failing: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'own', validate: () => Promise.reject(new Error('late')) } }
    expect(() => schemaCheck(failing)(1)).toThrow(/promise/)
    expect(() => withSchema(msgpackCodec(), schemas.zod, { when: 'encode' as never })).toThrow(/option when/)
    await new Promise(resolve => setImmediate(resolve))
  })
})
