import { nonEmptyText } from '@disruptorx/contracts/internal'

/**
 * Greets somebody. Stands here until the package has something to say.
 *
 * @throws {OptionError} when the name is empty
 */
export function greeting(name: string): string {
  return `hello, ${nonEmptyText('name', name)}`
}
