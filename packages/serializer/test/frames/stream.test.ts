import { describe, expect, it } from 'vitest'
import { type Frame, FrameDecoder, FrameWriter } from '../../src/index.ts'

interface Seen {
  readonly type: number
  readonly flags: number
  readonly payload: number[]
  readonly trace: number[] | undefined
  readonly endOfBatch: boolean
}

const kept = (frame: Frame): Seen => ({
  type: frame.type,
  flags: frame.flags,
  payload: [...frame.copy()],
  trace: frame.trace() && [...(frame.trace() ?? [])],
  endOfBatch: frame.endOfBatch,
})

describe('frames', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    const writer = new FrameWriter({ batchBytes: 64 })
    const trace = Uint8Array.from({ length: 25 }, (_, i) => i + 1)
    for (let i = 0; i < 10; i++)
      expect(writer.append(i * 7000, i, new Uint8Array(i * 3).fill(i), i % 3 === 0 ? trace : undefined)).toBe(true)
    const bytes = writer.take().slice()
    const expected = Array.from({ length: 10 }, (_, i) => ({
      type: i * 7000,
      flags: i,
      payload: new Array(i * 3).fill(i),
      trace: i % 3 === 0 ? [...trace] : undefined,
    }))
    for (let size = 1; size <= bytes.length; size++) {
      const seen: Seen[] = []
      const decoder = new FrameDecoder(frame => seen.push(kept(frame)))
      for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size))
      expect(seen).toMatchObject(expected)
      expect(decoder.pendingBytes).toBe(0)
      decoder.end()
    }
  })
})
