import { isDisruptorError } from '@disruptorx/contracts'
import { expect } from 'vitest'
import type { StructLayout, StructSpec } from '../src/index.ts'
import { layoutOf, type StructOptions } from '../src/struct.ts'
import { generateViewClass } from '../src/views/generate.ts'
import { interpretViewClass } from '../src/views/interpret.ts'

/** Makes layouts as `struct` does. */
export type MakeLayout = <const S extends StructSpec>(spec: S, options?: StructOptions) => StructLayout<S>

/** `struct` as it is where generated code is allowed, and where it is forbidden. */
export const makers: readonly (readonly [name: string, make: MakeLayout])[] = [
  ['generated', (spec, options = {}) => layoutOf(spec, options, generateViewClass)],
  ['interpreted', (spec, options = {}) => layoutOf(spec, options, interpretViewClass)],
]

/** The message of the error with that code that a call throws. */
export function messageOf(code: string, call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isDisruptorError(error, code)) return error.message
    throw error
  }
  return expect.unreachable(`nothing was thrown, where ${code} was due`)
}
