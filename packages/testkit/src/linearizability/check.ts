import { wholeNumber } from '@disruptorx/contracts/internal'
import type { SequentialModel } from './model.ts'
import { checkOperations, type Operation } from './operation.ts'
import { Search } from './search.ts'
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
  /** The states that the object can have been in when the window began, as keys; at most 16. */
  readonly states: readonly string[]
  /** The longest order that explains a beginning of the history. */
  readonly order: readonly Operation<Input, Output>[]
  /** All of this for people. */
  readonly picture: string
}

/** What a check found. */
export type LinearizabilityResult<Input, Output> =
  | { readonly outcome: 'linearizable' }
  | { readonly outcome: 'violated'; readonly violation: LinearizabilityViolation<Input, Output> }
  /** `maxSteps` were not enough for this part. */
  | { readonly outcome: 'undecided'; readonly part: string | undefined }

/** So many states are looked for when a picture is drawn. */
const MOST_STATES = 16

/**
 * Whether what clients saw can be explained by each operation taking effect at one moment between its call and its return (Herlihy and Wing,
 * "Linearizability", 1990).
 *
 * A history of 100,000 operations of 100 clients on 20 keys takes a second or two. To decide is NP-complete: a history with many operations of unknown
 * outcome on one part, or of a queue in which many items wait while several clients push, can exceed any limit, and is then `undecided`.
 *
 * @throws {OptionError} an operation makes no sense
 */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {},
): LinearizabilityResult<Input, Output> {
  const maxSteps = wholeNumber('maxSteps', options.maxSteps ?? 20_000_000, 1, Number.MAX_SAFE_INTEGER)
  checkOperations(operations)
  let undecided: LinearizabilityResult<Input, Output> | undefined
  for (const [part, ofPart] of partsOf(model, operations)) {
    const search = new Search(model, ofPart)
    const result = search.run(maxSteps)
    if (result.outcome === 'undecided') undecided ??= { outcome: 'undecided', part }
    if (result.outcome !== 'none') continue
    const operation = ofPart[~(search.timeline[result.event] as number)] as Operation<Input, Output>
    const window = ofPart.filter(({ calledAt, returnedAt }) => calledAt <= operation.returnedAt && returnedAt >= operation.calledAt)
    const began = search.timeline.indexOf(ofPart.indexOf(operation))
    const states = [...new Search(model, ofPart).statesBefore(began, MOST_STATES, maxSteps).keys()]
    const order = result.order.map(number => ofPart[number] as Operation<Input, Output>)
    const found = { part, operation, window, states, order }
    return { outcome: 'violated', violation: { ...found, picture: drawWindow(model, found) } }
  }
  return undecided ?? { outcome: 'linearizable' }
}

function partsOf<State, Input, Output>(
  { partOf }: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): ReadonlyMap<string | undefined, readonly Operation<Input, Output>[]> {
  if (partOf === undefined) return new Map([[undefined, operations]])
  return Map.groupBy(operations, ({ input }) => partOf(input))
}
