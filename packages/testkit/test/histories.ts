import type { SeededRandom } from '@disruptorx/testkit'
import { type Operation, type SequentialModel, UNKNOWN } from '@disruptorx/testkit/linearizability'

/** An operation by a client of its own, from one moment to another. */
export function at<Input, Output>(calledAt: number, returnedAt: number, input: Input, output: Output): Operation<Input, Output> {
  return { client: calledAt, input, output, calledAt, returnedAt }
}

/** One of which nobody knows what became of it. */
export function lost<Input>(calledAt: number, input: Input): Operation<Input, never> {
  return { client: calledAt, input, output: UNKNOWN, calledAt, returnedAt: Infinity }
}

/** How a history is made up. */
export interface HistoryShape<Input> {
  readonly clients: number
  readonly operations: number
  /** How likely an operation's output is never seen. */
  readonly unknown?: number
  readonly input: (random: SeededRandom, client: number) => Input
}

/** What an object answers: what its model does not say, as it only judges answers. */
export type Answer<State, Input, Output> = (state: State, input: Input) => Output

/**
 * A history of a real object: clients take turns by chance to call, take effect, and return. So it is linearizable. An operation whose output was not
 * seen has taken effect, or has not.
 */
export function makeHistory<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  answer: Answer<State, Input, Output>,
  { clients, operations, unknown = 0, input }: HistoryShape<Input>,
  random: SeededRandom,
): Operation<Input, Output>[] {
  const history: Operation<Input, Output>[] = []
  const parts = new Map<string, State>()
  const pending = new Map<number, { input: Input; calledAt: number; output?: Output; done: boolean }>()
  let moment = 0
  let called = 0
  while (called < operations || pending.size > 0) {
    const client = random.below(clients)
    const now = pending.get(client)
    if (now === undefined) {
      if (called === operations) continue
      called++
      pending.set(client, { input: input(random, client), calledAt: moment++, done: false })
    } else if (!now.done) {
      const lost = random.chance(unknown)
      if (!lost || random.chance(0.5)) {
        const part = model.partOf?.(now.input) ?? ''
        const state = parts.get(part) ?? model.initial
        now.output = answer(state, now.input)
        parts.set(part, model.step(state, now.input, now.output) as State)
      }
      now.done = true
      if (!lost) continue
      history.push({ client, input: now.input, output: UNKNOWN, calledAt: now.calledAt, returnedAt: Infinity })
      pending.delete(client)
    } else {
      history.push({ client, input: now.input, output: now.output as Output, calledAt: now.calledAt, returnedAt: moment++ })
      pending.delete(client)
    }
  }
  return history
}

/** Whether any order of the operations explains them: tried out one by one. Those that never return may be left out, also where their output is known. */
export function isLinearizableByBruteForce<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): boolean {
  const explains = (state: State, left: readonly Operation<Input, Output>[]): boolean => {
    if (left.every(({ returnedAt }) => returnedAt === Infinity)) return true
    return left.some((next, index) => {
      // Whoever returned before it was called has to come first.
      if (left.some(other => other.returnedAt < next.calledAt)) return false
      const after = model.step(state, next.input, next.output)
      return after !== undefined && explains(after, left.toSpliced(index, 1))
    })
  }
  return explains(model.initial, operations)
}
