import { describeCall, describeCommand } from '../describe.ts'
import { type SequentialModel, UNKNOWN } from '../model.ts'
import { isSame, textOf } from '../values.ts'
import { inputsOfShape, textOrNumber } from './input-shapes.ts'

/** What a client asks of a queue. */
export type QueueInput = { readonly kind: 'push'; readonly item: string | number } | { readonly kind: 'shift' }

/** The oldest item, of a shift; `null` when the queue was empty; nothing, of a push. */
export type QueueOutput = string | number | null | undefined

/** Items that come out in the order in which they went in, each once. */
export const queueModel: SequentialModel<readonly (string | number)[], QueueInput, QueueOutput> = {
  name: 'queue',
  initial: [],
  step(state, input, output) {
    if (input.kind === 'push') return [...state, input.item]
    const [oldest = null] = state
    return output === UNKNOWN || isSame(output, oldest) ? state.slice(1) : undefined
  },
  keyOf: state => `[${state.map(textOf).join()}]`,
  isRead: ({ kind }, output) => kind === 'shift' && output === null,
  checkInput: inputsOfShape<QueueInput>({ push: { item: textOrNumber }, shift: {} }),
  describe: (input, output) => (input.kind === 'push' ? describeCommand('push', [input.item], output) : describeCall('shift', [], output)),
}
