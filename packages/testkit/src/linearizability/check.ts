import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkAnswers, checkModel, textFrom } from './check-model.ts'
import { checkOperations } from './check-operations.ts'
import type { SequentialModel } from './model.ts'
import type { Operation } from './operation.ts'
import { decideByOrder, decideBySearch } from './verdict.ts'
import { drawWindow } from './window.ts'

/** How much {@link checkLinearizable} may try. */
export interface LinearizabilityOptions {
  /** Steps of the model for one part of the object, from 1. A good history takes about one for each operation; a bad one may take any number. @default 20_000_000 */
  readonly maxSteps?: number
}

/** Why a history is not linearizable. */
export interface LinearizabilityViolation<Input, Output> {
  /** The part of the object that it is about; `undefined` where the model has no parts. */
  readonly part: string | undefined
  /** The operation that no order finds a place for. */
  readonly operation: Operation<Input, Output>
  /** That one, and all that overlapped it: the shortest stretch of time in which it had to take effect. */
  readonly window: readonly Operation<Input, Output>[]
  /** The states that the object can have been in when the operation was called, as keys; at most 16. */
  readonly states: readonly string[]
  /** The longest order that explains the history until that operation returns. It goes on where `states` are: others of the window may be in it. */
  readonly order: readonly Operation<Input, Output>[]
  /** All of this for people; long values are shortened in it. */
  readonly picture: string
}

/** What a check found. */
export type LinearizabilityResult<Input, Output> =
  | { readonly outcome: 'linearizable' }
  | { readonly outcome: 'violated'; readonly violation: LinearizabilityViolation<Input, Output> }
  | {
      /** `maxSteps` were not enough. */
      readonly outcome: 'undecided'
      /** For this part of the object; others may be undecided too. */
      readonly part: string | undefined
      /** What to do about it, for people. */
      readonly advice: string
    }

/**
 * Whether what clients saw can be explained by each operation taking effect at one moment between its call and its return (Herlihy and Wing,
 * "Linearizability", 1990).
 *
 * Registers, and keys of maps, of which no value is written twice, without compare-and-set, and queues into which no item is pushed twice are decided
 * without a search, in n log n; of such histories `states` has at least one state, and may miss others. All else is searched, which is NP-complete: a
 * history with many operations of unknown outcome on one part can exceed any limit, and is then `undecided`.
 *
 * @throws {OptionError} an operation makes no sense, or asks for what the model does not know; the model lacks something, or answers with promises;
 * `maxSteps` is no whole number
 */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): LinearizabilityResult<Input, Output> {
  if (typeof options !== 'object' || options === null) throw new OptionError('options', options, 'an object, such as { maxSteps: 1000000 }')
  const maxSteps = wholeNumber('maxSteps', options.maxSteps ?? 20_000_000, 1, Number.MAX_SAFE_INTEGER)
  checkModel(model)
  checkOperations(model, operations)
  checkAnswers(model, operations)
  let undecided: LinearizabilityResult<Input, Output> | undefined
  for (const [part, ofPart] of partsOf(model, operations)) {
    const verdict = decideByOrder(model, ofPart) ?? decideBySearch(model, ofPart, maxSteps)
    if (verdict.outcome === 'undecided') undecided ??= { outcome: 'undecided', part, advice: adviceFor(model.name, part, maxSteps) }
    if (verdict.outcome !== 'violated') continue
    const { operation, states, order } = verdict
    const window = ofPart.filter(({ calledAt, returnedAt }) => calledAt <= operation.returnedAt && returnedAt >= operation.calledAt)
    const found = { part, operation, window, states, order }
    return { outcome: 'violated', violation: { ...found, picture: drawWindow(model, found) } }
  }
  return undecided ?? { outcome: 'linearizable' }
}

function adviceFor(name: string, part: string | undefined, maxSteps: number): string {
  const what = part === undefined ? name : `${name} ${part}`
  return `${what}: ${maxSteps} steps of the model were not enough to decide. Raise maxSteps, or make the history easier: fewer operations of unknown outcome, fewer under way at once, values and items that nobody writes twice, and the same operations spread over more keys`
}

function partsOf<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): ReadonlyMap<string | undefined, readonly Operation<Input, Output>[]> {
  if (model.partOf === undefined) return new Map([[undefined, operations]])
  return Map.groupBy(operations, ({ input }) => textFrom('model.partOf(...)', model.partOf?.(input)))
}
