import type { ProcessorControl } from '@disruptorx/contracts'
import { handle, ParkingLot } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { makeDisruptor, messageOfAsync, settle } from './disruptor-support.ts'
import { ticketOf } from './support.ts'
import { unhandledIn } from './unhandled.ts'

describe('the end of a run', () => {
  it('is not waited for in vain when a handler ends itself during a shutdown', async () => {
    const disruptor = makeDisruptor({ parkingLot: ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY }) })
    const end = Promise.withResolvers<void>()
    let control: ProcessorControl | undefined
    const handler = {
      onStart(given: ProcessorControl) {
        control = given
      },
      onEvent: () => control?.halt(),
      onShutdown: () => end.promise,
    }
    disruptor.handleEventsWith(handle(handler, { maxBatch: 1 }))
    await disruptor.start()
    for (const number of [0, 1]) disruptor.publishEvent(event => event.set(ticketOf(number, 1)))
    let isDown = false
    const down = disruptor.shutdown().then(() => {
      isDown = true
    })
    await settle()
    expect(isDown).toBe(false)
    end.resolve()
    await settle()
    expect(isDown).toBe(true)
    await down
    await disruptor.close()
  })

  it('comes though onFailure throws, whose error nobody swallows', async () => {
    const disruptor = makeDisruptor({
      graceMs: 0,
      onFailure() {
        throw new Error('of onFailure')
      },
    })
    disruptor.handleEventsWith({ onEvent: () => new Promise(() => {}) })
    const unhandled = await unhandledIn('unhandledRejection', async () => {
      await disruptor.start()
      disruptor.publishEvent(event => event.set(ticketOf(0, 1)))
      await settle()
      await disruptor.halt()
    })
    expect([disruptor.state, unhandled]).toEqual(['failed', ['of onFailure']])
    expect(await messageOfAsync(disruptor.closed)).toMatch(/did not end within 0 ms/)
  })

  it('is told to a handler for which the parking lot has no place', async () => {
    const parkingLot = ParkingLot.create({ maxThreads: 1 })
    const parker = parkingLot.parker()
    const disruptor = makeDisruptor({ parkingLot })
    const calls: string[] = []
    disruptor.handleEventsWith({ onStart: () => calls.push('start'), onEvent() {}, onShutdown: () => calls.push('shutdown') })
    await messageOfAsync(disruptor.start())
    expect(await messageOfAsync(disruptor.closed)).toMatch(/all 1 parkers/)
    expect(calls).toEqual(['start', 'shutdown'])
    parker.close()
  })
})
