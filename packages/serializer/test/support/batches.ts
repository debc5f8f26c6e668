import type { SeededRandom } from '@disruptorx/testkit'
import { type Frame, FrameDecoder, type FrameDecoderOptions, FrameWriter, type FrameWriterOptions } from '../../src/index.ts'

/** A frame that stays. */
export interface Kept {
  readonly type: number
  readonly flags: number
  readonly payload: string
  readonly trace: string | undefined
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export function keep(frame: Frame): Kept {
  const trace = frame.trace()
  return { type: frame.type, flags: frame.flags, payload: hex(frame.copy()), trace: trace && hex(trace) }
}

/** What a decoder makes of bytes in chunks of a size; the whole in one without it. */
export function decodeAll(bytes: Uint8Array, options: FrameDecoderOptions = {}, chunkBytes = bytes.length): Kept[] {
  const frames: Kept[] = []
  const decoder = new FrameDecoder(frame => frames.push(keep(frame)), options)
  for (let at = 0; at < bytes.length; at += chunkBytes) decoder.push(bytes.subarray(at, at + chunkBytes))
  decoder.end()
  return frames
}

/** The batches that a writer makes of payloads, all of type 1. */
export function encodeAll(payloads: readonly Uint8Array[], options: FrameWriterOptions = {}): Uint8Array {
  const writer = new FrameWriter(options)
  for (const payload of payloads) if (!writer.append(1, 0, payload)) throw new Error('the writer is full')
  return writer.take().slice()
}

/** Payloads of orders as they come: ids that rise, prices that repeat. */
export function orders(random: SeededRandom, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(32)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 1_000_000 + i, true)
    view.setUint32(8, random.below(50), true)
    view.setUint32(12, 10_000 + random.below(100), true)
    view.setUint32(16, random.below(1000), true)
    return bytes
  })
}

/** Bytes of any kind, a word at a time. */
export function randomPayload(random: SeededRandom, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  for (let i = 0; i < words.length; i++) words[i] = random.u32()
  return new Uint8Array(words.buffer, 0, length)
}
