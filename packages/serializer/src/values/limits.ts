import { wholeNumber } from '@disruptorx/contracts/internal'
import type { ValueLimits } from './value-check.ts'

/** What a codec of values of any shape allows. */
export interface ValueCodecOptions<T> {
  /** Bound of an encoded value in bytes, in both directions: 1 to 2^30. @default 1 MiB */
  readonly maxBytes?: number
  /** Bound of arrays and objects within each other: 1 to 200. @default 32 */
  readonly maxDepth?: number
  /**
   * Turns what was decoded into a `T`, or throws. Bytes from outside can be any value: without this, `T` is only a promise.
   * `@disruptorx/serializer/schema` makes one from a schema.
   */
  readonly check?: (value: unknown) => T
}

/** Checks limits and fills in the defaults. @throws {OptionError} */
export function resolveValueLimits({ maxBytes, maxDepth }: Pick<ValueCodecOptions<unknown>, 'maxBytes' | 'maxDepth'>): ValueLimits {
  return {
    maxBytes: wholeNumber('maxBytes', maxBytes ?? 2 ** 20, 1, 2 ** 30),
    maxDepth: wholeNumber('maxDepth', maxDepth ?? 32, 1, 200),
  }
}
