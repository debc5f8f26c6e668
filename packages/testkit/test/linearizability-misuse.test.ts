import { HistoryRecorder, type RegisterInput, type RegisterOutput, registerModel, UNKNOWN } from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { at } from './histories.ts'
import { outcomeOf, read, write } from './operations.ts'
import { checkUntyped, inTurn, refusalOf } from './untyped.ts'

describe('what is no history is refused', () => {
  const operation = at(0, 1, read, null)
  const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>()
  recorder.call('a', write(1)).returned(undefined)

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'operations is undefined; it must be an array of operations'],
    ['null', null, 'operations is null; it must be an array'],
    ['a recorder', recorder, 'it must be an array of operations, such as `operations` of a HistoryRecorder'],
    ['a set', new Set([operation]), 'operations is [object Set]; it must be an array'],
    [
      'a list with nothing',
      [operation, null],
      'operations[1] is null; it must be an object with client, input, output, calledAt and returnedAt',
    ],
    ['a list with a gap', Object.assign([], { 1: operation }), 'operations[0] is undefined; it must be an object'],
    ['a list of words', ['read'], "operations[0] is 'read'; it must be an object"],
    ['an empty operation', [{}], 'operations[0].client is undefined; it must be a number or a text'],
    ['a client without a text', [{ ...operation, client: Symbol('a') }], 'operations[0].client is Symbol(a); it must be'],
    ['a call at a text', [{ ...operation, calledAt: '0' }], "operations[0].calledAt is '0'; it must be a finite number"],
    [
      'a return at a text',
      [{ ...operation, returnedAt: '1' }],
      "operations[0].returnedAt is '1'; it must be a number, at least calledAt, 0",
    ],
    ['a return at a bigint', [{ ...operation, returnedAt: 1n }], 'operations[0].returnedAt is 1; it must be a number'],
    ['no return', [{ ...operation, returnedAt: undefined }], 'operations[0].returnedAt is undefined; it must be a number'],
  ])('%s', (_, operations, expected) => {
    expect(refusalOf(() => checkUntyped(registerModel, operations))).toContain(expected)
  })

  it('while what was recorded is one', () => {
    expect(outcomeOf(registerModel, recorder.operations)).toBe('linearizable')
  })
})

describe('what is no model is refused', () => {
  const resolved = async () => 'x'
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'model is undefined; it must be a SequentialModel, such as registerModel'],
    ['null', null, 'model is null; it must be'],
    ['a name', 'register', "model is 'register'; it must be"],
    ['an empty one', {}, 'model.name is undefined; it must be a text'],
    ['one without steps', { ...registerModel, step: undefined }, 'model.step is undefined; it must be a function'],
    ['one without keys', { ...registerModel, keyOf: undefined }, 'model.keyOf is undefined; it must be a function'],
    ['one that describes nothing', { ...registerModel, describe: undefined }, 'model.describe is undefined; it must be a function'],
    ['one whose reads are a list', { ...registerModel, isRead: ['read'] }, 'model.isRead is read; it must be a function'],
    ['one whose parts are a name', { ...registerModel, partOf: 'key' }, "model.partOf is 'key'; it must be a function"],
    ['one whose inputs are a list', { ...registerModel, checkInput: ['read'] }, 'model.checkInput is read; it must be a function'],
    ['one that begins with nothing', { ...registerModel, initial: undefined }, 'model.initial is undefined; it must be a state'],
    ['one of keys without a text', { ...registerModel, keyOf: () => ({}) }, 'model.keyOf(initial) is [object Object]; it must be a text'],
    [
      'one that forgets to return keys',
      { ...registerModel, keyOf: () => undefined },
      'model.keyOf(initial) is undefined; it must be a text',
    ],
    ['one of asynchronous keys', { ...registerModel, keyOf: resolved }, 'model.keyOf(initial) is [object Promise]; it must be a text'],
    [
      'one of asynchronous steps',
      { ...registerModel, step: resolved },
      'model.step(...) is [object Promise]; it must be a state or undefined, and at once',
    ],
    [
      'one of asynchronous reads',
      { ...registerModel, isRead: resolved },
      'model.isRead(...) is [object Promise]; it must be true or false, and at once',
    ],
    ['one of asynchronous parts', { ...registerModel, partOf: resolved }, 'model.partOf(...) is [object Promise]; it must be a text'],
    ['one whose parts are never the same', { ...registerModel, partOf: () => ['a', 'b'] }, 'model.partOf(...) is a,b; it must be a text'],
    [
      'one of asynchronous checks',
      { ...registerModel, checkInput: resolved },
      'model.checkInput(...) is [object Promise]; it must be an InputFault',
    ],
    [
      'one whose check says no',
      { ...registerModel, checkInput: () => false },
      'model.checkInput(...) is false; it must be an InputFault or undefined',
    ],
    [
      'one whose check says null',
      { ...registerModel, checkInput: () => null },
      'model.checkInput(...) is null; it must be an InputFault or undefined',
    ],
  ])('%s', (_, model, expected) => {
    expect(refusalOf(() => checkUntyped(model, inTurn([read, 99])))).toContain(expected)
  })

  it('while one of a class is a model like any other', () => {
    class Once {
      readonly name = 'once'
      readonly initial = 0
      readonly keyOf = String
      readonly describe = String
      readonly #field = 'key'
      step(state: number): number | undefined {
        return state === 0 ? 1 : undefined
      }
      partOf(input: Record<string, unknown>): string {
        return String(input[this.#field])
      }
    }
    const history = inTurn([{ key: 'x' }], [{ key: 'y' }])
    expect(checkUntyped(new Once(), history)).toEqual({ outcome: 'linearizable' })
    expect(checkUntyped(new Once(), [...history, at(9, 10, { key: 'y' }, undefined)])).toMatchObject({
      outcome: 'violated',
      violation: { part: 'y' },
    })
  })
})

describe('options that are none are refused', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'options is null; it must be an object, such as { maxSteps: 1000000 }'],
    ['a number', 5, 'options is 5; it must be an object'],
    ['steps in a text', { maxSteps: '100' }, "maxSteps is '100'; it must be a whole number"],
    ['no end of steps', { maxSteps: Infinity }, 'maxSteps is Infinity; it must be a whole number'],
  ])('%s', (_, options, expected) => {
    expect(refusalOf(() => checkUntyped(registerModel, [], options))).toContain(expected)
  })
})

describe('what a recorder cannot have seen is refused', () => {
  it('an operation that ends twice, and what was recorded stays', () => {
    const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>()
    const [first, second] = [recorder.call('a', read), recorder.call(2, write(1))]
    first.returned(1)
    second.refused()
    const recorded = recorder.operations
    const of = (act: () => void) => refusalOf(act, 'DX_HISTORY')
    const started = 'the operation that client'
    expect(of(() => first.returned(2))).toBe(`${started} a called at moment 0 was returned and cannot be returned now; it ends once`)
    expect(of(() => first.refused())).toBe(`${started} a called at moment 0 was returned and cannot be refused now; it ends once`)
    expect(of(() => second.returned(undefined))).toBe(
      `${started} 2 called at moment 1 was refused and cannot be returned now; it ends once`,
    )
    expect(of(() => second.refused())).toBe(`${started} 2 called at moment 1 was refused and cannot be refused now; it ends once`)
    expect(recorder.operations).toEqual(recorded)
    recorder.call('a', read).returned(1)
    expect(recorder.operations.at(-1)).toMatchObject({ calledAt: 3, returnedAt: 4 })
  })

  it('an output that nobody saw, and the operation may still end', () => {
    const recorder = new HistoryRecorder<RegisterInput, unknown>()
    const pending = recorder.call('a', read)
    expect(refusalOf(() => pending.returned(UNKNOWN))).toContain('output is Symbol(disruptorx.unknown); it must be what came back')
    expect(recorder.operations).toMatchObject([{ output: UNKNOWN, returnedAt: Infinity }])
    pending.returned(null)
    expect(recorder.operations).toMatchObject([{ output: null, returnedAt: 1 }])
  })

  it('a client without a name or a number', () => {
    const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>()
    expect(refusalOf(() => Reflect.apply(recorder.call, recorder, []))).toContain('client is undefined; it must be a number or a text')
    expect(recorder.operations).toEqual([])
  })

  it('while inputs and outputs are kept as they are', () => {
    const recorder = new HistoryRecorder<{ value: number }, { value: number }>()
    const [input, output] = [{ value: 1 }, { value: 2 }]
    recorder.call('a', input).returned(output)
    expect(recorder.operations[0]?.input).toBe(input)
    expect(recorder.operations[0]?.output).toBe(output)
  })
})
