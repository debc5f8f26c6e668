import { LayoutError } from '../errors.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,63}$/
const ENUM_NAME = /^[A-Za-z0-9_$][A-Za-z0-9_$.-]{0,63}$/

/** What every view has beside its fields. */
const VIEW_NAMES = new Set(['copy', 'set', 'moveTo', 'offset', 'byteLength', 'toJSON'])

/** Checks the name of a field: it becomes a property, and part of generated code. @throws {LayoutError} */
export function checkName(name: string): void {
  // `in` finds what every object inherits: constructor, __proto__, toString, ...
  if (VIEW_NAMES.has(name) || name in Object.prototype)
    throw new LayoutError('a field name', name, 'another word: this one means something on every view')
  if (!NAME.test(name)) throw new LayoutError('a field name', name, 'a letter or _, followed by at most 63 letters, digits, _ or $ (ASCII)')
}

/** Checks the names of an enum. @throws {LayoutError} */
export function checkEnumNames(field: string, names: readonly unknown[]): string[] {
  const known = new Set<string>()
  for (const name of names) {
    if (typeof name !== 'string' || !ENUM_NAME.test(name))
      throw new LayoutError(
        `a name of the enum ${field}`,
        name,
        '1 to 64 letters, digits, _, $, . or - (ASCII), the first one neither . nor -',
      )
    if (known.has(name)) throw new LayoutError(`a name of the enum ${field}`, name, 'different from the others')
    known.add(name)
  }
  return [...known]
}
