import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/*
 * Assertions of vitest cost as much as a case: here they are made only where one fails, for what they say.
 */

/** As `expect(value).toBeLessThanOrEqual(most)`. */
export function checkAtMost(value: number, most: number): void {
  if (!(value <= most)) expect(value).toBeLessThanOrEqual(most)
}

/** As `expect(value).toEqual(expected)`. */
export function checkEqual(value: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(value, expected)) expect(value).toEqual(expected)
}
