import { type SeededRandom, withSeed } from '@disruptorx/testkit'
import {
  checkLinearizable,
  keyValueModel,
  type LinearizabilityViolation,
  type Operation,
  queueModel,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
  registerModel,
  UNKNOWN,
} from '@disruptorx/testkit/linearizability'
import { describe, expect, it } from 'vitest'
import { at, isLinearizableByBruteForce, lost, makeHistory } from './histories.ts'
import { read, write } from './operations.ts'

type OfRegister = Operation<RegisterInput, RegisterOutput>

function violationOf(operations: readonly OfRegister[]): LinearizabilityViolation<RegisterInput, RegisterOutput> {
  const result = checkLinearizable(registerModel, operations)
  if (result.outcome !== 'violated') throw new Error(`the history is ${result.outcome}`)
  return result.violation
}

/** The first return that no order of what was called until then explains. */
function firstWithoutPlace(history: readonly OfRegister[]): OfRegister | undefined {
  const returned = history.filter(({ output }) => output !== UNKNOWN).sort((a, b) => a.returnedAt - b.returnedAt)
  return returned.find(({ returnedAt: end }) => {
    const until = history.filter(({ calledAt }) => calledAt < end)
    // What returns later may have taken effect or not, but with no other output.
    const open = until.map(operation => (operation.returnedAt > end ? { ...operation, returnedAt: Infinity } : operation))
    return !isLinearizableByBruteForce(registerModel, open)
  })
}

describe('what is said of a bad history', () => {
  it('names the first operation without a place, all that overlapped it, and an order that explains what came before', async () => {
    let violated = 0
    const input = (random: SeededRandom) => (random.chance(0.5) ? read : write(random.below(3)))
    const answer = (state: RegisterValue, { kind }: RegisterInput): RegisterOutput => (kind === 'read' ? state : undefined)
    const check = (random: SeededRandom) => {
      const history = makeHistory(registerModel, answer, { clients: 4, operations: 6, unknown: 0.1, input }, random)
      const wrong = random.below(history.length)
      const operation = history[wrong] as OfRegister
      if (operation.input.kind === 'read' && operation.output !== UNKNOWN) history[wrong] = { ...operation, output: random.below(3) }
      const expected = firstWithoutPlace(history)
      const result = checkLinearizable(registerModel, history)
      expect(result.outcome).toBe(expected === undefined ? 'linearizable' : 'violated')
      if (result.outcome !== 'violated' || expected === undefined) return
      violated++
      const { operation: found, window, order } = result.violation
      expect(found).toBe(expected)
      expect(window).toEqual(history.filter(other => other.calledAt < found.returnedAt && other.returnedAt > found.calledAt))
      expect(order).toEqual(expect.arrayContaining(history.filter(({ returnedAt }) => returnedAt < found.returnedAt)))
      let state: RegisterValue | undefined = null
      for (const [place, next] of order.entries()) {
        expect(order.slice(place + 1).every(later => later.returnedAt > next.calledAt)).toBe(true)
        state = registerModel.step(state as RegisterValue, next.input, next.output)
        expect(state).toBeDefined()
      }
    }
    await withSeed('what is said of bad histories', check, { count: 500 })
    expect(violated).toBeGreaterThan(50)
  })

  it('takes what touches the operation in one moment for overlapping it', () => {
    const [before, bad, after] = [at(0, 4, write(1), undefined), at(4, 8, read, 9), at(8, 9, write(2), undefined)]
    expect(violationOf([before, at(1, 3, read, 1), bad, after, at(9, 10, read, 2)]).window).toEqual([before, bad, after])
  })

  it('names the states before the operation was called, not those while it was under way', () => {
    const { states } = violationOf([at(0, 1, write(1), undefined), at(2, 9, read, 7), at(3, 4, write(2), undefined)])
    expect(states).toEqual(['1'])
  })

  it('names no state that is reached by ways that end before', () => {
    const either = [at(0, 9, write(1), undefined), at(1, 9, write(2), undefined)]
    expect(violationOf([...either, at(10, 11, read, 1), at(12, 13, read, 7)]).states).toEqual(['1'])
  })

  it('names at most 16 states', () => {
    const statesAfter = (pushes: number) => {
      const pushed = Array.from({ length: pushes }, (_, item) => at(item, 9, { kind: 'push', item } as const, undefined))
      const result = checkLinearizable(queueModel, [...pushed, at(10, 11, { kind: 'shift' } as const, 99)])
      return result.outcome === 'violated' ? new Set(result.violation.states).size : undefined
    }
    // As many as there are orders: 6 of three, 24 of four.
    expect([3, 4].map(statesAfter)).toEqual([6, 16])
  })

  it('goes for the part that is bad, though another one was too long to decide', () => {
    const of = (key: string, input: RegisterInput) => ({ ...input, key })
    const hard = Array.from({ length: 12 }, (_, index) => at(index, 100, of('hard', write(index % 11)), undefined))
    const limits = { maxSteps: 100 }
    const undecided = [...hard, at(101, 102, of('hard', read), 99)]
    expect(checkLinearizable(keyValueModel, [...undecided, at(0, 1, of('bad', read), 1)], limits)).toMatchObject({
      outcome: 'violated',
      violation: { part: 'bad' },
    })
    const other = undecided.map(operation => ({ ...operation, input: { ...operation.input, key: 'other' } }))
    expect(checkLinearizable(keyValueModel, [at(0, 1, of('good', read), null), ...undecided, ...other], limits)).toEqual({
      outcome: 'undecided',
      part: 'hard',
      advice: expect.stringMatching(/^key-value hard: 100 steps /),
    })
  })
})

describe('a picture of a bad history', () => {
  it('shows who, what and when, in the order of the calls, and names the part', () => {
    const of = (input: RegisterInput) => ({ ...input, key: 'x' })
    const result = checkLinearizable(keyValueModel, [
      at(6, 20, of(write(3)), undefined),
      at(1, 2, of(write(1)), undefined),
      { client: 'reader', input: of(read), output: 9, calledAt: 5, returnedAt: 10 },
      { client: 'reader', input: of(read), output: UNKNOWN, calledAt: 7, returnedAt: Infinity },
    ])
    expect(result.outcome === 'violated' && result.violation.picture).toBe(
      [
        'key-value x: nothing explains read("x") -> 9',
        'when it was called, the state was 1',
        'the longest order that fits until its return ends with: write("x", 1)',
        '  client reader   [===========]   read("x") -> 9   <-- fits nowhere',
        '  client 6            [========>  write("x", 3)',
        '  client reader           [====>  read("x") -> ?',
        '  [ called  ] returned  < called earlier  > returned later, or never',
      ].join('\n'),
    )
  })

  it('says that nothing took effect before, and what else the state may have been', () => {
    expect(violationOf([at(0, 1, read, 1)]).picture).toContain('the state was null\nnothing else had to take effect until its return\n')
    const either = [at(0, 9, write(1), undefined), at(1, 9, write(2), undefined)]
    expect(violationOf([...either, at(10, 11, read, 3)]).picture).toMatch(/^when it was called, the state was (2 or 1|1 or 2)$/m)
  })

  it('shows the last eight that took effect, and at most forty that overlap, with the bad one', () => {
    const before = Array.from({ length: 9 }, (_, index) => at(index * 2, index * 2 + 1, write(index), undefined))
    const beside = (count: number) => Array.from({ length: count }, (_, index) => at(20 + index, 200, read, 8))
    const few = violationOf([...before, ...beside(39), at(100, 150, read, 99)]).picture.split('\n')
    expect(few[2]).toMatch(/: write\(1\), .*, write\(8\)$/)
    expect(few).toHaveLength(3 + 40 + 1)
    const many = violationOf([...before, ...beside(60), at(100, 150, read, 99)]).picture.split('\n')
    expect(many).toHaveLength(3 + 41 + 1 + 1)
    expect(many.filter(line => line.includes('fits nowhere'))).toHaveLength(1)
    expect(many.at(-2)).toBe('  and 20 more that overlap it')
    for (const line of many.slice(3, -1)) expect(line.length).toBeLessThan(120)
  })

  it('names numbers that JSON does not have', () => {
    const { picture } = violationOf([at(0, 1, write(Number.NaN), undefined), at(2, 3, read, null)])
    expect(picture).toContain('the state was NaN\nthe longest order that fits until its return ends with: write(NaN)\n')
  })
})

describe('a picture of long values', () => {
  it('leaves out their middle, where they are in full beside it', () => {
    const [x, y] = [`begin ${'x'.repeat(3_000)} end`, `begin ${'y'.repeat(3_000)} end`]
    const history = [at(0, 1, write(x), undefined), { ...at(2, 3, read, y), client: 'c'.repeat(3_000) }]
    const { picture, states, operation } = violationOf(history)
    const lines = picture.split('\n')
    expect(lines[0]).toMatch(/^register: nothing explains read\(\) -> "begin y{30,60}…y{10,30} end"$/)
    expect(lines[1]).toMatch(/^when it was called, the state was "begin x{30,60}…x{10,30} end"$/)
    expect(lines[2]).toMatch(/^the longest order that fits until its return ends with: write\("begin x{30,60}…x{10,30} end"\)$/)
    for (const line of lines) expect(line.length).toBeLessThan(200)
    expect([states, operation.output]).toEqual([[JSON.stringify(x)], y])
  })

  it('of 80 characters has them whole', () => {
    const shownOf = (length: number) => violationOf([at(0, 1, read, 'x'.repeat(length - 'read() -> ""'.length))]).picture.split('\n')[0]
    expect(shownOf(80)).toBe(`register: nothing explains read() -> "${'x'.repeat(68)}"`)
    expect(shownOf(81)).toBe(`register: nothing explains read() -> "${'x'.repeat(44)}…${'x'.repeat(23)}"`)
  })

  it('is well formed, and one line for each operation, whatever a client or a model is called', () => {
    const model = { ...registerModel, keyOf: () => '', describe: () => `a\nb ${'\u{1F600}'.repeat(80)}` }
    const result = checkLinearizable(model, [{ ...at(0, 1, read, 9), client: 'line\nbreak' }])
    const lines = result.outcome === 'violated' ? result.violation.picture.split('\n') : []
    expect(lines).toHaveLength(3 + 1 + 1)
    expect(lines[1]).toBe("when it was called, the state was ''")
    expect(lines[3]).toMatch(/^ {2}client line break .* a b /)
    for (const line of lines) expect(line.isWellFormed()).toBe(true)
  })
})

describe('operations that stay open', () => {
  it('may be hundreds at once, and each may have taken effect or not', () => {
    const writers = Array.from({ length: 300 }, (_, index) => lost(index, write(index)))
    const reads = [7, 299, 0, 64].map((value, index) => at(1_000 + 2 * index, 1_001 + 2 * index, read, value))
    expect(checkLinearizable(registerModel, [...writers, ...reads]).outcome).toBe('linearizable')
  })

  it('may be such as cannot take effect at all', () => {
    const neverModel = { ...registerModel, step: (state: RegisterValue, { kind }: RegisterInput) => (kind === 'read' ? state : undefined) }
    expect(checkLinearizable(neverModel, [lost(0, write(1)), at(1, 2, read, null)]).outcome).toBe('linearizable')
    expect(checkLinearizable(neverModel, [at(0, 1, write(1), undefined)]).outcome).toBe('violated')
  })

  it('may be hundreds at once, and only one of them is wrong', () => {
    const readers = Array.from({ length: 300 }, (_, index) => at(index, 1_000 + index, read, index % 2))
    const writes = [at(400, 401, write(0), undefined), at(402, 403, write(1), undefined)]
    expect(checkLinearizable(registerModel, [...readers, ...writes]).outcome).toBe('linearizable')
    const wrong = at(299, 1_299, read, 2)
    expect(violationOf([...readers.with(299, wrong), ...writes]).operation).toBe(wrong)
  })
})
