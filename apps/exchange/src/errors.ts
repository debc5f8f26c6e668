import { DisruptorError, OptionError } from 'disruptorx/contracts'

/** A snapshot cannot be read: damaged, of something else, or written by a newer version. Nothing was restored. */
export class ExchangeSnapshotError extends DisruptorError {
  /** `problem` ends the sentence "the snapshot of the ... cannot be read: ". */
  constructor(subject: string, problem: string, details: { readonly value?: number } = {}) {
    super('DX_EXCHANGE_SNAPSHOT', `the snapshot of the ${subject} cannot be read: ${problem}`, { subject, problem, ...details })
  }
}

/** Checks an option that is a whole number. @throws {OptionError} */
export function wholeOption(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new OptionError(option, value, `a whole number from ${least} to ${most}`)
  return value
}
