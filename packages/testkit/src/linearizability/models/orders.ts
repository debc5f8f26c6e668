import type { SequentialModel } from '../model.ts'
import type { Operation } from '../operation.ts'
import { keyValueModel } from './key-value.ts'
import { queueModel } from './queue.ts'
import { registerModel } from './register.ts'
import { orderOfUniqueItems } from './unique-items.ts'
import { orderOfUniqueWrites } from './unique-writes.ts'

/**
 * Decides histories of which more is known than a model says, say that no two writes are alike, without a search: an order of operations, as indices, that
 * explains them; `'none'` if there is none; `undefined` if they are to be searched. Operations that return at `Infinity` may be left out, also where their
 * output is known. Who can tell for a history, can for each of its beginnings.
 */
type OrderOf<Input, Output> = (operations: readonly Operation<Input, Output>[]) => readonly number[] | 'none' | undefined

/** By the very models: one that somebody made from them may take other steps. */
const orders = new Map<unknown, OrderOf<never, never>>([
  [registerModel, orderOfUniqueWrites],
  [keyValueModel, orderOfUniqueWrites],
  [queueModel, orderOfUniqueItems],
])

/** What is known of the histories of a model; `undefined` if nothing is. */
export function orderOf<State, Input, Output>(model: SequentialModel<State, Input, Output>): OrderOf<Input, Output> | undefined {
  return orders.get(model) as OrderOf<Input, Output> | undefined
}
