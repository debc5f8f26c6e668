import type { SequentialModel } from '../model.ts'
import { textOf } from '../values.ts'
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
  describe: (input, output) => describeRegister(input, output, input.key),
}
