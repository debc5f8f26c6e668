import { OptionError } from '../errors.ts'

/** Checks a whole number within a range. @throws {OptionError} */
export function wholeNumber(option: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
    throw new OptionError(option, value, `a whole number from ${least} to ${most}`)
  return value
}

/** Checks a power of two within a range. @throws {OptionError} */
export function powerOfTwo(option: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || value < least || value > most || !Number.isInteger(Math.log2(value)))
    throw new OptionError(option, value, `a power of two from ${least} to ${most}`)
  return value
}

/** Checks one of a few words. @throws {OptionError} */
export function oneOf<const T extends string>(option: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw new OptionError(option, value, `one of ${allowed.join(', ')}`)
  return value as T
}

/** Checks a text of at least one character. @throws {OptionError} */
export function nonEmptyText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value.length === 0) throw new OptionError(option, value, 'a text that is not empty')
  return value
}
