import { SeededRandom } from '@disruptorx/testkit'
import {
  counterModel,
  keyValueModel,
  lockModel,
  type Operation,
  queueModel,
  type RegisterInput,
  type RegisterValue,
  registerModel,
  type SequentialModel,
} from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { at, lost } from './histories.ts'
import { outcomeOf, push, read, shift, write } from './operations.ts'
import { checkUntyped, inTurn, refusalOf } from './untyped.ts'

const ofRegister = 'read, write, compareAndSet'
const textNumberOrNull = 'a text, a number or null'

describe('an operation that the model does not know is refused, and named', () => {
  it.each<[string, unknown, [input: unknown, output?: unknown][], string]>([
    [
      'a register that is put and got',
      registerModel,
      [[write(1)], [{ kind: 'get' }, 99]],
      `[1].input.kind is 'get'; it must be one of ${ofRegister}`,
    ],
    [
      'a read in capitals',
      registerModel,
      [[write(1)], [{ kind: 'Read' }, 99]],
      `[1].input.kind is 'Read'; it must be one of ${ofRegister}`,
    ],
    ['a type for a kind', registerModel, [[{ type: 'write' }], [{ type: 'read' }, 99]], '[0].input.kind is undefined; it must be one of'],
    ['a kind that all objects have', registerModel, [[{ kind: 'constructor' }]], "[0].input.kind is 'constructor'; it must be one of"],
    ['a kind that is a list', registerModel, [[{ kind: ['read'] }, 99]], '[0].input.kind is read; it must be one of'],
    ['a word', registerModel, [['read', 99]], `[0].input is 'read'; it must be an object whose kind is one of ${ofRegister}`],
    ['nothing', registerModel, [[undefined]], '[0].input is undefined; it must be an object'],
    ['null', registerModel, [[null]], '[0].input is null; it must be an object'],
    ['a write without a value', registerModel, [[{ kind: 'write', v: 1 }]], `[0].input.value is undefined; it must be ${textNumberOrNull}`],
    [
      'a write of an object',
      registerModel,
      [[{ kind: 'write', value: {} }]],
      `[0].input.value is [object Object]; it must be ${textNumberOrNull}`,
    ],
    ['a write of a truth', registerModel, [[{ kind: 'write', value: true }]], `[0].input.value is true; it must be ${textNumberOrNull}`],
    ['a write of a bigint', registerModel, [[{ kind: 'write', value: 1n }]], `[0].input.value is 1; it must be ${textNumberOrNull}`],
    [
      'nothing to compare with',
      registerModel,
      [[{ kind: 'compareAndSet', value: 1 }, false]],
      `[0].input.expected is undefined; it must be ${textNumberOrNull}`,
    ],
    [
      'nothing to set',
      registerModel,
      [[{ kind: 'compareAndSet', expected: 1 }, false]],
      `[0].input.value is undefined; it must be ${textNumberOrNull}`,
    ],
    [
      'a map that is put and got',
      keyValueModel,
      [[{ kind: 'put', key: 'x', value: 1 }], [{ kind: 'get', key: 'x' }, 99]],
      `[0].input.kind is 'put'; it must be one of ${ofRegister}`,
    ],
    ['a read without a key', keyValueModel, [[read, null]], '[0].input.key is undefined; it must be a text'],
    ['a read of a number', keyValueModel, [[{ ...read, key: 5 }, null]], '[0].input.key is 5; it must be a text'],
    ['a write without a key', keyValueModel, [[write(1)]], '[0].input.key is undefined; it must be a text'],
    [
      'a write of nothing to a key',
      keyValueModel,
      [[{ kind: 'write', key: 'x' }]],
      `[0].input.value is undefined; it must be ${textNumberOrNull}`,
    ],
    [
      'no key to compare',
      keyValueModel,
      [[{ kind: 'compareAndSet', expected: 1, value: 2 }]],
      '[0].input.key is undefined; it must be a text',
    ],
    [
      'nothing to compare a key with',
      keyValueModel,
      [[{ kind: 'compareAndSet', key: 'x', value: 2 }]],
      `[0].input.expected is undefined; it must be ${textNumberOrNull}`,
    ],
    [
      'a counter that is asked',
      counterModel,
      [
        [{ kind: 'add', amount: 1 }, 1],
        [{ kind: 'get' }, 1],
      ],
      "[1].input.kind is 'get'; it must be one of read, add",
    ],
    ['a counter that is added nothing', counterModel, [[{ kind: 'add' }, 1]], '[0].input.amount is undefined; it must be a number'],
    [
      'a counter that is added a text',
      counterModel,
      [[{ kind: 'add', amount: '1' }, '01']],
      "[0].input.amount is '1'; it must be a number",
    ],
    ['a queue that is popped', queueModel, [[push(1)], [{ kind: 'pop' }, 1]], "[1].input.kind is 'pop'; it must be one of push, shift"],
    [
      'a queue into which nothing is pushed',
      queueModel,
      [[{ kind: 'push' }]],
      '[0].input.item is undefined; it must be a text or a number',
    ],
    [
      'a queue into which null is pushed',
      queueModel,
      [[{ kind: 'push', item: null }]],
      '[0].input.item is null; it must be a text or a number',
    ],
    [
      'a lock that is unlocked',
      lockModel,
      [[{ kind: 'unlock', owner: 'b' }, false]],
      "[0].input.kind is 'unlock'; it must be one of acquire, release",
    ],
    ['a lock that nobody acquires', lockModel, [[{ kind: 'acquire' }, 1]], '[0].input.owner is undefined; it must be a text or a number'],
    [
      'a lock that nobody releases',
      lockModel,
      [[{ kind: 'release', owner: null }, false]],
      '[0].input.owner is null; it must be a text or a number',
    ],
  ])('%s', (_, model, operations, expected) => {
    expect(refusalOf(() => checkUntyped(model, inTurn(...operations)))).toContain(`operations${expected}`)
  })

  it('also where nobody knows what came of it, where values come twice, and by a model that was made from another one', () => {
    const get = { kind: 'get' }
    const made = { ...registerModel, initial: 5 }
    for (const model of [registerModel, made])
      for (const operations of [[lost(0, get)], [lost(0, write(1)), lost(1, write(1)), at(2, 3, get, 99)]])
        expect(refusalOf(() => checkUntyped(model, operations))).toContain(`input.kind is 'get'; it must be one of ${ofRegister}`)
  })

  it('wherever in a long history it is', () => {
    const operations: Operation<RegisterInput, RegisterValue | undefined>[] = Array.from({ length: 100_000 }, (_, index) =>
      at(2 * index, 2 * index + 1, write(index), undefined),
    )
    expect(outcomeOf(registerModel, operations)).toBe('linearizable')
    const wrong = new SeededRandom(3).below(operations.length)
    expect(
      refusalOf(() =>
        checkUntyped(registerModel, operations.with(wrong, { ...at(0, 1, { kind: 'Write', value: 1 } as never, undefined) })),
      ),
    ).toContain(`operations[${wrong}].input.kind is 'Write'`)
  })
})

describe('what a model takes', () => {
  it('may have further fields', () => {
    expect(checkUntyped(registerModel, inTurn([{ ...write(1), trace: {} }], [{ ...read, trace: 'b' }, 1]))).toEqual({
      outcome: 'linearizable',
    })
  })

  it('may be said otherwise, or not at all, by a model that is made from it', () => {
    type Input = RegisterInput | { readonly kind: 'delete' }
    const step: SequentialModel<RegisterValue, Input, RegisterValue | boolean | undefined>['step'] = (state, input, output) =>
      input.kind === 'delete' ? null : registerModel.step(state, input, output)
    const { checkInput, ...takesAll } = registerModel
    const history = inTurn([write(1)], [{ kind: 'delete' }], [read, null])
    expect(checkInput?.({ kind: 'delete' })).toEqual({ field: 'kind', value: 'delete', allowed: `one of ${ofRegister}` })
    expect(checkUntyped({ ...takesAll, step }, history)).toEqual({ outcome: 'linearizable' })
    const known = (input: { readonly kind: unknown }) => (input.kind === 'delete' ? undefined : checkInput?.(input))
    expect(checkUntyped({ ...takesAll, step, checkInput: known }, history)).toEqual({ outcome: 'linearizable' })
    expect(refusalOf(() => checkUntyped({ ...takesAll, step, checkInput: known }, inTurn([{ kind: 'get' }])))).toContain("is 'get'")
  })

  it('is a concern of the model alone: one of your own without a check takes whatever it wants', () => {
    const echo: SequentialModel<number, unknown, unknown> = {
      name: 'echo',
      initial: 0,
      step: (state, input, output) => (input === output ? state : undefined),
      keyOf: String,
      describe: String,
    }
    expect(checkUntyped(echo, inTurn([undefined, undefined], [null, null], ['get', 'get']))).toEqual({ outcome: 'linearizable' })
  })
})

describe('an output that an operation cannot have is a violation', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const outputs = [undefined, {}, [], true, '1', 1n, Symbol('1'), () => 1, Promise.resolve(1), Object(1), cyclic]
  const keyed = { key: 'x' }
  it.each<[string, unknown, unknown[]]>([
    ['read of a register', registerModel, [write(1), read]],
    ['read of a register that is searched', { ...registerModel }, [write(1), read]],
    [
      'read of a key',
      keyValueModel,
      [
        { ...write(1), ...keyed },
        { ...read, ...keyed },
      ],
    ],
    ['shift', queueModel, [push(1), shift]],
    ['shift that is searched', { ...queueModel }, [push(1), shift]],
    ['shift of an empty queue', queueModel, [shift]],
    ['acquire', lockModel, [{ kind: 'acquire', owner: 'a' }]],
  ])('of a %s', (_, model, inputs) => {
    for (const output of outputs) {
      const operations = inTurn(
        ...inputs.map((input, index): [unknown, unknown] => [input, index === inputs.length - 1 ? output : undefined]),
      )
      expect(checkUntyped(model, operations), typeof output).toMatchObject({ outcome: 'violated' })
    }
  })

  it('of a counter, a release or a compareAndSet', () => {
    for (const output of [null, 'true', ...outputs.filter(output => output !== true)]) {
      expect(checkUntyped(counterModel, inTurn([{ kind: 'add', amount: 1 }, output]))).toMatchObject({ outcome: 'violated' })
      expect(checkUntyped(lockModel, inTurn([{ kind: 'release', owner: 'a' }, output]))).toMatchObject({ outcome: 'violated' })
      expect(checkUntyped(registerModel, inTurn([{ kind: 'compareAndSet', expected: null, value: 1 }, output]))).toMatchObject({
        outcome: 'violated',
      })
    }
  })
})
