import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

const { exports: entries } = createRequire(import.meta.url)('disruptorx/package.json') as { exports: Record<string, unknown> }
const families = Object.keys(entries).flatMap(entry => (entry === '.' || entry.endsWith('.json') ? [] : [entry.slice(2)]))

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
