import type { SequentialModel } from './model.ts'
import { orderOf } from './models/orders.ts'
import type { Operation } from './operation.ts'
import { Search } from './search.ts'
import { timelineOf } from './timeline.ts'

/** What is known of one part of an object. */
export type Verdict<Input, Output> =
  | { readonly outcome: 'linearizable' }
  | { readonly outcome: 'undecided' }
  | {
      readonly outcome: 'violated'
      /** The one that fits nowhere. */
      readonly operation: Operation<Input, Output>
      readonly order: readonly Operation<Input, Output>[]
      readonly states: readonly string[]
    }

/** So many states are looked for. */
const MOST_STATES = 16
/** For so many steps, where an order is known without a search. */
const STEPS_FOR_STATES = 100_000

/**
 * Decides by what is known of histories such as this one; `undefined` if nothing is. The operation that fits nowhere is then the one whose return, or whose
 * call, makes the shortest bad beginning: what is under way has the output that it will return.
 */
export function decideByOrder<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): Verdict<Input, Output> | undefined {
  const decide = orderOf(model)
  if (decide === undefined) return undefined
  const timeline = timelineOf(operations)
  const orderUntil = (event: number) => {
    const [beginning, numbers] = beginningOf(operations, timeline, event)
    const order = decide(beginning)
    return typeof order === 'object' ? order.map(index => operations[numbers[index] as number] as Operation<Input, Output>) : order
  }
  const whole = orderUntil(timeline.length)
  if (whole === undefined) return undefined
  if (whole !== 'none') return { outcome: 'linearizable' }
  let order: readonly Operation<Input, Output>[] = []
  let [good, bad] = [0, timeline.length]
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    const found = orderUntil(middle)
    if (typeof found !== 'object') bad = middle
    else [good, order] = [middle, found]
  }
  const event = timeline[good] as number
  const number = event < 0 ? ~event : event
  const began = timeline.indexOf(number)
  const states = statesBefore(model, operations, began, STEPS_FOR_STATES)
  const before = orderUntil(began)
  if (states.size === 0 && typeof before === 'object') states.add(model.keyOf(replay(model, before)))
  return { outcome: 'violated', operation: operations[number] as Operation<Input, Output>, order, states: [...states] }
}

/** What was called before an event of the timeline, and what it is among all; what returns after it, as if it never did. */
function beginningOf<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  timeline: Int32Array,
  event: number,
): [readonly Operation<Input, Output>[], readonly number[]] {
  const isOpen = new Uint8Array(operations.length).fill(1)
  const isCalled = new Uint8Array(operations.length)
  for (const at of timeline.subarray(0, event)) {
    if (at >= 0) isCalled[at] = 1
    else isOpen[~at] = 0
  }
  const numbers = [...operations.keys()].filter(number => isCalled[number] === 1)
  const beginning = numbers.map(number => {
    const operation = operations[number] as Operation<Input, Output>
    return isOpen[number] === 1 ? { ...operation, returnedAt: Infinity } : operation
  })
  return [beginning, numbers]
}

function replay<State, Input, Output>(model: SequentialModel<State, Input, Output>, order: readonly Operation<Input, Output>[]): State {
  let state = model.initial
  for (const { input, output } of order) state = model.step(state, input, output) ?? state
  return state
}

/** Decides by trying. */
export function decideBySearch<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  maxSteps: number,
): Verdict<Input, Output> {
  const search = new Search(model, operations)
  const result = search.run(maxSteps)
  if (result.outcome === 'undecided') return { outcome: 'undecided' }
  if (result.outcome === 'found') return { outcome: 'linearizable' }
  const number = ~(search.timeline[result.event] as number)
  const states = [...statesBefore(model, operations, search.timeline.indexOf(number), maxSteps)]
  const order = result.order.map(index => operations[index] as Operation<Input, Output>)
  return { outcome: 'violated', operation: operations[number] as Operation<Input, Output>, order, states }
}

function statesBefore<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  event: number,
  maxSteps: number,
): Set<string> {
  return new Set(new Search(model, operations).statesBefore(event, MOST_STATES, maxSteps).keys())
}
