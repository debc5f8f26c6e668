import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import {
  type CounterInput,
  checkLinearizable,
  counterModel,
  type KeyValueInput,
  keyValueModel,
  type LockInput,
  type LockOutput,
  type LockState,
  lockModel,
  type Operation,
  type QueueInput,
  queueModel,
  type RegisterInput,
  type RegisterValue,
  registerModel,
  type SequentialModel,
  UNKNOWN,
} from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { type Answer, at, type HistoryShape, isLinearizableByBruteForce, lost, makeHistory } from './histories.ts'
import { acquire, answerOfQueue, answerOfRegister, outcomeOf, push, read, release, shift, write } from './operations.ts'

function drawRegister(random: SeededRandom): RegisterInput {
  const value = random.pick([null, 1, 2])
  return random.pick([read, write(value), { kind: 'compareAndSet', expected: random.pick([null, 1, 2]), value }])
}

/** Says something else of one operation than what came back, as a wrong object would: something that came back for another one, or of any kind. */
function lie<Input, Output>(history: Operation<Input, Output>[], outputs: readonly Output[], random: SeededRandom): void {
  const index = random.below(history.length)
  const operation = history[index] as Operation<Input, Output>
  if (operation.output === UNKNOWN || operation.output === undefined) return
  history[index] = { ...operation, output: random.pick(outputs) }
}

/** Holds the checker to trying out every order, on histories some of which are not right, and some of whose moments are the same. */
async function agrees<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  answer: Answer<State, Input, Output>,
  input: HistoryShape<Input>['input'],
  outputs: readonly Output[],
): Promise<void> {
  const verdicts = { linearizable: 0, violated: 0, undecided: 0 }
  const check = (random: SeededRandom) => {
    const history = makeHistory(model, answer, { clients: 4, operations: 7, unknown: random.pick([0, 0.3]), input }, random)
    for (let lies = random.below(3); lies > 0; lies--) lie(history, outputs, random)
    const width = random.between(1, 3)
    const blurred = history.map(operation => ({
      ...operation,
      calledAt: Math.floor(operation.calledAt / width),
      returnedAt: Math.floor(operation.returnedAt / width),
    }))
    const { outcome } = checkLinearizable(model, blurred)
    verdicts[outcome]++
    // A part is right or wrong whatever the others are.
    const parts = [...Map.groupBy(blurred, operation => model.partOf?.(operation.input)).values()]
    const isRight = parts.every(part => isLinearizableByBruteForce(model, part))
    expect(
      outcome,
      JSON.stringify(blurred, (_, value) => (value === UNKNOWN ? '?' : value)),
    ).toBe(isRight ? 'linearizable' : 'violated')
  }
  await withSeed(`small histories of a ${model.name}`, check, { count: 1_000 })
  expect(Math.min(verdicts.linearizable, verdicts.violated)).toBeGreaterThan(100)
}

describe('the checker agrees with trying out every order', () => {
  it('of the operations on a register', () => agrees(registerModel, answerOfRegister, drawRegister, [null, 1, 2, true, false]))

  it('of the operations on a map', () => {
    const draw = (random: SeededRandom): KeyValueInput => ({ ...drawRegister(random), key: random.pick(['x', 'y']) })
    return agrees(keyValueModel, answerOfRegister, draw, [null, 1, 2, true, false])
  })

  it('of the operations on a counter', () => {
    const draw = (random: SeededRandom): CounterInput =>
      random.chance(0.4) ? { kind: 'read' } : { kind: 'add', amount: random.between(-1, 2) }
    const answer = (state: number, input: CounterInput) => (input.kind === 'add' ? state + input.amount : state)
    return agrees(counterModel, answer, draw, [-1, 0, 1, 2, 3])
  })

  it('of the operations on a queue', () => {
    const draw = (random: SeededRandom): QueueInput => (random.chance(0.5) ? push(random.below(4)) : shift)
    return agrees(queueModel, answerOfQueue, draw, [null, 0, 1, 2, 3])
  })

  it('of the operations on a lock', () => {
    const draw = (random: SeededRandom, client: number): LockInput => ({ kind: random.pick(['acquire', 'release']), owner: client % 3 })
    const answer = ({ owner, token }: LockState, asked: LockInput): LockOutput => {
      if (asked.kind === 'release') return owner === asked.owner
      return owner === null ? token + 1 : owner === asked.owner ? token : null
    }
    return agrees(lockModel, answer, draw, [null, true, false, 1, 2, 3])
  })
})

describe('a model', () => {
  it('of a queue takes a push for one, whatever its recorder wrote down as the output', () => {
    const pushed = [at(0, 5, push(1), null), at(1, 6, push(2), null)]
    expect(outcomeOf(queueModel, [...pushed, at(7, 8, shift, 2), at(9, 10, shift, 1)])).toBe('linearizable')
  })

  it('of a queue tells an item from a text that looks like it, and one item from two', () => {
    const either = [at(0, 9, push(1), undefined), at(1, 9, push('1'), undefined)]
    expect(outcomeOf(queueModel, [...either, at(10, 11, shift, '1'), at(12, 13, shift, 1)])).toBe('linearizable')
    expect(outcomeOf(queueModel, [...either, at(10, 11, shift, 1), at(12, 13, shift, 1)])).toBe('violated')
    expect(new Set([[1], ['1'], [1, 1], ['1,1'], ['1","1'], ['1', '1'], []].map(queueModel.keyOf)).size).toBe(7)
  })

  it('has no key for two values, not even for those that JSON does not have', () => {
    const values = [null, 'null', '', 0, '0', Number.NaN, 'NaN', Infinity, -Infinity, 'Infinity']
    for (const keyOf of [registerModel.keyOf, keyValueModel.keyOf, (value: RegisterValue) => queueModel.keyOf([value as number])])
      expect(new Set(values.map(keyOf)).size).toBe(values.length)
    expect(new Set(values.map(owner => lockModel.keyOf({ owner, token: 1 }))).size).toBe(values.length)
    expect(lockModel.keyOf({ owner: 'a', token: 1 })).not.toBe(lockModel.keyOf({ owner: 'a', token: 2 }))
    expect(counterModel.keyOf(1)).not.toBe(counterModel.keyOf(2))
  })

  it('holds numbers that JSON does not have', () => {
    const writes = [at(0, 5, write(Infinity), undefined), at(1, 6, write(null), undefined)]
    expect(outcomeOf(registerModel, [...writes, at(7, 8, read, Infinity)])).toBe('linearizable')
    expect(outcomeOf(registerModel, [...writes, at(7, 8, read, null)])).toBe('linearizable')
    expect(outcomeOf(registerModel, [at(0, 1, write(Number.NaN), undefined), at(2, 3, read, Number.NaN)])).toBe('linearizable')
    expect(outcomeOf(registerModel, [at(0, 1, write(0), undefined), at(2, 3, read, -0)])).toBe('linearizable')
    expect(outcomeOf(queueModel, [at(0, 1, push(Number.NaN), undefined), at(2, 3, shift, Number.NaN)])).toBe('linearizable')
  })

  it('of a register tells a number from a text, and nothing written from every value', () => {
    expect(outcomeOf(registerModel, [at(0, 1, write(1), undefined), at(2, 3, read, '1')])).toBe('violated')
    expect(outcomeOf(registerModel, [at(0, 1, read, 0)])).toBe('violated')
    expect(outcomeOf(keyValueModel, [at(0, 1, { ...read, key: 'x' }, 0)])).toBe('violated')
  })

  it('of a lock counts its tokens from 1, on and on, also by what nobody saw return', () => {
    const ofLock = (...operations: Operation<LockInput, LockOutput>[]) => outcomeOf(lockModel, operations)
    expect(ofLock(at(0, 1, acquire('a'), 0))).toBe('violated')
    expect(ofLock(at(0, 1, release('a'), false))).toBe('linearizable')
    expect(ofLock(lost(0, acquire('a')), at(1, 2, release('a'), true), at(3, 4, acquire('b'), 2))).toBe('linearizable')
    expect(ofLock(at(0, 1, acquire('a'), 1), at(2, 3, release('a'), true), at(4, 5, release('a'), true))).toBe('violated')
  })

  it.each([
    ['register', registerModel.describe(read, 3), 'read() -> 3'],
    ['register', registerModel.describe(read, undefined), 'read() -> undefined'],
    ['register', registerModel.describe(write('a'), undefined), 'write("a")'],
    ['register', registerModel.describe(write('a'), UNKNOWN), 'write("a") -> ?'],
    ['register', registerModel.describe(write('a'), true), 'write("a") -> true'],
    ['register', registerModel.describe({ kind: 'compareAndSet', expected: null, value: 2 }, UNKNOWN), 'compareAndSet(null, 2) -> ?'],
    ['key-value', keyValueModel.describe({ ...write(1), key: 'x' }, undefined), 'write("x", 1)'],
    ['key-value', keyValueModel.describe({ ...read, key: 'x' }, Number.NaN), 'read("x") -> NaN'],
    ['counter', counterModel.describe({ kind: 'add', amount: 2 }, 4), 'add(2) -> 4'],
    ['counter', counterModel.describe({ kind: 'read' }, 4), 'read() -> 4'],
    ['queue', queueModel.describe(push('a'), undefined), 'push("a")'],
    ['queue', queueModel.describe(shift, null), 'shift() -> null'],
    ['queue', queueModel.describe(shift, undefined), 'shift() -> undefined'],
    ['lock', lockModel.describe({ kind: 'acquire', owner: 'a' }, 7), 'acquire("a") -> 7'],
  ])('of a %s describes an operation: %s', (_, shown, expected) => {
    expect(shown).toBe(expected)
  })

  it('has its name', () => {
    expect([registerModel, keyValueModel, counterModel, queueModel, lockModel].map(({ name }) => name)).toEqual([
      'register',
      'key-value',
      'counter',
      'queue',
      'lock',
    ])
  })
})
