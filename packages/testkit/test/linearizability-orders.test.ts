import { SeededRandom, withSeed } from '@disruptorx/testkit'
import {
  type CounterInput,
  checkLinearizable,
  counterModel,
  type LinearizabilityViolation,
  type LockInput,
  type LockOutput,
  type LockState,
  lockModel,
  type Operation,
  type QueueInput,
  queueModel,
  type RegisterInput,
  registerModel,
  type SequentialModel,
  UNKNOWN,
} from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { type Answer, at, type HistoryShape, isLinearizableByBruteForce, lost, makeHistory } from './histories.ts'
import { answerOfQueue, answerOfRegister, push, read, shift } from './operations.ts'

/** Writes of all different values, and reads. */
function uniqueWrites(): (random: SeededRandom) => RegisterInput {
  let value = 0
  return random => (random.chance(0.5) ? read : { kind: 'write', value: ++value })
}

/** Pushes of all different items, and shifts. */
function uniqueItems(): (random: SeededRandom) => QueueInput {
  let item = 0
  return random => (random.chance(0.5) ? shift : push(++item))
}

/** A history whose operations are not all right, and some of whose moments are the same. */
function wrongHistory<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  answer: Answer<State, Input, Output>,
  shape: HistoryShape<Input>,
  random: SeededRandom,
): Operation<Input, Output>[] {
  const history = makeHistory(model, answer, shape, random)
  const outputs = history.flatMap(({ output }) => (output === UNKNOWN || output === undefined ? [] : [output]))
  const width = random.between(1, 3)
  let lies = random.below(4)
  return history.map(operation => {
    const isLie = operation.output !== UNKNOWN && operation.output !== undefined && lies > 0 && random.chance(0.6)
    if (isLie) lies--
    return {
      ...operation,
      output: isLie ? random.pick(outputs) : operation.output,
      calledAt: Math.floor(operation.calledAt / width),
      returnedAt: Math.floor(operation.returnedAt / width),
    }
  })
}

/** Whether an order leaves out nothing that returned, respects calls and returns, and explains every output. */
function explains<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  order: readonly number[],
): boolean {
  const ordered = order.map(index => history[index] as Operation<Input, Output>)
  if (new Set(order).size !== order.length) return false
  if (history.some(operation => operation.returnedAt !== Infinity && !ordered.includes(operation))) return false
  if (ordered.some((next, place) => ordered.slice(place + 1).some(later => later.returnedAt < next.calledAt))) return false
  let state: State | undefined = model.initial
  for (const { input, output } of ordered) state = state === undefined ? undefined : model.step(state, input, output)
  return state !== undefined
}

function placesIn<Input, Output>(
  history: readonly Operation<Input, Output>[],
  { order }: LinearizabilityViolation<Input, Output>,
): number[] {
  return order.map(operation => history.indexOf(operation))
}

/** Holds the checker to trying out every order, and what it says of bad histories to the search. */
async function agrees<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  nobodys: Operation<Input, Output>,
  answer: Answer<State, Input, Output>,
  inputs: () => HistoryShape<Input>['input'],
  unknown: number,
): Promise<void> {
  const verdicts = { linearizable: 0, violated: 0 }
  const searched = { ...model }
  const check = (random: SeededRandom) => {
    const shape = { clients: random.between(2, 5), operations: random.between(4, 9), unknown, input: inputs() }
    const history = wrongHistory(model, answer, shape, random)
    const shown = JSON.stringify(history, (_, value) => (value === UNKNOWN ? '?' : value))
    const isRight = isLinearizableByBruteForce(model, history)
    // The order that it has in mind shows when something is added that fits nowhere.
    const added = isRight ? checkLinearizable(model, [...history, nobodys]) : undefined
    if (added !== undefined)
      expect(added.outcome === 'violated' && explains(model, history, placesIn(history, added.violation)), shown).toBe(true)
    verdicts[isRight ? 'linearizable' : 'violated']++
    const [found, expected] = [checkLinearizable(model, history), checkLinearizable(searched, history)]
    expect(found.outcome, shown).toBe(isRight ? 'linearizable' : 'violated')
    expect(expected.outcome).toBe(found.outcome)
    if (found.outcome !== 'violated' || expected.outcome !== 'violated') return
    const { operation, window, states } = found.violation
    if (unknown === 0 || model.name === 'register') expect(operation, shown).toBe(expected.violation.operation)
    if (operation === expected.violation.operation)
      expect({ window, states }).toEqual({ window: expected.violation.window, states: expected.violation.states })
    // Where a lost shift took what it took shows when another one of that item is called.
    const until = unknown > 0 && model.name === 'queue' ? operation.calledAt : operation.returnedAt
    const before = history.map(other => (other.returnedAt < until ? other : { ...other, returnedAt: Infinity }))
    expect(explains(model, before, placesIn(history, found.violation)), shown).toBe(true)
  }
  await withSeed(`${model.name} without repetitions, ${unknown} unknown`, check, { count: 2_000 })
  expect(Math.min(verdicts.linearizable, verdicts.violated)).toBeGreaterThan(100)
}

describe('histories in which no two writes are alike are decided without a search, as by trying out every order', () => {
  it.each([0, 0.3])('of a register, where %d are lost', unknown =>
    agrees(registerModel, at(1_000, 1_001, read, -1), answerOfRegister, uniqueWrites, unknown),
  )
  it('of a queue whose lost shifts took first what had to be pushed first', () => {
    const pushes = [at(0, 100, push(1), undefined), at(50, 60, push(2), undefined)]
    const history = [...pushes, lost(1, shift), lost(90, shift), at(70, 80, shift, null)]
    expect(isLinearizableByBruteForce(queueModel, history)).toBe(true)
    expect(checkLinearizable(queueModel, history).outcome).toBe('linearizable')
    const bad = [...pushes, lost(65, shift), lost(90, shift), at(61, 64, shift, null)]
    expect(isLinearizableByBruteForce(queueModel, bad)).toBe(false)
    expect(checkLinearizable(queueModel, bad).outcome).toBe('violated')
  })

  it.each([0, 0.3])('of a queue, where %d are lost', unknown =>
    agrees(queueModel, at(1_000, 1_001, shift, -1), answerOfQueue, uniqueItems, unknown),
  )
})

/** What a hundred clients of one object ask of it, a hundred thousand times, and what a wrong object would say once in the midst of it. */
interface LongHistory<State, Input, Output> {
  readonly model: SequentialModel<State, Input, Output>
  readonly answer: Answer<State, Input, Output>
  readonly input: HistoryShape<Input>['input']
  readonly unknown: number
}

function decidesLong<State, Input, Output>({ model, answer, input, unknown }: LongHistory<State, Input, Output>): void {
  const history = makeHistory(model, answer, { clients: 100, operations: 100_000, unknown, input }, new SeededRandom(7))
  expect(history).toHaveLength(100_000)
  expect(checkLinearizable(model, history).outcome).toBe('linearizable')
  const numbers = [...history.keys()].filter(index => typeof history[index]?.output === 'number')
  const [early, late] = [0.3, 0.6].map(part => numbers[Math.floor(numbers.length * part)] as number) as [number, number]
  const stale: Operation<Input, Output> = {
    ...(history[late] as Operation<Input, Output>),
    output: (history[early] as Operation<Input, Output>).output,
  }
  const result = checkLinearizable(model, history.with(late, stale))
  expect(result).toMatchObject({ outcome: 'violated', violation: { operation: stale } })
  expect(result.outcome === 'violated' && result.violation.states.length).toBeGreaterThan(0)
}

describe('100,000 operations of 100 clients are decided, and one that is stale is found', () => {
  it.each([0, 0.001])('of a register with different values, where %d are lost', unknown =>
    decidesLong({ model: registerModel, answer: answerOfRegister, input: uniqueWrites(), unknown }),
  )

  it.each([0, 0.001])('of a queue with different items, where %d are lost', unknown =>
    decidesLong({ model: queueModel, answer: answerOfQueue, input: uniqueItems(), unknown }),
  )

  it('of a counter', () => {
    const input = (random: SeededRandom): CounterInput => (random.chance(0.5) ? { kind: 'read' } : { kind: 'add', amount: 1 })
    const answer = (state: number, asked: CounterInput) => (asked.kind === 'add' ? state + asked.amount : state)
    decidesLong({ model: counterModel, answer, input, unknown: 0 })
  })

  it('of a lock', () => {
    const input = (random: SeededRandom, owner: number): LockInput => ({ kind: random.pick(['acquire', 'release']), owner })
    const answer = ({ owner, token }: LockState, asked: LockInput): LockOutput => {
      if (asked.kind === 'release') return owner === asked.owner
      return owner === null ? token + 1 : owner === asked.owner ? token : null
    }
    decidesLong({ model: lockModel, answer, input, unknown: 0 })
  })
})
