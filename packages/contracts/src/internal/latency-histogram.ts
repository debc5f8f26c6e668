/** Values up to this many nanoseconds (about 18 minutes) are told apart; larger ones count as this. */
const LARGEST = 2 ** 40
/** Each power of two is cut into this many equal parts: a value is known within 1/32, or 3 %. */
const PARTS = 32
const PART_BITS = 5
const BUCKETS = (40 - PART_BITS + 1) * PARTS

/**
 * A histogram of durations in shared memory: one thread records, any thread reads.
 *
 * Log-linear buckets, as in Gil Tene's HdrHistogram, with 5 significant bits. Counts wrap at 2^32.
 */
export class LatencyHistogram {
  /** Bytes of shared memory that one histogram takes. */
  static readonly BYTES = BUCKETS * 4
  readonly #counts: Uint32Array

  constructor(memory: SharedArrayBuffer | ArrayBuffer, byteOffset = 0) {
    this.#counts = new Uint32Array(memory, byteOffset, BUCKETS)
  }

  // Hot: benchmark `pipeline`. One increment; readers may see it late, never torn.
  /** Counts a duration in nanoseconds, `times` over. */
  record(ns: number, times = 1): void {
    const bucket = bucketOf(ns)
    this.#counts[bucket] = (this.#counts[bucket] as number) + times
  }

  /** How many durations were recorded. */
  get count(): number {
    let sum = 0
    for (const count of this.#counts) sum += count
    return sum
  }

  /** The duration in nanoseconds that `percentile` (0 to 100) of the recorded ones do not exceed; 0 when there are none. */
  percentile(percentile: number): number {
    const rank = Math.max(1, Math.ceil((this.count * percentile) / 100))
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= rank) return upperBoundOf(bucket)
    }
    return 0
  }

  /** Forgets everything. Only for the thread that records. */
  reset(): void {
    this.#counts.fill(0)
  }
}

function bucketOf(ns: number): number {
  const value = ns < 0 ? 0 : ns > LARGEST - 1 ? LARGEST - 1 : Math.floor(ns)
  if (value < PARTS) return value
  const exponent = value < 2 ** 31 ? 31 - Math.clz32(value) : 31 + (31 - Math.clz32(value / 2 ** 31))
  const part = Math.floor(value / 2 ** (exponent - PART_BITS)) - PARTS
  return (exponent - PART_BITS + 1) * PARTS + part
}

function upperBoundOf(bucket: number): number {
  if (bucket < PARTS) return bucket
  const exponent = Math.floor(bucket / PARTS) + PART_BITS - 1
  const part = bucket % PARTS
  return (PARTS + part + 1) * 2 ** (exponent - PART_BITS) - 1
}
