import { OptionError } from '@disruptorx/contracts'

/** What the name of a node or of a cluster may be. Names go into messages and keys, so they hold nothing that needs escaping. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/

/** Whether a text can name a node or a cluster. */
export function isName(value: string): boolean {
  return NAME.test(value)
}

/** Checks the name of a node or of a cluster. @throws {OptionError} */
export function nameOption(option: string, value: unknown): string {
  if (typeof value !== 'string' || !isName(value))
    throw new OptionError(option, value, '1 to 64 letters, digits, dots, dashes and underscores')
  return value
}
