import { describe, expect, it } from 'vitest'

const families = ['cluster', 'contracts', 'core', 'layout', 'serializer', 'wait-strategies', 'wal'] as const

describe('the umbrella', () => {
  it.each(families)('has everything of %s, and the very same', async family => {
    const own = (await import(`disruptorx/${family}`)) as Record<string, unknown>
    const original = (await import(`@disruptorx/${family}`)) as Record<string, unknown>
    expect(Object.keys(own).length).toBeGreaterThan(0)
    expect(Object.keys(own).sort()).toEqual(Object.keys(original).sort())
    for (const [name, value] of Object.entries(own)) expect(value).toBe(original[name])
  })

  it('has the most used names at its root', async () => {
    expect(Object.keys(await import('disruptorx')).sort()).toEqual([
      'DisruptorError',
      'createNode',
      'defineApp',
      'isDisruptorError',
      'struct',
    ])
  })
})
