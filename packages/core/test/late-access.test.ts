import type { ProcessorControl } from '@disruptorx/contracts'
import { Disruptor, EventPoller, eventBatches, handle, type ReadonlyView, StructRing } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { makeDisruptor, publishTickets, publishToFailing } from './disruptor-support.ts'
import { send } from './ring-fixture.ts'
import { codeOf, codeOfAsync, type Ticket, ticket } from './support.ts'

const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

type Event = ReadonlyView<Ticket>

/** What the use of each event says. */
const uses = (events: readonly Event[]) => events.map(event => codeOf(() => event.number))

describe('a ring for development', () => {
  it('finds the use of every event that a handler has kept, the last one of a batch, too', async () => {
    const disruptor = makeDisruptor({ development: true })
    const kept: Event[] = []
    const copies: Ticket[] = []
    disruptor.handleEventsWith({
      onEvent(event) {
        kept.push(event)
        copies.push(event.copy())
      },
    })
    await publishTickets(disruptor, 3)
    await disruptor.start()
    await disruptor.shutdown()
    expect(uses(kept)).toEqual(['DX_LATE_ACCESS', 'DX_LATE_ACCESS', 'DX_LATE_ACCESS'])
    expect(copies.map(({ number }) => number)).toEqual([0, 1, 2])
  })

  it('finds it in batches, polls and loops over batches', async () => {
    const kept: Event[] = []
    const disruptor = makeDisruptor({ development: true })
    disruptor.handleEventsWith({ onBatch: batch => void kept.push(...batch) })
    await publishTickets(disruptor, 2)
    await disruptor.start()
    await disruptor.shutdown()
    const ring = StructRing.create({ layout: ticket, capacity: 8, development: true })
    const poller = new EventPoller({ ring })
    const loop = eventBatches(ring)
    const producer = ring.producer()
    for (const number of [0, 1]) send(ring, producer, number)
    poller.poll(event => void kept.push(event))
    const { value } = await loop.next()
    for (const event of value ?? []) kept.push(event)
    expect(uses(kept.slice(-1))).toEqual(['nothing thrown'])
    await loop.return?.()
    expect(uses(kept)).toEqual(new Array(6).fill('DX_LATE_ACCESS'))
  })

  it('leaves a handler the event in hand when it releases those before, and ends it when it releases that one', async () => {
    const disruptor = makeDisruptor({ development: true })
    const said: string[] = []
    let control: ProcessorControl | undefined
    disruptor.handleEventsWith({
      onStart(given) {
        control = given
      },
      onEvent(event, sequence) {
        if (sequence === 0) return
        control?.release(0)
        said.push(codeOf(() => event.number))
        control?.release(1)
        said.push(codeOf(() => event.number))
      },
    })
    await publishTickets(disruptor, 2)
    await disruptor.start()
    await disruptor.shutdown()
    expect(said).toEqual(['nothing thrown', 'DX_LATE_ACCESS'])
  })

  it('has an asynchronous handler keep its event until its promise settles', async () => {
    const disruptor = makeDisruptor({ development: true })
    const seen: number[] = []
    disruptor.handleEventsWith({
      async onEvent(event) {
        await new Promise(resolve => setImmediate(resolve))
        seen.push(event.number)
      },
    })
    await publishTickets(disruptor, 3)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen).toEqual([0, 1, 2])
  })
})

describe('a handler on a worker that keeps an event', () => {
  it.each([
    ['and reads it with the next', 2],
    ['that was the last one, and reads it later', 1],
  ])('%s is told so', async (_, events) => {
    const disruptor = makeDisruptor({ development: true })
    const argument = new SharedArrayBuffer(64)
    disruptor.handleEventsWith(handle(workerHandler(odd, 'keeping', { argument }), { timeoutMs: 1 }))
    await disruptor.start()
    await publishToFailing(disruptor, events)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_LATE_ACCESS')
    expect(disruptor.failure?.message).toMatch(/^number of an event was used too late.*copy\(\)/)
    expect(new Int32Array(argument)[0]).toBe(0)
  })

  it('reads what is there by then, where the ring is not for development', async () => {
    const disruptor = new Disruptor({ layout: ticket, capacity: 8 })
    const argument = new SharedArrayBuffer(64)
    disruptor.handleEventsWith(workerHandler(odd, 'keeping', { argument }))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.shutdown()
    expect([new Int32Array(argument)[0], disruptor.ring.handle.development]).toEqual([2, false])
  })
})
