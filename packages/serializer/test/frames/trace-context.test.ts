import { describe, expect, it } from 'vitest'
import { traceContextOf, traceparentOf } from '../../src/index.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('a trace context', () => {
  it('is the 25 bytes of a traceparent, and back', () => {
    const trace = traceContextOf(traceparent) ?? expect.unreachable()
    expect(Buffer.from(trace).toString('hex')).toBe('4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b701')
    expect(traceparentOf(trace)).toBe(traceparent)
  })

  it('is none where the standard says to ignore it', () => {
    const bad = [
      '',
      traceparent.slice(1),
      `${traceparent}-00`,
      traceparent.toUpperCase(),
      `01${traceparent.slice(2)}`,
      `ff${traceparent.slice(2)}`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    ]
    for (const text of bad) expect(traceContextOf(text)).toBeUndefined()
    expect(traceparentOf(new Uint8Array(25))).toBeUndefined()
    expect(traceparentOf(new Uint8Array(24).fill(1))).toBeUndefined()
    expect(traceparentOf(new Uint8Array(26).fill(1))).toBeUndefined()
    expect(traceparentOf(new Uint8Array(25).fill(1, 0, 16))).toBeUndefined()
    expect(traceparentOf(new Uint8Array(25).fill(1, 15, 17))).toMatch(/^00-0{30}01-010{14}-00$/)
  })
})
