import { systemClock } from '@disruptorx/contracts/internal'
import { SeededRandom } from '@disruptorx/testkit'
import {
  checkLinearizable,
  type KeyValueInput,
  keyValueModel,
  type Operation,
  type RegisterOutput,
} from '@disruptorx/testkit/linearizability'

const CLIENTS = 100
const KEYS = 50

/** What clients of one map see that each have one operation under way: it takes effect at some moment between its call and its return. */
function history(count: number): Operation<KeyValueInput, RegisterOutput>[] {
  const random = new SeededRandom(1)
  const values = new Map<string, number>()
  const operations: Operation<KeyValueInput, RegisterOutput>[] = []
  const freeAt = Array.from({ length: CLIENTS }, () => 0)
  const drawn = Array.from({ length: count }, (_, i) => {
    const client = i % CLIENTS
    const calledAt = (freeAt[client] ?? 0) + 1 + random.below(100)
    const takesEffectAt = calledAt + random.float() * 100
    const returnedAt = takesEffectAt + random.float() * 100
    freeAt[client] = returnedAt
    return { client, calledAt, takesEffectAt, returnedAt, key: `k${random.below(KEYS)}`, writes: random.chance(0.5) }
  })
  for (const { client, calledAt, returnedAt, key, writes } of drawn.sort((a, b) => a.takesEffectAt - b.takesEffectAt)) {
    const value = operations.length
    const output = writes ? undefined : (values.get(key) ?? null)
    if (writes) values.set(key, value)
    operations.push({ client, input: writes ? { kind: 'write', key, value } : { kind: 'read', key }, output, calledAt, returnedAt })
  }
  return operations.sort((a, b) => a.calledAt - b.calledAt)
}

/** Operations per second whose linearizability is decided, in one history of that many, of 100 clients on 50 keys. */
export function operationsCheckedPerSecond(count: number): number {
  const operations = history(count)
  const startedNs = systemClock.monotonicNs()
  const { outcome } = checkLinearizable(keyValueModel, operations)
  const seconds = (systemClock.monotonicNs() - startedNs) / 1e9
  if (outcome !== 'linearizable') throw new Error(`a good history is ${outcome}`)
  return count / seconds
}
