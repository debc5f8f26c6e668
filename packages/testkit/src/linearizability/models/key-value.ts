import type { SequentialModel } from '../model.ts'
import { textOf } from '../values.ts'
import { inputsOfShape, text as key, textNumberOrNull as value } from './input-shapes.ts'
import {
  describeRegister,
  isReadOfRegister,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  stepRegister,
} from './register.ts'

/** What a client asks of one key of a map. */
export type KeyValueInput = RegisterInput & { readonly key: string }

/** A map, of which each key is a register. */
export const keyValueModel: SequentialModel<RegisterValue, KeyValueInput, RegisterOutput> = {
  name: 'key-value',
  initial: null,
  step: stepRegister,
  keyOf: textOf,
  isRead: isReadOfRegister,
  partOf: input => input.key,
  checkInput: inputsOfShape<KeyValueInput>({ read: { key }, write: { key, value }, compareAndSet: { key, expected: value, value } }),
  describe: (input, output) => describeRegister(input, output, input.key),
}
