import type { EventHandler } from '@disruptorx/contracts'
import { Disruptor, type ReadonlyView } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { messageOf } from './disruptor-support.ts'
import { codeOf, codeOfAsync, type Ticket, ticket, ticketOf } from './support.ts'

type Handler = EventHandler<ReadonlyView<Ticket>>

function make(options: { capacity?: number; onFailure?: (error: Error) => void } = {}): Disruptor<Ticket> {
  return new Disruptor({ layout: ticket, capacity: 16, ...options })
}

describe('a disruptor on one event loop', () => {
  it('hands every event to every handler in order, and shuts down when all of them are handled', async () => {
    const disruptor = make()
    const seen: string[] = []
    const recorder = (name: string): Handler => ({
      onStart: () => seen.push(`${name} starts`),
      onEvent: (event, sequence) => seen.push(`${name} ${event.number}@${sequence}`),
      onShutdown: () => seen.push(`${name} ends`),
    })
    disruptor.handleEventsWith(recorder('a')).then(recorder('b'))
    await disruptor.start()
    const publisher = disruptor.publisher()
    publisher.publish(ticketOf(7, 1))
    publisher.publish(ticketOf(8, 1))
    await disruptor.shutdown()
    expect(seen.filter(line => line.startsWith('a'))).toEqual(['a starts', 'a 7@0', 'a 8@1', 'a ends'])
    expect(seen.filter(line => line.startsWith('b'))).toEqual(['b starts', 'b 7@0', 'b 8@1', 'b ends'])
    expect(seen.indexOf('b 7@0')).toBeGreaterThan(seen.indexOf('a 7@0'))
    expect(codeOf(() => publisher.claim())).toBe('DX_CLOSED')
    expect(codeOf(() => disruptor.publisher())).toBe('DX_CLOSED')
    expect(messageOf(() => disruptor.publishEvent(() => {}))).toBe(
      'the disruptor takes no events: it was shut down; start() it again, and take a new publisher()',
    )
  })

  it('tells the end of a batch, of a quarter of the ring at most, at its last event only', async () => {
    const disruptor = make()
    const ends: boolean[] = []
    disruptor.handleEventsWith({ onEvent: (_event, _sequence, endOfBatch) => ends.push(endOfBatch) })
    const publisher = disruptor.publisher({ burst: 4 })
    for (let number = 0; number < 8; number++) publisher.publish(ticketOf(number, 1))
    await disruptor.start()
    await disruptor.shutdown()
    expect(ends).toEqual([false, false, false, true, false, false, false, true])
  })

  it('carries many times its capacity, with a publisher that waits for room', async () => {
    const disruptor = make({ capacity: 8 })
    let sum = 0
    disruptor.handleEventsWith({
      onEvent(event) {
        sum += event.number
      },
    })
    await disruptor.start()
    const publisher = disruptor.publisher()
    for (let number = 1; number <= 1000; number++) while (!publisher.publish(ticketOf(number, 1))) await publisher.ready()
    await disruptor.shutdown()
    expect(sum).toBe(500_500)
  })

  it('fails for good with what a handler throws: shutdown rejects with it, and publishers are told', async () => {
    const failures: Error[] = []
    const disruptor = make({ capacity: 8, onFailure: error => failures.push(error) })
    const seen: number[] = []
    const fault = new RangeError('no seat 3')
    disruptor.handleEventsWith({
      onEvent(event) {
        if (event.number === 3) throw fault
        seen.push(event.number)
      },
    })
    await disruptor.start()
    const publisher = disruptor.publisher()
    let told = 'nothing'
    for (let number = 0; number < 50; number++) {
      told = await codeOfAsync(publisher.ready())
      if (told !== 'nothing thrown') break
      told = codeOf(() => publisher.publish(ticketOf(number, 1)))
    }
    expect(told).toBe('DX_RING_HALTED')
    await expect(disruptor.shutdown()).rejects.toBe(fault)
    expect([disruptor.failure, failures]).toEqual([fault, [fault]])
    expect(seen).toEqual([0, 1, 2])
  })

  it('ends the wait of shutdown in time or by its signal while a claimed event is not published, and can be asked again', async () => {
    const disruptor = new Disruptor({ layout: ticket, capacity: 8, producers: 'multi' })
    let handled = 0
    disruptor.handleEventsWith({ onEvent: () => void handled++ })
    await disruptor.start()
    const producer = disruptor.ring.producer()
    expect(producer.tryNext(2)).toBe(1)
    producer.publish(0, 0)
    while (handled === 0) await new Promise(resolve => setImmediate(resolve))
    expect(await codeOfAsync(disruptor.shutdown({ timeoutMs: 20 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(disruptor.shutdown({ signal: AbortSignal.timeout(5) }))).toBe('DX_ABORTED')
    expect(handled).toBe(1)
    producer.publish(1, 1)
    await disruptor.shutdown()
    expect(handled).toBe(2)
  })

  it('leaves what it has not handled when it is halted', async () => {
    const disruptor = make()
    let handled = 0
    disruptor.handleEventsWith({ onEvent: () => void handled++ })
    await disruptor.start()
    const publisher = disruptor.publisher()
    publisher.publish(ticketOf(1, 1))
    await disruptor.halt()
    expect(codeOf(() => publisher.flush())).toBe('DX_RING_HALTED')
    await disruptor.close()
    expect(handled).toBe(0)
  })

  it('refuses handlers that are none, set-up after the start, and a shutdown that would lose events', async () => {
    const disruptor = make()
    const handler: Handler = { onEvent() {} }
    expect(codeOf(() => disruptor.handleEventsWith())).toBe('DX_OPTION')
    expect(codeOf(() => disruptor.handleEventsWith((() => {}) as unknown as Handler))).toBe('DX_OPTION')
    const group = disruptor.handleEventsWith(handler)
    expect(await codeOfAsync((async () => await (group as unknown as Promise<unknown>))())).toBe('DX_OPTION')
    disruptor.publisher().publish(ticketOf(1, 1))
    await Promise.resolve()
    expect(await codeOfAsync(disruptor.shutdown())).toBe('DX_NOT_STARTED')
    await disruptor.start()
    expect(messageOf(() => disruptor.handleEventsWith(handler))).toBe(
      'setting up handlers is not possible while the disruptor is running: await add(...) instead',
    )
    expect(codeOf(() => group.then(handler))).toBe('DX_STATE')
    await expect(disruptor.start()).rejects.toThrow('start is not possible while the disruptor is running: it has started already')
    await disruptor.shutdown()
    await disruptor.shutdown()
  })

  it('rejects start with what onStart throws, and ends the others', async () => {
    const disruptor = make()
    const ended: string[] = []
    disruptor.handleEventsWith(
      { onEvent() {}, onShutdown: () => ended.push('first') },
      {
        onStart() {
          throw new Error('no licence')
        },
        onEvent() {},
      },
    )
    await expect(disruptor.start()).rejects.toThrow('no licence')
    expect(ended).toEqual(['first'])
  })
})
