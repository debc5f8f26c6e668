import { OptionError } from '@disruptorx/contracts'
import { type SequentialModel, UNKNOWN, type Unknown } from './model.ts'

/** One operation of a history: who asked for what and when, what came back and when. */
export interface Operation<Input, Output> {
  /** Who asked for it. A client may have several operations under way. */
  readonly client: number | string
  readonly input: Input
  /** What came back; {@link UNKNOWN} if nobody saw it: then it may have happened at any time after the call, or never. */
  readonly output: Output | Unknown
  /** When it was asked for, on the one clock of the history; in any unit. */
  readonly calledAt: number
  /** When its output came back: not before it was asked for. `Infinity` together with {@link UNKNOWN}. */
  readonly returnedAt: number
}

/**
 * Checks what a caller recorded.
 *
 * @throws {OptionError} an operation asks for what the model does not know, came back before it was asked for, has a moment that is no number, or an
 * output without a moment or the reverse
 */
export function checkOperations<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): void {
  for (const [index, { input, output, calledAt, returnedAt }] of operations.entries()) {
    const fault = model.checkInput?.(input)
    if (fault !== undefined) throw new OptionError(placeOf(index, fault.field), fault.value, fault.allowed)
    if (!Number.isFinite(calledAt)) throw new OptionError(`operations[${index}].calledAt`, calledAt, 'a finite number')
    if (!(returnedAt >= calledAt)) throw new OptionError(`operations[${index}].returnedAt`, returnedAt, `at least calledAt, ${calledAt}`)
    if ((output === UNKNOWN) !== (returnedAt === Infinity))
      throw new OptionError(`operations[${index}].returnedAt`, returnedAt, 'Infinity exactly where the output is UNKNOWN')
  }
}

function placeOf(index: number, field: string | undefined): string {
  return `operations[${index}].input${field === undefined ? '' : `.${field}`}`
}
