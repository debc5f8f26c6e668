import { SeededRandom, withSeed } from '@disruptorx/testkit'
import {
  checkLinearizable,
  counterModel,
  HistoryRecorder,
  type KeyValueInput,
  keyValueModel,
  type LockInput,
  type LockOutput,
  lockModel,
  type Operation,
  type QueueInput,
  type QueueOutput,
  queueModel,
  type RegisterInput,
  type RegisterOutput,
  registerModel,
  type SequentialModel,
  UNKNOWN,
} from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { at, isLinearizableByBruteForce, lost, makeHistory } from './histories.ts'
import { acquire, answerOfRegister, compareAndSet, outcomeOf, push, read, release, shift, write } from './operations.ts'

function randomRegisterInput(random: SeededRandom): RegisterInput {
  const [kind, value] = [random.below(3), random.below(3)]
  return kind === 0 ? read : kind === 1 ? write(value) : compareAndSet(random.below(3), value)
}

describe('a history', () => {
  it.each<[string, Operation<RegisterInput, RegisterOutput>[]]>([
    ['nothing at all', []],
    ['a read before the first write', [at(0, 1, read, null)]],
    ['a read that overlaps a write, and sees the old value', [at(0, 3, write(1), undefined), at(1, 2, read, null)]],
    ['a read that overlaps a write, and sees the new value', [at(0, 3, write(1), undefined), at(1, 2, read, 1)]],
    ['a read that begins in the moment in which a write ends', [at(0, 1, write(1), undefined), at(1, 2, read, null)]],
    [
      'writes seen in the other order',
      [at(0, 9, write(1), undefined), at(1, 9, write(2), undefined), at(2, 3, read, 2), at(4, 5, read, 1)],
    ],
    ['a write whose fate is unknown, seen late', [lost(0, write(1)), at(1, 2, read, null), at(3, 4, read, 1)]],
    ['a write whose fate is unknown, never seen', [lost(0, write(1)), at(1, 2, read, null), at(3, 4, read, null)]],
    [
      'a compare-and-set that fits by what overlaps it',
      [at(0, 5, write(1), undefined), at(1, 4, compareAndSet(1, 2), true), at(6, 7, read, 2)],
    ],
    [
      'a compare-and-set of unknown fate that others see',
      [lost(0, compareAndSet(null, 2)), at(1, 2, compareAndSet(2, 3), true), at(3, 4, read, 3)],
    ],
  ])('of a register is linearizable: %s', (_, operations) => {
    expect(outcomeOf(registerModel, operations)).toBe('linearizable')
  })

  it.each<[string, Operation<RegisterInput, RegisterOutput>[]]>([
    ['a value that nobody wrote', [at(0, 1, read, 7)]],
    ['a stale read', [at(0, 1, write(1), undefined), at(2, 3, write(2), undefined), at(4, 5, read, 1)]],
    ['a read of what is written later', [at(0, 1, read, 1), at(2, 3, write(1), undefined)]],
    ['a value that goes back', [at(0, 9, write(1), undefined), at(1, 2, read, 1), at(3, 4, read, null)]],
    ['a lost update', [at(0, 3, compareAndSet(null, 1), true), at(1, 4, compareAndSet(null, 2), true)]],
    ['a write of unknown fate that is seen and gone', [lost(0, write(1)), at(1, 2, read, 1), at(3, 4, read, null)]],
    [
      'two orders of the same writes',
      [at(0, 9, write(1), undefined), at(1, 9, write(2), undefined), at(2, 3, read, 2), at(4, 5, read, 1), at(6, 7, read, 2)],
    ],
  ])('of a register is violated: %s', (_, operations) => {
    expect(outcomeOf(registerModel, operations)).toBe('violated')
  })

  it('of a queue knows order, and that each item comes out once', () => {
    const pushed = [at(0, 1, push(1), undefined), at(2, 3, push(2), undefined)]
    const ofQueue = (...operations: Operation<QueueInput, QueueOutput>[]) => outcomeOf(queueModel, [...pushed, ...operations])
    expect(ofQueue(at(4, 7, shift, 2), at(5, 6, shift, 1))).toBe('linearizable')
    expect(ofQueue(at(4, 5, shift, 2))).toBe('violated')
    expect(ofQueue(at(4, 6, shift, 1), at(5, 7, shift, 1))).toBe('violated')
    expect(ofQueue(lost(4, shift), at(5, 6, shift, 2), at(7, 8, shift, null))).toBe('linearizable')
    expect(ofQueue(at(4, 5, shift, 1), at(6, 7, shift, null))).toBe('violated')
  })

  it('of a lock knows one owner at a time, and tokens that grow', () => {
    const ofLock = (...operations: Operation<LockInput, LockOutput>[]) => outcomeOf(lockModel, operations)
    const first = at(0, 1, acquire('a'), 1)
    expect(ofLock(first, at(2, 3, acquire('b'), null), at(4, 5, release('a'), true), at(6, 7, acquire('b'), 2))).toBe('linearizable')
    expect(ofLock(first, at(2, 3, acquire('b'), 2))).toBe('violated')
    expect(ofLock(first, lost(2, release('a')), at(3, 4, acquire('b'), 2))).toBe('linearizable')
    expect(ofLock(first, at(2, 3, release('a'), true), at(4, 5, acquire('b'), 1))).toBe('violated')
    expect(ofLock(first, at(2, 3, release('b'), true))).toBe('violated')
    expect(ofLock(first, at(2, 3, acquire('a'), 1))).toBe('linearizable')
  })

  it('of a counter adds up', () => {
    const add = { kind: 'add', amount: 2 } as const
    expect(outcomeOf(counterModel, [at(0, 3, add, 4), at(1, 2, add, 2), at(4, 5, { kind: 'read' } as const, 4)])).toBe('linearizable')
    expect(outcomeOf(counterModel, [at(0, 3, add, 2), at(1, 2, add, 2)])).toBe('violated')
  })

  it('of a map is judged key by key', () => {
    const of = (key: string, input: RegisterInput) => ({ ...input, key })
    const good = [at(0, 1, of('x', write(1)), undefined), at(2, 3, of('y', read), null)]
    expect(outcomeOf(keyValueModel, good)).toBe('linearizable')
    const result = checkLinearizable(keyValueModel, [...good, at(4, 5, of('x', read), null)])
    expect(result).toMatchObject({ outcome: 'violated', violation: { part: 'x', operation: { calledAt: 4 }, states: ['1'] } })
  })
})

describe('the checker', () => {
  it('agrees with trying out every order, on small histories of every kind', async () => {
    const verdicts = { linearizable: 0, violated: 0, undecided: 0 }
    const check = (random: SeededRandom) => {
      const shape = { clients: 4, operations: 7, unknown: 0.15, input: randomRegisterInput }
      const history = makeHistory(registerModel, answerOfRegister, shape, random)
      // Half of them are told something else than what they got.
      if (random.chance(0.5)) {
        const index = random.below(history.length)
        const operation = history[index] as Operation<RegisterInput, RegisterOutput>
        if (operation.input.kind === 'read' && operation.output !== UNKNOWN) history[index] = { ...operation, output: random.below(3) }
        if (operation.input.kind === 'compareAndSet' && operation.output !== UNKNOWN)
          history[index] = { ...operation, output: !operation.output }
      }
      const { outcome } = checkLinearizable(registerModel, history)
      verdicts[outcome]++
      expect(outcome === 'linearizable').toBe(isLinearizableByBruteForce(registerModel, history))
    }
    await withSeed('small histories', check, { count: 3_000 })
    expect(verdicts.undecided).toBe(0)
    expect(Math.min(verdicts.linearizable, verdicts.violated)).toBeGreaterThan(500)
  })

  it('takes keys of any text: a stack whose key is a list of numbers, as the list of what took effect is', () => {
    const push = (item: number) => ({ kind: 'push', item }) as const
    const pop = { kind: 'pop' } as const
    const stackModel: SequentialModel<readonly number[], ReturnType<typeof push> | typeof pop, number | undefined> = {
      name: 'stack',
      initial: [],
      step: (items, input, output) =>
        input.kind === 'push' ? [...items, input.item] : items.at(-1) === output ? items.slice(0, -1) : undefined,
      keyOf: items => items.join(' '),
      describe: ({ kind }) => kind,
    }
    const pushes = [at(0, 11, push(0), undefined), at(0, 14, push(0), undefined), at(10, 20, push(2), undefined)]
    const history = [at(11, 36, pop, 0), ...pushes, at(20, 26, push(2), undefined), at(0, 27, pop, 0)]
    expect(isLinearizableByBruteForce(stackModel, history)).toBe(true)
    expect(outcomeOf(stackModel, history)).toBe('linearizable')
  })

  it('decides 100,000 operations of 100 clients, and finds the one among them that is stale', () => {
    const random = new SeededRandom(11)
    let value = 0
    const input = (chance: SeededRandom): KeyValueInput => {
      const key = `key ${chance.below(20)}`
      return chance.chance(0.5) ? { ...read, key } : { ...write(++value), key }
    }
    const history = makeHistory(keyValueModel, answerOfRegister, { clients: 100, operations: 100_000, unknown: 0.001, input }, random)
    expect(history.length).toBe(100_000)
    expect(outcomeOf(keyValueModel, history)).toBe('linearizable')
    const late = history.findLastIndex(({ input: { kind }, output }) => kind === 'read' && output !== UNKNOWN)
    const { key } = (history[late] as Operation<KeyValueInput, RegisterOutput>).input
    const values = history.flatMap(({ input, output }) =>
      input.kind === 'write' && input.key === key && output !== UNKNOWN ? [input.value] : [],
    )
    const stale = { ...(history[late] as Operation<KeyValueInput, RegisterOutput>), output: values[0] }
    const result = checkLinearizable(keyValueModel, history.with(late, stale))
    expect(result).toMatchObject({ outcome: 'violated', violation: { part: key, operation: stale } })
  })

  it('needs no parts: 20,000 operations of 100 clients on one register', () => {
    const shape = { clients: 100, operations: 20_000, input: randomRegisterInput }
    const history = makeHistory(registerModel, answerOfRegister, shape, new SeededRandom(5))
    expect(outcomeOf(registerModel, history)).toBe('linearizable')
  })

  it('says so when it has not decided within its limit', () => {
    const hard = [...Array.from({ length: 30 }, (_, index) => at(index, 100, push(index % 29), undefined)), at(101, 102, shift, 99)]
    const result = checkLinearizable(queueModel, hard, { maxSteps: 10_000 })
    expect(result).toEqual({ outcome: 'undecided', part: undefined, advice: expect.any(String) })
    expect(result.outcome === 'undecided' && result.advice).toMatch(
      /^queue: 10000 steps of the model were not enough to decide\. Raise maxSteps, or .* unknown outcome, .* nobody writes twice, .* more keys$/,
    )
  })

  it('draws the shortest bad window', () => {
    const result = checkLinearizable(registerModel, [
      at(0, 1, write(1), undefined),
      at(2, 3, write(2), undefined),
      at(4, 8, write(3), undefined),
      at(5, 7, read, 1),
      at(6, 12, read, 3),
    ])
    expect(result.outcome === 'violated' && result.violation.picture).toBe(
      [
        'register: nothing explains read() -> 1',
        'when it was called, the state was 2',
        'the longest order that fits until its return ends with: write(1), write(2)',
        '  client 4  <=========>  write(3)',
        '  client 5   [=======]   read() -> 1   <-- fits nowhere',
        '  client 6       [====>  read() -> 3',
        '  [ called  ] returned  < called earlier  > returned later, or never',
      ].join('\n'),
    )
  })

  it.each([
    ['returnedAt', at(3, 2, read, null)],
    ['returnedAt', at(3, Number.NaN, read, null)],
    ['calledAt', at(Number.NaN, 2, read, null)],
    ['calledAt', at(-Infinity, 2, read, null)],
    ['returnedAt', at(1, Infinity, read, null)],
    ['returnedAt', { ...lost(1, read), returnedAt: 5 }],
  ])('refuses an operation whose %s makes no sense', (option, operation) => {
    expect(() => checkLinearizable(registerModel, [at(0, 1, read, null), operation])).toThrow(`operations[1].${option}`)
  })

  it.each([0, 0.5, Number.NaN])('refuses to search for %d steps', maxSteps => {
    expect(() => checkLinearizable(registerModel, [], { maxSteps })).toThrow('maxSteps')
    expect(checkLinearizable(registerModel, [], { maxSteps: 1 }).outcome).toBe('linearizable')
  })
})

describe('a recorder', () => {
  it('keeps the order of calls and returns, leaves out what was refused, and knows not what never came back', () => {
    const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>()
    const first = recorder.call('a', write(1))
    const second = recorder.call('b', read)
    recorder.call('c', write(2))
    recorder.call('d', write(3)).refused()
    second.returned(1)
    first.returned(undefined)
    expect(recorder.operations).toEqual([
      { client: 'a', input: write(1), output: undefined, calledAt: 0, returnedAt: 5 },
      { client: 'b', input: read, output: 1, calledAt: 1, returnedAt: 4 },
      { client: 'c', input: write(2), output: UNKNOWN, calledAt: 2, returnedAt: Infinity },
    ])
  })
})
