import { handle } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { type Handler, holder, makeDisruptor, messageOfAsync, publishTickets, recorder, settle } from './disruptor-support.ts'
import { codeOf, codeOfAsync } from './support.ts'

const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

/** A handler that remembers the numbers it saw. */
function numbers(): Handler & { seen: number[]; starts: number; ends: number } {
  return {
    seen: [],
    starts: 0,
    ends: 0,
    onStart() {
      this.starts++
    },
    onEvent(event) {
      this.seen.push(event.number)
    },
    onShutdown() {
      this.ends++
    },
  }
}

const range = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)

describe('adding handlers while a disruptor runs', () => {
  it('starts them after the cursor, and nobody else misses an event', async () => {
    const disruptor = makeDisruptor()
    const [first, late] = [numbers(), numbers()]
    disruptor.handleEventsWith(first)
    await disruptor.start()
    await publishTickets(disruptor, 40)
    expect(await disruptor.add({ handlers: [handle(late, { name: 'late' })] })).toEqual(['late'])
    expect(disruptor.sequenceOf('late')).toBe(39)
    await publishTickets(disruptor, 40, 40)
    await disruptor.shutdown()
    expect([first.seen, late.seen]).toEqual([range(0, 80), range(40, 80)])
  })

  it('puts them after others, which may still be behind', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    const slow = holder()
    disruptor.handleEventsWith(handle(slow, { name: 'slow' }))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.add({ handlers: [recorder('late', seen)], dependsOn: ['slow'], name: 'late' })
    await publishTickets(disruptor, 1, 2)
    for (let event = 0; event < 3; event++) {
      await settle()
      expect(seen).toEqual([])
      slow.letGo()
    }
    await disruptor.shutdown()
    expect(seen).toEqual(['late 2'])
  })

  it('works on workers, in groups and for competing ones alike, and under constant publishing', async () => {
    const disruptor = makeDisruptor({ capacity: 64, producers: 'multi' })
    const first = numbers()
    disruptor.handleEventsWith(first)
    await disruptor.start()
    const publishing = publishTickets(disruptor, 5_000)
    const memory = new SharedArrayBuffer(64)
    await disruptor.add({ handlers: [handle(workerHandler(odd, 'Counting', { argument: memory }), { name: 'worker' })] })
    const start = disruptor.sequenceOf('worker') + 1
    await publishing
    await publishTickets(disruptor, 100, 5_000)
    await disruptor.shutdown()
    expect(first.seen).toEqual(range(0, 5_100))
    const [counted = 0] = new Int32Array(memory)
    expect(counted).toBeGreaterThanOrEqual(100)
    expect(counted).toBeLessThanOrEqual(5_100)
    expect(start).toBeGreaterThan(0)
  })

  it('adds nothing when names do not fit, or the ring has no place', async () => {
    const disruptor = makeDisruptor({ maxConsumers: 2 })
    disruptor.handleEventsWith(handle(numbers(), { name: 'a' }))
    await disruptor.start()
    expect(await messageOfAsync(disruptor.add({ handlers: [numbers()], dependsOn: ['z'], name: 'b' }))).toBe(
      "'b' depends on 'z', which does not exist; there are 'b', 'a'",
    )
    expect(await codeOfAsync(disruptor.add({ handlers: [numbers()], name: 'a' }))).toBe('DX_OPTION')
    expect(await codeOfAsync(disruptor.add({ handlers: [numbers(), numbers()] }))).toBe('DX_TABLE_FULL')
    expect(await codeOfAsync(disruptor.add({ handlers: [] }))).toBe('DX_OPTION')
    expect([disruptor.state, disruptor.describe().nodes.length]).toEqual(['running', 1])
    await disruptor.add({ handlers: [numbers()], name: 'b', dependsOn: ['a'] })
    await disruptor.shutdown()
  })

  it('before the start only declares them, and is refused while a start or a stop goes on', async () => {
    const disruptor = makeDisruptor()
    const handler = numbers()
    await disruptor.add({ handlers: [handle(handler, { name: 'a' })] })
    const starting = disruptor.start()
    expect(await messageOfAsync(disruptor.add({ handlers: [numbers()] }))).toBe(
      'add is not possible while the disruptor is starting: wait for that to end',
    )
    await starting
    await publishTickets(disruptor, 1)
    const stopping = disruptor.shutdown()
    await disruptor.closed
    await stopping
    expect([handler.starts, handler.seen]).toEqual([1, [0]])
  })

  it('leaves out a handler that fails in onStart, and the others go on', async () => {
    const disruptor = makeDisruptor()
    const first = numbers()
    disruptor.handleEventsWith(first)
    await disruptor.start()
    const failing: Handler = {
      onStart() {
        throw new Error('no licence')
      },
      onEvent() {},
    }
    expect(await messageOfAsync(disruptor.add({ handlers: [failing] }))).toBe('no licence')
    expect(disruptor.ring.stats().consumers.length).toBe(1)
    await publishTickets(disruptor, 40)
    await disruptor.shutdown()
    expect(first.seen.length).toBe(40)
  })
})

describe('removing handlers while a disruptor runs', () => {
  it('lets each end after the event in hand, and publishers no longer wait for it', async () => {
    const disruptor = makeDisruptor({ capacity: 4 })
    const [stays, slow] = [numbers(), holder()]
    disruptor.handleEventsWith(stays, slow)
    await disruptor.start()
    await publishTickets(disruptor, 4)
    await settle()
    expect(disruptor.ring.remainingCapacity()).toBe(0)
    const removing = disruptor.remove(slow)
    await settle()
    expect(disruptor.ring.remainingCapacity()).toBe(0)
    slow.letGo()
    await removing
    expect([slow.handled, disruptor.ring.remainingCapacity()]).toEqual([1, 4])
    await publishTickets(disruptor, 40, 4)
    await disruptor.shutdown()
    expect(stays.seen).toEqual(range(0, 44))
    expect(codeOf(() => disruptor.sequenceOf(slow))).toBe('DX_UNKNOWN_DEPENDENCY')
  })

  it('calls onShutdown, frees the name, and lets the handler come back', async () => {
    const disruptor = makeDisruptor()
    const handler = numbers()
    disruptor.handleEventsWith(numbers(), handle(handler, { name: 'b' }))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.barrier('b').waitForAsync(1)
    await disruptor.remove('b')
    expect(handler.ends).toBe(1)
    await publishTickets(disruptor, 2, 2)
    await disruptor.add({ handlers: [handle(handler, { name: 'b' })] })
    await publishTickets(disruptor, 2, 4)
    await disruptor.shutdown()
    expect([handler.seen, handler.starts, handler.ends]).toEqual([[0, 1, 4, 5], 2, 2])
  })

  it('refuses one that others come after, with both names, unless they go in the same call', async () => {
    const disruptor = makeDisruptor()
    disruptor
      .handleEventsWith(handle(numbers(), { name: 'journal' }))
      .then(handle(numbers(), { name: 'apply' }))
      .then(handle(numbers(), { name: 'reply' }))
    await disruptor.start()
    expect(await messageOfAsync(disruptor.remove('journal'))).toBe(
      "'journal' cannot be removed: 'apply' comes after it; remove both in one call, or that one first",
    )
    expect(await messageOfAsync(disruptor.remove('journal', 'apply'))).toContain("'reply' comes after it")
    await publishTickets(disruptor, 3)
    await disruptor.remove('apply', 'reply')
    expect(disruptor.describe().nodes.map(({ name }) => name)).toEqual(['journal'])
    expect(disruptor.ring.stats().consumers.length).toBe(1)
    await disruptor.shutdown()
  })

  it('takes a whole group by its name, and before the start and between two runs as well', async () => {
    const disruptor = makeDisruptor()
    const stays = numbers()
    disruptor.handleEventsWith(stays)
    disruptor.group('extra', { handlers: [numbers(), numbers()] })
    await disruptor.remove('extra')
    disruptor.group('extra', { handlers: [numbers(), numbers()] })
    await disruptor.start()
    await publishTickets(disruptor, 3)
    await disruptor.shutdown()
    await disruptor.remove('extra')
    await disruptor.start()
    await publishTickets(disruptor, 20, 3)
    await disruptor.shutdown()
    expect(stays.seen).toEqual(range(0, 23))
    expect(await codeOfAsync(disruptor.remove('extra'))).toBe('DX_UNKNOWN_DEPENDENCY')
  })

  it('ends the worker of a handler', async () => {
    const disruptor = makeDisruptor()
    const memory = new SharedArrayBuffer(64)
    const words = new Int32Array(memory)
    disruptor.handleEventsWith(numbers(), handle(workerHandler(odd, 'Counting', { argument: memory }), { name: 'worker' }))
    await disruptor.start()
    await publishTickets(disruptor, 10)
    await disruptor.barrier('worker').waitForAsync(9)
    await disruptor.remove('worker')
    await publishTickets(disruptor, 40, 10)
    await disruptor.shutdown()
    expect([words[0], words[2], words[3]]).toEqual([10, 1, 1])
  })

  it('in any order with adding, again and again, loses nothing for the others', async () => {
    const disruptor = makeDisruptor({ capacity: 8, maxConsumers: 3 })
    const stays = numbers()
    disruptor.handleEventsWith(stays)
    await disruptor.start()
    const publishing = publishTickets(disruptor, 2_000)
    const changes: Promise<unknown>[] = []
    for (let round = 0; round < 50; round++) {
      const guest = numbers()
      changes.push(disruptor.add({ handlers: [guest], name: `guest ${round}` }), disruptor.remove(`guest ${round}`))
      if (round % 5 === 0) await settle()
    }
    const outcomes = await Promise.allSettled(changes)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    await publishing
    await disruptor.shutdown()
    expect(stays.seen).toEqual(range(0, 2_000))
  })
})
