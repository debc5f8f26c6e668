import {
  checkLinearizable,
  type LockInput,
  type Operation,
  type QueueInput,
  type QueueOutput,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  type SequentialModel,
} from '@disruptorx/testkit/linearizability'

export const read: RegisterInput = { kind: 'read' }
export const write = (value: RegisterValue): RegisterInput => ({ kind: 'write', value })
export const compareAndSet = (expected: RegisterValue, value: RegisterValue): RegisterInput => ({ kind: 'compareAndSet', expected, value })
export const push = (item: string | number): QueueInput => ({ kind: 'push', item })
export const shift: QueueInput = { kind: 'shift' }
export const acquire = (owner: string): LockInput => ({ kind: 'acquire', owner })
export const release = (owner: string): LockInput => ({ kind: 'release', owner })

/** What a register, or a key of a map, answers. */
export function answerOfRegister(state: RegisterValue, input: RegisterInput): RegisterOutput {
  return input.kind === 'read' ? state : input.kind === 'write' ? undefined : state === input.expected
}

/** What a queue answers. */
export function answerOfQueue(state: readonly (string | number)[], input: QueueInput): QueueOutput {
  return input.kind === 'push' ? undefined : (state[0] ?? null)
}

export function outcomeOf<S, I, O>(model: SequentialModel<S, I, O>, operations: readonly Operation<I, O>[]): string {
  return checkLinearizable(model, operations).outcome
}
