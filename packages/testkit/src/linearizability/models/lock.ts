import { describeCall } from '../describe.ts'
import { type SequentialModel, UNKNOWN } from '../model.ts'
import { textOf } from '../values.ts'
import { inputsOfShape, textOrNumber } from './input-shapes.ts'

/** What a client asks of a lock. */
export interface LockInput {
  readonly kind: 'acquire' | 'release'
  /** Who wants it or has it. */
  readonly owner: string | number
}

/** The owner of a lock, and how often it has been acquired. */
export interface LockState {
  readonly owner: string | number | null
  readonly token: number
}

/** The fencing token, of an acquire, or `null` when somebody else has the lock; whether it was theirs, of a release. */
export type LockOutput = number | boolean | null

/** A lock with fencing tokens 1, 2, 3, ... To acquire one's own lock again gives the same token. */
export const lockModel: SequentialModel<LockState, LockInput, LockOutput> = {
  name: 'lock',
  initial: { owner: null, token: 0 },
  step(state, { kind, owner }, output) {
    const [after, right] = kind === 'acquire' ? acquire(state, owner) : release(state, owner)
    return output === UNKNOWN || output === right ? after : undefined
  },
  keyOf: state => `[${textOf(state.owner)},${state.token}]`,
  isRead: (_, output) => output === null || output === false,
  checkInput: inputsOfShape<LockInput>({ acquire: { owner: textOrNumber }, release: { owner: textOrNumber } }),
  describe: ({ kind, owner }, output) => describeCall(kind, [owner], output),
}

function acquire(state: LockState, owner: string | number): [LockState, LockOutput] {
  if (state.owner === owner) return [state, state.token]
  if (state.owner !== null) return [state, null]
  return [{ owner, token: state.token + 1 }, state.token + 1]
}

function release(state: LockState, owner: string | number): [LockState, LockOutput] {
  return state.owner === owner ? [{ ...state, owner: null }, true] : [state, false]
}
