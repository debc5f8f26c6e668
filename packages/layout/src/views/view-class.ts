import { LayoutError } from '../errors.ts'
import type { Kind } from '../kinds/kind.ts'
import { accepts, refuse } from '../kinds/values.ts'
import type { ArrayView, View } from '../types.ts'

/** The properties of a view that hold its DataView and where it lies. No field's name begins with a dollar sign. */
export const DATA_VIEW = '$view'
export const BYTE_OFFSET = '$at'

/** Makes views: the class that belongs to one struct. */
export interface ViewClass<T> {
  new (data: DataView, byteOffset: number): View<T>
  /** Checks a value without writing it. @throws {FieldError | LayoutError} */
  check(value: unknown): void
}

/** Makes flyweights over arrays: the class that belongs to one field. */
export type ArrayViewClass = new (data: DataView, byteOffset: number) => ArrayView<unknown>

/** What a class is made of that is the same for both ways of making it. */
export interface Part {
  readonly kind: Kind
  readonly path: string
}

/** Makes the function that throws what the value of a numbered part is refused with, or that of the whole. */
export function refuser(whole: Part, parts: readonly Part[]): (index: number, value: unknown) => never {
  return (index, value) => {
    const { kind, path } = parts[index] ?? whole
    return refuse(kind, value, path)
  }
}

/** Makes the function that is given the values of all parts and throws what the first one of them at fault is refused with. */
export function firstRefuser(parts: readonly Part[]): (...values: readonly unknown[]) => void {
  return (...values) => {
    for (const [i, { kind, path }] of parts.entries()) if (!accepts(kind, values[i])) refuse(kind, values[i], path)
  }
}

/** Makes the function that throws what the value of an element is refused with. */
export function elementRefuser(element: Kind, path: string): (index: number, value: unknown) => never {
  return (index, value) => refuse(element, value, `${path}[${index}]`)
}

/** Makes the function that throws what an index outside an array is refused with. */
export function indexRefuser(path: string, length: number): (index: unknown) => never {
  return index => {
    throw new LayoutError(`the index of ${path}`, index, `a whole number from 0 to ${length - 1}`)
  }
}

/** What `JSON.stringify` can show of a value. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Array.from(value, byte => byte.toString(16).padStart(2, '0')).join('')
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]))
}

/** What an inspector shows of a flyweight. Who looks for a fault gets to see it, not another one. */
export function shown(flyweight: { copy(): unknown }): unknown {
  try {
    return flyweight.copy()
  } catch (error) {
    return error
  }
}
