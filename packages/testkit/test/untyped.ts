import { isDisruptorError } from '@disruptorx/contracts'
import { checkLinearizable, type Operation } from '@disruptorx/testkit/linearizability'
import { at } from './histories.ts'

/** A check as it is called by a program without types, or of a history that comes from a file. */
export function checkUntyped(model: unknown, operations: unknown, ...more: unknown[]): unknown {
  return Reflect.apply(checkLinearizable, undefined, [model, operations, ...more])
}

/** Operations one after the other. */
export function inTurn(...operations: [input: unknown, output?: unknown][]): Operation<unknown, unknown>[] {
  return operations.map(([input, output], index) => at(2 * index, 2 * index + 1, input, output))
}

/** The message of the error, of one code, with which something is refused. */
export function refusalOf(act: () => unknown, code = 'DX_OPTION'): string {
  try {
    return `nothing was refused: ${String(act())}`
  } catch (error) {
    if (isDisruptorError(error, code)) return error.message
    throw error
  }
}
