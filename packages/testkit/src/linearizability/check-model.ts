import { OptionError } from '@disruptorx/contracts'
import type { SequentialModel } from './model.ts'
import type { Operation } from './operation.ts'

/**
 * Checks that a model is one, as far as it shows before anything is decided.
 *
 * @throws {OptionError}
 */
export function checkModel<State, Input, Output>(model: SequentialModel<State, Input, Output>): void {
  if (typeof model !== 'object' || model === null) throw new OptionError('model', model, 'a SequentialModel, such as registerModel')
  if (typeof model.name !== 'string') throw new OptionError('model.name', model.name, 'a text')
  for (const method of ['step', 'keyOf', 'describe'] as const) checkMethod(method, model[method])
  for (const method of ['isRead', 'partOf', 'checkInput'] as const) if (model[method] !== undefined) checkMethod(method, model[method])
  if (model.initial === undefined)
    throw new OptionError('model.initial', undefined, 'a state, which undefined is not: with it `step` says that an output cannot be')
  textFrom('model.keyOf(initial)', model.keyOf(model.initial))
}

/**
 * Tries the first step that any search takes: a promise is true, an object, and not `undefined`, so with one for an answer every history would be right.
 *
 * @throws {OptionError}
 */
export function checkAnswers<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): void {
  const [any] = operations
  if (any === undefined) return
  const { input, output } = operations.reduce((first, next) => (next.returnedAt < first.returnedAt ? next : first), any)
  refusePromise('model.step(...)', model.step(model.initial, input, output), 'a state or undefined')
  refusePromise('model.isRead(...)', model.isRead?.(input, output), 'true or false')
}

/** A part's name, or a state's key: two that are the same must be equal, as objects and promises never are. @throws {OptionError} */
export function textFrom(call: string, answer: unknown): string {
  if (typeof answer !== 'string') throw new OptionError(call, answer, 'a text')
  return answer
}

/** @throws {OptionError} */
function refusePromise(call: string, answer: unknown, allowed: string): void {
  const isObject = typeof answer === 'object' && answer !== null
  if (isObject && 'then' in answer && typeof answer.then === 'function')
    throw new OptionError(call, answer, `${allowed}, and at once: models are not asynchronous`)
}

function checkMethod(method: string, value: unknown): void {
  if (typeof value !== 'function') throw new OptionError(`model.${method}`, value, 'a function')
}
