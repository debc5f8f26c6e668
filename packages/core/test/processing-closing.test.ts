import { BatchProcessor, StructRing } from '@disruptorx/core'
import { expect, it } from 'vitest'
import { messageOfAsync, settle } from './disruptor-support.ts'
import { send } from './ring-fixture.ts'
import { ticket } from './support.ts'
import { unhandledIn } from './unhandled.ts'

it('waits for onShutdown also when the event in hand fails, and tells the first error of both', async () => {
  const ring = StructRing.create({ layout: ticket, capacity: 8 })
  const [event, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const handler = { onEvent: () => event.promise, onShutdown: () => end.promise }
  const processor = new BatchProcessor({ ring, consumer: ring.addConsumer(), handler })
  send(ring, ring.producer(), 0)
  processor.step()
  let closed = false
  let message = ''
  const unhandled = await unhandledIn('unhandledRejection', async () => {
    const closing = messageOfAsync(processor.closeAsync()).finally(() => {
      closed = true
    })
    event.reject(new Error('of the event'))
    await settle()
    expect(closed).toBe(false)
    end.reject(new Error('of the end'))
    message = await closing
  })
  expect([message, unhandled]).toEqual(['of the event', []])
})
