import { describe, expect, it } from 'vitest'
import { eventBatches } from '../src/processing/event-batches.ts'
import { settle, TicketRing } from './processing-fixture.ts'
import { codeOf, codeOfAsync } from './support.ts'

/** A ring whose only consumer is the loop's. */
function loopRing(capacity = 8) {
  const tickets = new TicketRing({ capacity })
  const batches = (options = {}) => eventBatches(tickets.ring, { consumer: tickets.consumer, ...options })
  return { tickets, batches }
}

describe('a loop over batches of a ring', () => {
  it('sees every event in order, and ends when the ring is closed and read', async () => {
    const { tickets, batches } = loopRing(16)
    const loop = batches({ maxBatch: 3 })
    tickets.publish(7)
    setTimeout(() => tickets.publish(2), 5)
    setTimeout(() => {
      tickets.publish(1)
      tickets.ring.close()
    }, 10)
    const seen: number[][] = []
    for await (const batch of loop) seen.push(Array.from(batch, event => event.number))
    expect(seen.slice(0, 3)).toEqual([[0, 1, 2], [3, 4, 5], [6]])
    expect(seen.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await loop.next()).toEqual({ done: true, value: undefined })
  })

  it('sees what is published from the call on, also with a consumer of its own', async () => {
    const tickets = new TicketRing({ capacity: 8 }).publish(2)
    const loop = eventBatches(tickets.ring)
    tickets.publish(2)
    tickets.ring.close()
    const seen: number[] = []
    for await (const batch of loop) seen.push(...Array.from(batch, event => event.number))
    expect(seen).toEqual([2, 3])
  })

  it('keeps the slots of a batch until the next one is asked for, and the batch is over then', async () => {
    const { tickets, batches } = loopRing()
    const loop = batches({ maxBatch: 2 })
    tickets.publish(4)
    const { value: batch } = await loop.next()
    expect([tickets.released, batch?.length]).toEqual([0, 2])
    const second = loop.next()
    await settle()
    expect(tickets.released).toBe(2)
    expect((await second).value?.first).toBe(2)
    tickets.publish(4)
    const third = await loop.next()
    expect([tickets.released, third.value?.first, third.value?.length]).toEqual([4, 4, 2])
    await loop.return?.()
  })

  it('leaves the ring when the loop is left, by break or by an error', async () => {
    for (const how of ['break', 'throw']) {
      const { tickets, batches } = loopRing()
      tickets.publish(3)
      const run = async () => {
        for await (const _batch of batches()) {
          if (how === 'break') break
          throw new Error('bad')
        }
      }
      await run().catch(() => {})
      for (let round = 0; round < 3; round++) tickets.publish(8)
    }
  })

  it('leaves the ring by return() even if it never began, or waits, and by the end of its scope', async () => {
    const first = loopRing()
    await first.batches().return?.()
    for (let round = 0; round < 3; round++) first.tickets.publish(8)
    const second = loopRing()
    const loop = second.batches()
    const waiting = loop.next()
    await settle()
    await loop.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    for (let round = 0; round < 3; round++) second.tickets.publish(8)
    const third = loopRing()
    {
      await using _scoped = third.batches()
    }
    for (let round = 0; round < 3; round++) third.tickets.publish(8)
    const fourth = loopRing()
    await expect(fourth.batches().throw?.(new Error('bad'))).rejects.toThrow('bad')
    for (let round = 0; round < 3; round++) fourth.tickets.publish(8)
  })

  it('ends by its signal, before or while it waits, and leaves the ring', async () => {
    for (const when of ['before', 'while']) {
      const { tickets, batches } = loopRing()
      const controller = new AbortController()
      const loop = batches({ signal: controller.signal })
      if (when === 'before') controller.abort(new Error('enough'))
      const code = codeOfAsync(loop.next())
      await settle()
      controller.abort()
      expect(await code).toBe('DX_ABORTED')
      expect(await loop.next()).toEqual({ done: true, value: undefined })
      for (let round = 0; round < 3; round++) tickets.publish(8)
    }
  })

  it('answers calls that are made at once one after the other', async () => {
    const { tickets, batches } = loopRing()
    const loop = batches({ maxBatch: 1 })
    const calls = [loop.next(), loop.next(), loop.next()].map(call => call.then(result => result.value?.first))
    await settle()
    tickets.publish(3)
    expect(await Promise.all(calls)).toEqual([0, 1, 2])
    await loop.return?.()
  })

  it('lets the event loop do other things while there is always a batch', async () => {
    const { tickets, batches } = loopRing()
    let ticks = 0
    const tick = () => {
      ticks++
      immediate = setImmediate(tick)
    }
    let immediate = setImmediate(tick)
    let count = 0
    tickets.publish(1)
    for await (const _batch of batches()) {
      tickets.publish(1)
      if (++count === 200) break
    }
    clearImmediate(immediate)
    expect(ticks).toBeGreaterThan(3)
  })

  it('says who is in the way when others come after its consumer, and checks its options', async () => {
    const { tickets, batches } = loopRing()
    const after = tickets.ring.addConsumer({ after: [tickets.consumer] })
    const loop = batches()
    expect(await codeOfAsync(Promise.resolve(loop.return?.()))).toBe('DX_CONSUMER_IN_USE')
    after.close()
    await loop.return?.()
    for (const maxBatch of [0, 9, Number.NaN]) expect(codeOf(() => batches({ maxBatch }))).toBe('DX_OPTION')
  })
})
