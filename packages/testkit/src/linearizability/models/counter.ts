import { describeCall } from '../describe.ts'
import { type SequentialModel, UNKNOWN } from '../model.ts'
import { isSame } from '../values.ts'
import { inputsOfShape, number } from './input-shapes.ts'

/** What a client asks of a counter. Either gives the count afterwards. */
export type CounterInput = { readonly kind: 'read' } | { readonly kind: 'add'; readonly amount: number }

/** A number that starts at 0, to which clients add. */
export const counterModel: SequentialModel<number, CounterInput, number> = {
  name: 'counter',
  initial: 0,
  step(state, input, output) {
    const after = input.kind === 'add' ? state + input.amount : state
    return output === UNKNOWN || isSame(output, after) ? after : undefined
  },
  keyOf: String,
  isRead: input => input.kind === 'read',
  checkInput: inputsOfShape<CounterInput>({ read: {}, add: { amount: number } }),
  describe: (input, output) => describeCall(input.kind, input.kind === 'add' ? [input.amount] : [], output),
}
