import type { Clock, Parker } from '@disruptorx/contracts'
import { expect } from 'vitest'

/** A source that reaches `readyAt` at that look, and a parker that writes down what is done with it. */
export function fake(readyAt: number, alertAt = Number.POSITIVE_INFINITY) {
  const calls: string[] = []
  let looks = 0
  let up = false
  const parker: Parker = {
    raise() {
      up = true
      calls.push('raise')
    },
    lower() {
      up = false
      calls.push('lower')
    },
    park(timeoutMs) {
      expect(up).toBe(true)
      up = false
      calls.push(`park ${timeoutMs}`)
    },
    async parkAsync(timeoutMs) {
      expect(up).toBe(true)
      up = false
      calls.push(`park ${timeoutMs}`)
    },
  }
  return {
    calls,
    parker,
    available: () => (++looks >= readyAt ? 5 : 2),
    alerted: () => looks >= alertAt,
    get looks() {
      return looks
    },
    get up() {
      return up
    },
  }
}

/** Goes on by 1 ms at each reading. */
export function tickingClock(): Clock & { readonly readings: number } {
  let readings = 0
  return {
    nowMs: () => 0,
    monotonicNs: () => ++readings * 1e6,
    get readings() {
      return readings
    },
  }
}
