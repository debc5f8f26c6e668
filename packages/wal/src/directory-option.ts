import { nonEmptyText } from '@disruptorx/contracts/internal'

/** A directory's name as the journal uses and compares it: without slashes at its end. @throws {OptionError} */
export function directoryOption(dir: unknown): string {
  const given = nonEmptyText('dir', dir)
  let length = given.length
  while (length > 1 && given.endsWith('/', length)) length--
  return given.slice(0, length)
}
