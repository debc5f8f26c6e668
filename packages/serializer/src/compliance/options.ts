import type { Codec } from '@disruptorx/contracts'

/** What the suite checks, and what it has to know about it. */
export interface CodecComplianceOptions<T> {
  /** Makes the codec. Each case gets its own. */
  readonly make: () => Codec<T>
  /** Values to write and read: small and large, at both ends of every range. At least one; at most 64 KiB of bytes each. */
  readonly values: readonly T[]
  /** Values that the codec has to refuse. @default none */
  readonly refused?: readonly unknown[]
  /** Whether two values are the same. @default numbers, texts, bytes, dates, arrays and objects by what is in them */
  readonly isEqual?: (a: T, b: T) => boolean
}

/** One thing that a codec has to do. */
export interface CodecComplianceCase {
  /** A sentence on what the codec does. */
  readonly name: string
  /** Throws a {@link CodecComplianceError} where the codec does not, and whatever else the codec throws. */
  run(): void
}
