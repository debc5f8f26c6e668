import type { Clock } from '@disruptorx/contracts'
import { systemClock, wholeNumber } from '@disruptorx/contracts/internal'
import type { BatchCompression } from './batch-compression.ts'
import { builtInCompressors } from './built-in.ts'
import type { Compressor } from './compressor.ts'

/** How {@link AdaptiveCompression} chooses. */
export interface AdaptiveCompressionOptions {
  /** Ways to choose from: those that the other end knows too. @default builtInCompressors() */
  readonly compressors?: readonly Compressor[]
  /** Smaller batches are sent as they are: 64 to 2^29, in bytes. @default 1,024 */
  readonly minBytes?: number
  /** Larger ones too, because compressing them would hold up the event loop: `minBytes` to 2^29, in bytes. @default 2 MiB */
  readonly maxBytes?: number
  /** What the link carries: a saved byte is worth the time that it would have taken. 1,000 to 10^12. @default 125,000,000: 1 Gbit/s */
  readonly linkBytesPerSecond?: number
  /** @default the machine's clock */
  readonly clock?: Clock
}

/** What came of it so far, in batches and bytes. */
export interface CompressionStats {
  /** Batches that were looked at. */
  readonly batches: number
  /** Of these, batches that went out compressed. */
  readonly compressed: number
  /** Bytes before compression, of those that went out compressed. */
  readonly plainBytes: number
  /** Bytes of the same after it. */
  readonly packedBytes: number
}

/** A compressed batch has to be smaller by one part of this many, or its reader's time is wasted. */
const LEAST_SAVING = 8
/** A way that pays, but less than another one, is measured again after so many batches. */
const SECOND_BEST_TRIAL = 64
/** One that does not pay is tried again after 1, 2, 4, ... batches, up to this. */
const MOST_REST = 1024
/** Weight of the newest measurement: one in so many. */
const SMOOTHING = 4

/** One way, and what is known of it. */
interface Candidate {
  readonly compressor: Compressor
  /** Time that it saves, in nanoseconds for each plain byte; negative when it costs more than it saves. */
  gain: number
  /** The batch with which it is due to be measured. */
  nextTrial: number
  /** Batches until the trial after that. */
  rest: number
}

/**
 * Compresses the batches for which that is worth while on this link, in the way that gains most.
 *
 * The gain is measured batch by batch: the time that the saved bytes would have taken on the link, less the time that it took to save them. A
 * way that gains nothing is left alone and tried again ever more rarely. So one kind of traffic may be compressed and another one not.
 */
export class AdaptiveCompression implements BatchCompression {
  readonly #candidates: readonly Candidate[]
  readonly #minBytes: number
  readonly #maxBytes: number
  readonly #linkNsPerByte: number
  readonly #clock: Clock
  #id = 0
  #batches = 0
  #compressed = 0
  #plainBytes = 0
  #packedBytes = 0

  /** @throws {OptionError} */
  constructor(options: AdaptiveCompressionOptions = {}) {
    const compressors = options.compressors ?? builtInCompressors()
    for (const { id } of compressors) wholeNumber('the id of a compressor', id, 1, 255)
    this.#candidates = compressors.map(compressor => ({ compressor, gain: 0, nextTrial: 0, rest: 1 }))
    this.#minBytes = wholeNumber('minBytes', options.minBytes ?? 1024, 64, 2 ** 29)
    this.#maxBytes = wholeNumber('maxBytes', options.maxBytes ?? Math.max(2 ** 21, this.#minBytes), this.#minBytes, 2 ** 29)
    this.#linkNsPerByte = 1e9 / wholeNumber('linkBytesPerSecond', options.linkBytesPerSecond ?? 125_000_000, 1000, 1e12)
    this.#clock = options.clock ?? systemClock
  }

  /** The number of the way by which the last batch was compressed. */
  get id(): number {
    return this.#id
  }

  /** What came of it so far. */
  get stats(): CompressionStats {
    return { batches: this.#batches, compressed: this.#compressed, plainBytes: this.#plainBytes, packedBytes: this.#packedBytes }
  }

  /** The frames of a batch made smaller; `undefined` where that does not pay. */
  compress(plain: Uint8Array): Uint8Array | undefined {
    this.#batches++
    if (plain.length < this.#minBytes || plain.length > this.#maxBytes) return undefined
    const candidate = this.#choose()
    if (candidate === undefined) return undefined
    const packed = this.#measure(candidate, plain)
    if (packed.length > plain.length - plain.length / LEAST_SAVING) return undefined
    this.#id = candidate.compressor.id
    this.#compressed++
    this.#plainBytes += plain.length
    this.#packedBytes += packed.length
    return packed
  }

  /** The one whose measurement is due; else the one that gains most; else none. */
  #choose(): Candidate | undefined {
    let best: Candidate | undefined
    for (const candidate of this.#candidates) {
      if (candidate.nextTrial <= this.#batches) return candidate
      if (candidate.gain > (best?.gain ?? 0)) best = candidate
    }
    return best
  }

  #measure(candidate: Candidate, plain: Uint8Array): Uint8Array {
    const startedNs = this.#clock.monotonicNs()
    const packed = candidate.compressor.compress(plain)
    const tookNs = this.#clock.monotonicNs() - startedNs
    const gain = (Math.max(0, plain.length - packed.length) * this.#linkNsPerByte - tookNs) / plain.length
    // What was measured long ago counts no more.
    const isTrial = candidate.nextTrial <= this.#batches
    candidate.gain = isTrial ? gain : candidate.gain + (gain - candidate.gain) / SMOOTHING
    candidate.rest = candidate.gain <= 0 && isTrial ? Math.min(MOST_REST, candidate.rest * 2) : 1
    candidate.nextTrial = this.#batches + (candidate.gain > 0 ? SECOND_BEST_TRIAL : candidate.rest)
    return packed
  }
}
