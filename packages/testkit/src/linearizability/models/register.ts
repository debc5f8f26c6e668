import { describeCall, describeCommand } from '../describe.ts'
import { type SequentialModel, UNKNOWN, type Unknown } from '../model.ts'
import { isSame, textOf } from '../values.ts'
import { inputsOfShape, textNumberOrNull as value } from './input-shapes.ts'

/** What a register holds: `null` before the first write. */
export type RegisterValue = string | number | null

/** What a client asks of a register. */
export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: RegisterValue }
  /** Writes `value` if the register holds `expected`. Its output is whether it did. */
  | { readonly kind: 'compareAndSet'; readonly expected: RegisterValue; readonly value: RegisterValue }

/** The value, of a read; whether it wrote, of a compareAndSet; nothing, of a write. */
export type RegisterOutput = RegisterValue | boolean | undefined

/** A value that clients read, write, and compare and set. */
export const registerModel: SequentialModel<RegisterValue, RegisterInput, RegisterOutput> = {
  name: 'register',
  initial: null,
  step: stepRegister,
  keyOf: textOf,
  isRead: isReadOfRegister,
  checkInput: inputsOfShape<RegisterInput>({ read: {}, write: { value }, compareAndSet: { expected: value, value } }),
  describe: describeRegister,
}

/** As {@link SequentialModel.step}. */
export function stepRegister(state: RegisterValue, input: RegisterInput, output: RegisterOutput | Unknown): RegisterValue | undefined {
  if (input.kind === 'read') return output === UNKNOWN || isSame(output, state) ? state : undefined
  if (input.kind === 'write') return input.value
  const writes = isSame(state, input.expected)
  if (output !== UNKNOWN && output !== writes) return undefined
  return writes ? input.value : state
}

/** As {@link SequentialModel.isRead}. */
export function isReadOfRegister({ kind }: RegisterInput, output: RegisterOutput | Unknown): boolean {
  return kind === 'read' || (kind === 'compareAndSet' && output === false)
}

/** As {@link SequentialModel.describe}, with what comes before the other arguments. */
export function describeRegister(input: RegisterInput, output: RegisterOutput | Unknown, ...first: readonly string[]): string {
  if (input.kind === 'read') return describeCall('read', first, output)
  if (input.kind === 'write') return describeCommand('write', [...first, input.value], output)
  return describeCall('compareAndSet', [...first, input.expected, input.value], output)
}
