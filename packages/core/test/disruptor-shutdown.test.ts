import { describe, expect, it } from 'vitest'
import { drain } from '../src/disruptor/drain.ts'
import { Publishing } from '../src/disruptor/publishing.ts'
import { RingHaltedError } from '../src/errors.ts'
import { StructRing } from '../src/ring/struct-ring.ts'
import { makeDisruptor, recorder } from './disruptor-support.ts'
import { codeOf, codeOfAsync, ticket, ticketOf } from './support.ts'

describe('a shutdown', () => {
  it('waits for room for what is given out while it waits for room for others', async () => {
    const order: string[] = []
    /** Finds room at its second try. */
    const gathering = (name: string, onReady: () => void) => ({
      pending: 1,
      tries: 0,
      flush() {
        if (++this.tries === 2) this.pending = 0
        return this.pending === 0
      },
      ready: async () => onReady(),
      close() {
        order.push(`${name} closed with ${this.pending}`)
      },
    })
    const ring = StructRing.create({ layout: ticket, capacity: 16 })
    const publishing = new Publishing(ring, () => undefined)
    const late = gathering('late', () => {})
    publishing.add(gathering('early', () => publishing.add(late)))
    await publishing.flush(() => ({}))
    expect(order.slice(0, 2)).toEqual(['early closed with 0', 'late closed with 0'])
    expect(ring.stopped).toBe(true)
  })

  it('waits for what a handler threw where the ring is halted before that is heard of', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 16 })
    let isEnding = false
    const closePublishers = async () => {
      ring.halt()
      setImmediate(() => {
        isEnding = true
        ring.parkingLot.unparkAll()
      })
      throw new RingHaltedError()
    }
    await drain({ ring, isHandled: () => false, isEnding: () => isEnding, closePublishers }, { timeoutMs: 60_000 })
    expect(isEnding).toBe(true)
  })

  it('takes nothing any more from the moment on that it is called, if nothing has to be waited for', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(recorder('handler', seen))
    await disruptor.start()
    const down = disruptor.shutdown()
    expect(codeOf(() => disruptor.publisher().publish(ticketOf(0, 1)))).toBe('DX_CLOSED')
    await down
    expect(seen).toEqual([])
    await disruptor.close()
  })

  it.each([-1, Number.NaN])('with a limit of %d is refused before it has ended anything', async timeoutMs => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    await disruptor.start()
    const publisher = disruptor.publisher()
    expect(await codeOfAsync(disruptor.shutdown({ timeoutMs }))).toBe('DX_OPTION')
    expect([disruptor.state, disruptor.ring.stopped, publisher.publish(ticketOf(0, 1))]).toEqual(['running', false, true])
    await disruptor.shutdown()
    await disruptor.close()
  })
})
