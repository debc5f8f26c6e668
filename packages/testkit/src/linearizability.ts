/**
 * A checker for linearizability: whether what concurrent clients saw can be explained by each operation taking effect at one moment.
 *
 * @example
 * import { checkLinearizable, HistoryRecorder, type RegisterInput, type RegisterOutput, registerModel } from '@disruptorx/testkit/linearizability'
 *
 * const history = new HistoryRecorder<RegisterInput, RegisterOutput>()
 * const write = history.call('a', { kind: 'write', value: 1 })
 * const read = history.call('b', { kind: 'read' })
 * read.returned(2)
 * write.returned(undefined)
 * const result = checkLinearizable(registerModel, history.operations)
 * if (result.outcome === 'violated') console.log(result.violation.picture)
 * @packageDocumentation
 */
export {
  checkLinearizable,
  type LinearizabilityOptions,
  type LinearizabilityResult,
  type LinearizabilityViolation,
} from './linearizability/check.ts'
export { type InputFault, type SequentialModel, UNKNOWN, type Unknown } from './linearizability/model.ts'
export { type CounterInput, counterModel } from './linearizability/models/counter.ts'
export { type KeyValueInput, keyValueModel } from './linearizability/models/key-value.ts'
export { type LockInput, type LockOutput, type LockState, lockModel } from './linearizability/models/lock.ts'
export { type QueueInput, type QueueOutput, queueModel } from './linearizability/models/queue.ts'
export { type RegisterInput, type RegisterOutput, type RegisterValue, registerModel } from './linearizability/models/register.ts'
export type { Operation } from './linearizability/operation.ts'
export { HistoryError, HistoryRecorder, type PendingOperation } from './linearizability/recorder.ts'
