import type { At, Kind } from '../kinds/kind.ts'
import { accepts, copy, take, write } from '../kinds/values.ts'
import type { Part } from './view-class.ts'

/** A part of a struct or array with the number under which generated code calls its functions. */
export interface NumberedPart extends Part {
  readonly number: number
}

const inlineOf = (kind: Kind) => (kind.form === 'leaf' ? kind.inline : undefined)

/** The functions that generated code calls for a part, by name: those of kinds without inline code. */
export function functionsOf({ kind, number, path }: NumberedPart): Record<string, unknown> {
  if (kind.form === 'leaf' || kind.form === 'tail') {
    const { read, copy: copied = read } = kind
    return {
      [`what${number}`]: path,
      [`accepts${number}`]: kind.accepts,
      [`read${number}`]: read,
      [`copy${number}`]: copied,
      [`write${number}`]: kind.write,
    }
  }
  return {
    [`accepts${number}`]: (value: unknown) => accepts(kind, value),
    [`take${number}`]: (value: unknown) => take(kind, value),
    [`copy${number}`]: (data: DataView, at: number) => copy(kind, data, at, path),
    [`write${number}`]: (data: DataView, at: number, value: unknown) => write(kind, data, at, value),
  }
}

/** True when a value may not be stored. */
export function refusesCode({ kind, number }: NumberedPart, value: string): string {
  return inlineOf(kind)?.refuses(value) ?? `!accepts${number}(${value})`
}

/** The value of a leaf or tail as a property gives it. */
export function readCode({ kind, number }: NumberedPart, data: string, at: At): string {
  return inlineOf(kind)?.read?.(data, at) ?? `read${number}(${data}, ${at(0)}, what${number})`
}

/** The value in memory of its own. */
export function copyCode({ kind, number }: NumberedPart, data: string, at: At): string {
  const inline = inlineOf(kind)
  return inline?.copy?.(data, at, `what${number}`) ?? inline?.read?.(data, at) ?? `copy${number}(${data}, ${at(0)}, what${number})`
}

/** Statements that write a value that may be stored. */
export function writeCode({ kind, number }: NumberedPart, data: string, at: At, value: string): string {
  return inlineOf(kind)?.write(data, at, value) ?? `write${number}(${data}, ${at(0)}, ${value})`
}

/** The body of a setter: checks and writes. `refusal` throws. */
export function setterCode(part: NumberedPart, data: string, at: At, value: string, refusal: string): string {
  const inline = inlineOf(part.kind)
  if (inline?.set !== undefined) return inline.set(data, at, value, refusal)
  return `if (${refusesCode(part, value)}) ${refusal}; ${writeCode(part, data, at, value)}`
}

/** Runs generated code with these constants in its scope, and returns what it returns. @throws {EvalError} where code generation is forbidden */
export function evaluate<T>(code: string, constants: Readonly<Record<string, unknown>>): T {
  return new Function(...Object.keys(constants), `'use strict'\n${code}`)(...Object.values(constants))
}
