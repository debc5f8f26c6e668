import { isDisruptorError } from '@disruptorx/contracts'
import type { SeededRandom } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { AdaptiveCompression, builtInCompressors, type Compressor, FrameDecoder, FrameWriter } from '../../src/index.ts'
import { lz4 } from '../../src/lz4.ts'
import { deflate, inflate } from '../../src/platform/platform-default.ts'
import { type Kept, keep, randomPayload } from '../support/batches.ts'
import { checkAtMost, checkEqual } from './check.ts'
import { flip, mutate, repairCrcs } from './mutate.ts'
import { watch } from './watch.ts'

const compressors = [...builtInCompressors(), lz4]
/** Deflate as browsers have it. */
const browserDeflate: Compressor = {
  id: 1,
  name: 'deflate',
  compress: deflate,
  decompress(packed, plainBytes) {
    try {
      return inflate(packed, plainBytes)
    } catch {
      return undefined
    }
  },
}
const limits = { maxFrameBytes: 4096, maxBatchBytes: 8192, maxFrames: 64 }
/** A batch as it is sent: the most that a decoder has any reason to hold. */
const MOST_HELD = limits.maxBatchBytes + 24

/** How a case ended: the code of the error, or `read` when there was none. */
export type Outcome = string

interface Stream {
  readonly bytes: Uint8Array
  readonly frames: readonly Kept[]
}

/** What a writer makes of random frames, and what has to come out. */
function makeStream(random: SeededRandom): Stream {
  const still = { nowMs: () => 0, monotonicNs: () => 0 }
  const compression = random.chance(0.5)
    ? new AdaptiveCompression({ compressors: [random.pick(compressors)], clock: still, minBytes: 64 })
    : undefined
  const writer = new FrameWriter({ ...limits, batchBytes: random.between(64, 2000), compression })
  const frames: Kept[] = []
  for (let i = random.below(12); i >= 0; i--) {
    const length = random.chance(0.03) ? 4096 : random.below(random.chance(0.1) ? 600 : 40)
    const payload = random.chance(0.5) ? new Uint8Array(length).fill(i) : randomPayload(random, length)
    const trace = random.chance(0.2) ? randomPayload(random, 25) : undefined
    const [type, flags] = [random.below(65_536), random.below(256)]
    writer.append(type, flags, payload, trace)
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    frames.push({ type, flags, payload: hex(payload), trace: trace && hex(trace) })
  }
  return { bytes: writer.take().slice(), frames }
}

/** Feeds bytes in random cuts, at most some hundred. */
function pushAll(random: SeededRandom, bytes: Uint8Array, decoder: FrameDecoder): void {
  const most = Math.ceil(bytes.length / random.pick([1, 3, 20, 100]))
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.between(1, most))
    decoder.push(bytes.subarray(at, end))
    if (decoder.heldBytes > MOST_HELD) throw new Error(`${decoder.heldBytes} bytes are held`)
    at = end
  }
  decoder.end()
}

/** How a decoder fares with bytes, and the frames that came. */
function feed(random: SeededRandom, bytes: Uint8Array): { readonly outcome: Outcome; readonly frames: readonly Kept[] } {
  const frames: Kept[] = []
  const decoder = new FrameDecoder(
    frame => {
      if (frame.length > limits.maxFrameBytes || frame.offset + frame.length > frame.source.length) throw new Error('a frame out of bounds')
      frames.push(keep(frame))
    },
    { ...limits, compressors: random.chance(0.9) ? compressors : [...compressors, browserDeflate] },
  )
  const { result, largest } = watch((): Outcome => {
    try {
      pushAll(random, bytes, decoder)
      return 'read'
    } catch (error) {
      if (!isDisruptorError(error) || !error.code.startsWith('DX_FRAME_')) throw error
      return error.code
    }
  })
  checkAtMost(largest, MOST_HELD)
  checkEqual(decoder.heldBytes, 0)
  return { outcome: result, frames }
}

/** One case: a stream that is good, damaged, forged, or noise. */
export function fuzzFrames(random: SeededRandom): Outcome {
  const stream = makeStream(random)
  switch (random.below(5)) {
    case 0: {
      const { outcome, frames } = feed(random, stream.bytes)
      checkEqual([outcome, frames], ['read', stream.frames])
      return outcome
    }
    case 1: {
      // One byte is wrong: it is found, and no frame of its batch is handed over.
      const { outcome, frames } = feed(random, flip(random, stream.bytes))
      if (!outcome.startsWith('DX_FRAME_')) expect.unreachable('a wrong byte was not found')
      checkEqual(frames, stream.frames.slice(0, frames.length))
      return outcome
    }
    case 2:
      return feed(random, mutate(random, stream.bytes)).outcome
    case 3:
      return feed(random, repairCrcs(mutate(random, stream.bytes))).outcome
    default:
      return feed(random, randomPayload(random, random.below(500))).outcome
  }
}
