import { workerHandler } from '@disruptorx/core/threads'
import { expect, it } from 'vitest'
import { makeDisruptor, messageOfAsync } from './disruptor-support.ts'
import { ticketOf } from './support.ts'
import { unhandledIn } from './unhandled.ts'

const exiting = `data:text/javascript,${encodeURIComponent('export const exiting = { onEvent() { process.exit(3) } }')}`

it('tells that a worker has ended though what takes back its things throws, and whose error that is', async () => {
  const disruptor = makeDisruptor()
  const reclaim = () => {
    throw new Error('of the program')
  }
  disruptor.handleEventsWith(workerHandler(exiting, 'exiting', { rings: [{ reclaim }] }))
  let failure = ''
  const uncaught = await unhandledIn('uncaughtException', async () => {
    await disruptor.start()
    disruptor.publishEvent(event => event.set(ticketOf(0, 1)))
    failure = await messageOfAsync(disruptor.closed)
  })
  expect(failure).toMatch(/exit code 3/)
  expect(uncaught).toEqual(['of the program'])
  await disruptor.close()
})
