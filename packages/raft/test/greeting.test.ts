import { greeting } from '@disruptorx/raft'
import { describe, expect, it } from 'vitest'

describe('a greeting', () => {
  it('names whom it is for', () => {
    expect(greeting('ring')).toBe('hello, ring')
  })

  it('is refused for nobody', () => {
    expect(() => greeting('')).toThrow('a text that is not empty')
  })
})
