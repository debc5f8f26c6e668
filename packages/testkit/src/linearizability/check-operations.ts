import { OptionError } from '@disruptorx/contracts'
import { type SequentialModel, UNKNOWN } from './model.ts'
import type { Operation } from './operation.ts'

/**
 * Checks what a caller recorded.
 *
 * @throws {OptionError} there are no operations, or one of them asks for what the model does not know, came back before it was asked for, has a moment that
 * is no number, or an output without a moment or the reverse
 */
export function checkOperations<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): void {
  if (!Array.isArray(operations))
    throw new OptionError('operations', operations, 'an array of operations, such as `operations` of a HistoryRecorder')
  for (const [index, operation] of operations.entries()) {
    if (typeof operation !== 'object' || operation === null)
      throw new OptionError(`operations[${index}]`, operation, 'an object with client, input, output, calledAt and returnedAt')
    checkClient(`operations[${index}].client`, operation.client)
    checkMoments(operation, index)
    checkInput(model, operation.input, index)
  }
}

/** @throws {OptionError} */
export function checkClient(option: string, client: unknown): void {
  if (typeof client !== 'number' && typeof client !== 'string') throw new OptionError(option, client, 'a number or a text')
}

function checkMoments({ calledAt, returnedAt, output }: Operation<unknown, unknown>, index: number): void {
  if (!Number.isFinite(calledAt)) throw new OptionError(`operations[${index}].calledAt`, calledAt, 'a finite number')
  if (typeof returnedAt !== 'number' || !(returnedAt >= calledAt))
    throw new OptionError(`operations[${index}].returnedAt`, returnedAt, `a number, at least calledAt, ${calledAt}`)
  if ((output === UNKNOWN) !== (returnedAt === Infinity))
    throw new OptionError(`operations[${index}].returnedAt`, returnedAt, 'Infinity exactly where the output is UNKNOWN')
}

function checkInput<State, Input, Output>(model: SequentialModel<State, Input, Output>, input: Input, index: number): void {
  const fault = model.checkInput?.(input)
  if (fault === undefined) return
  if (typeof fault !== 'object' || typeof fault?.allowed !== 'string')
    throw new OptionError('model.checkInput(...)', fault, 'an InputFault or undefined')
  const field = fault.field === undefined ? '' : `.${fault.field}`
  throw new OptionError(`operations[${index}].input${field}`, fault.value, fault.allowed)
}
