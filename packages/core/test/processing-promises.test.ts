import type { EventBatch, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it, vi } from 'vitest'
import { ignoreExceptionHandler, retryExceptionHandler } from '../src/processing/exception-handler.ts'
import { pausingRewind, RewindableError } from '../src/processing/rewind.ts'
import { runStep, runStepAsync } from '../src/steps/run-step.ts'
import { ManualClock, settle, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const { POSITIVE_INFINITY: forever } = Number

/** A handler whose events are settled by hand, in any order. */
function manual() {
  const pending: PromiseWithResolvers<void>[] = []
  const seen: number[] = []
  const onEvent = (event: Ticket) => {
    seen.push(event.number)
    const next = Promise.withResolvers<void>()
    pending.push(next)
    return next.promise
  }
  const done = async (error?: unknown) => {
    const next = pending.shift()
    if (error === undefined) next?.resolve()
    else next?.reject(error)
    await settle()
  }
  return { seen, onEvent, done }
}

function pushed(seen: number[], event: Ticket): boolean {
  return seen.push(event.number) > 0
}

const skip = ignoreExceptionHandler({ debug() {}, info() {}, warn() {}, error() {} })

describe('a handler that returns promises', () => {
  it('gets one event after the other, and nothing is released before the batch is dealt with', async () => {
    const tickets = new TicketRing().publish(5)
    const { seen, onEvent, done } = manual()
    const wakes = vi.spyOn(tickets.ring.parkingLot, 'unparkAll')
    const processor = tickets.processor({ onEvent }, { maxBatch: 3 })
    expect([processor.step(), processor.step()]).toEqual([forever, forever])
    for (const count of [1, 2]) {
      expect([seen.length, tickets.released, wakes.mock.calls.length]).toEqual([count, 0, 0])
      await done()
    }
    await done()
    expect([seen, tickets.released]).toEqual([[0, 1, 2], 3])
    expect(wakes).toHaveBeenCalled()
    expect(processor.step()).toBe(forever)
    await done()
    await done()
    expect([seen, tickets.released]).toEqual([[0, 1, 2, 3, 4], 5])
    expect(processor.stats).toMatchObject({ events: 5, batches: 2 })
  })

  it('keeps its event, and its batch, until the promise has settled', async () => {
    const tickets = new TicketRing().publish(4)
    const seen: number[] = []
    let kept: EventBatch<Ticket> | undefined
    const onBatch = async (batch: EventBatch<Ticket>) => {
      kept = batch
      for (const event of batch) {
        await settle()
        seen.push(event.number)
      }
    }
    const processor = tickets.processor({ onBatch }, { maxBatch: 3 })
    processor.step()
    for (let turn = 0; turn < 10; turn++) await settle()
    expect([seen, tickets.released, kept?.length]).toEqual([[0, 1, 2], 3, 0])
  })

  it('may mix both: only what is a promise is waited for', async () => {
    const tickets = new TicketRing().publish(6)
    const seen: number[] = []
    const returned = [undefined, 7, null, Object.defineProperty({}, 'then', { value: 5 }), false, Promise.resolve()]
    const processor = tickets.processor({ onEvent: event => pushed(seen, event) && returned[event.number] }, { maxBatch: 6 })
    expect(processor.step()).toBe(forever)
    expect([seen.length, tickets.released]).toEqual([6, 0])
    await settle()
    expect(tickets.released).toBe(6)
  })

  it('may return a thenable that settles at once, twice, or both ways, or has a then that throws', async () => {
    const thenables: Record<string, (ok: () => void, fail: (error: unknown) => void) => void> = {
      once: ok => ok(),
      twice: ok => {
        ok()
        ok()
      },
      both: (ok, fail) => {
        ok()
        fail('late')
      },
      thenThrows: ok => {
        ok()
        throw 'late'
      },
    }
    for (const [name, answer] of Object.entries(thenables)) {
      const tickets = new TicketRing().publish(3)
      const seen: number[] = []
      const thenable = Object.defineProperty({}, 'then', { value: answer })
      const processor = tickets.processor({ onEvent: event => pushed(seen, event) && thenable })
      expect(processor.step(), name).toBe(forever)
      await settle()
      expect([seen, tickets.released], name).toEqual([[0, 1, 2], 3])
    }
    const tickets = new TicketRing().publish(2)
    const hostile = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('no then')
      },
    })
    expect(() => tickets.processor({ onEvent: () => hostile }).step()).toThrow('no then')
  })

  it('is asked about a rejection as about an error, whatever it is', async () => {
    const tickets = new TicketRing().publish(3)
    const asked: unknown[] = []
    const exceptionHandler = {
      ...skip,
      handleEventException: (error: unknown) => {
        asked.push(error)
        return 'skip' as const
      },
    }
    const rejections = [undefined, 0, new Error('bad')]
    const processor = tickets.processor({ onEvent: event => Promise.reject(rejections[event.number]) }, { exceptionHandler })
    processor.step()
    await settle()
    await settle()
    expect(asked).toEqual(rejections)
    expect(tickets.released).toBe(3)
  })

  it('ends its processor by a rejection: the next step throws it, once', async () => {
    for (const error of [new Error('bad'), undefined]) {
      const tickets = new TicketRing().publish(3)
      const processor = tickets.processor({ onEvent: event => (event.number === 1 ? Promise.reject(error) : undefined) })
      expect(processor.step()).toBe(forever)
      await settle()
      const caught: unknown[] = []
      try {
        processor.step()
      } catch (thrown) {
        caught.push(thrown)
      }
      expect(caught).toEqual([error])
      expect([processor.step(), processor.ended, tickets.released]).toEqual([forever, true, 1])
      await processor.closeAsync()
    }
  })

  it('is tried again, and rewound with a pause, after a rejection', async () => {
    const tickets = new TicketRing().publish(2)
    const clock = new ManualClock()
    const seen: number[] = []
    const errors = [new Error('retry'), new RewindableError('pause')]
    const onEvent = async (event: Ticket) => {
      seen.push(event.number)
      if (event.number === 1 && errors.length > 0) throw errors.shift()
    }
    const processor = tickets.processor({ onEvent }, { clock, rewind: pausingRewind(10), exceptionHandler: retryExceptionHandler(2) })
    expect(processor.step()).toBe(forever)
    await settle()
    expect([processor.step(), seen]).toEqual([forever, [0, 1, 1]])
    await settle()
    expect([processor.step(), seen]).toEqual([10, [0, 1, 1]])
    clock.advance(10)
    expect(processor.step()).toBe(forever)
    await settle()
    expect([seen, tickets.released]).toEqual([[0, 1, 1, 0, 1], 2])
  })

  it('releases early while its promise is pending', async () => {
    const tickets = new TicketRing().publish(2)
    let control: ProcessorControl | undefined
    const { onEvent, done } = manual()
    const onStart = (given: ProcessorControl) => {
      control = given
    }
    tickets.processor({ onStart, onEvent }).step()
    control?.release(0)
    expect(tickets.released).toBe(1)
    await done()
    await done()
    expect(tickets.released).toBe(2)
  })

  it('is driven by an event loop, which sleeps while a promise is pending', async () => {
    const tickets = new TicketRing({ capacity: 64 }).publish(40)
    const parker = tickets.ring.parkingLot.parker()
    const seen: number[] = []
    const onEvent = async (event: Ticket) => {
      if (event.number % 7 === 0) await new Promise(resolve => setTimeout(resolve, 1))
      seen.push(event.number)
      if (event.number === 39) processor.halt()
    }
    const processor = tickets.processor({ onEvent }, { maxBatch: 5 })
    await runStepAsync(processor, { parker, stopped: () => processor.ended })
    await processor.closeAsync()
    parker.close()
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i))
    expect(tickets.released).toBe(40)
  })

  it('is refused on a thread that blocks, whatever the exception handler says', async () => {
    const tickets = new TicketRing().publish(2)
    const parker = tickets.ring.parkingLot.parker()
    const onEvent = (event: Ticket) => (event.number === 1 ? Promise.reject(new Error('unseen')) : undefined)
    const processor = tickets.processor({ onEvent }, { canAwait: false, exceptionHandler: skip })
    expect(codeOf(() => runStep(processor, { parker, stopped: () => false }))).toBe('DX_PROMISE_FORBIDDEN')
    expect([tickets.released, processor.ended]).toEqual([1, true])
    for (const hook of ['onStart', 'onShutdown']) {
      const other = new TicketRing().processor({ onEvent() {}, [hook]: async () => {} }, { canAwait: false, exceptionHandler: skip })
      const codes = codeOf(() => {
        other.start()
        other.close()
      })
      expect([hook, codes]).toEqual([hook, 'DX_PROMISE_FORBIDDEN'])
      expect(other.ended).toBe(true)
    }
    await settle()
  })
})

describe('ending a processor whose handler returned a promise', () => {
  it('deals with the event in hand and no other, then calls onShutdown', async () => {
    const tickets = new TicketRing().publish(4)
    const { seen, onEvent, done } = manual()
    const onShutdown = vi.fn()
    const processor = tickets.processor({ onEvent, onShutdown })
    processor.step()
    await done()
    const closed = processor.closeAsync()
    processor.close()
    await settle()
    expect([seen, onShutdown.mock.calls.length, processor.ended]).toEqual([[0, 1], 0, false])
    await done()
    await closed
    expect([seen, onShutdown.mock.calls.length, tickets.released]).toEqual([[0, 1], 1, 2])
    await processor.closeAsync()
    expect(onShutdown).toHaveBeenCalledOnce()
  })

  it('rejects with what the event in hand is rejected with, and does not lose that otherwise', async () => {
    const tickets = new TicketRing().publish(4)
    const { onEvent, done } = manual()
    const onShutdown = vi.fn()
    const processor = tickets.processor({ onEvent, onShutdown })
    processor.step()
    const closed = processor.closeAsync().catch(String)
    await done('bad')
    expect([await closed, tickets.released, onShutdown.mock.calls.length]).toEqual(['bad', 0, 1])

    const halted = new TicketRing().publish(4)
    const other = manual()
    const processor2 = halted.processor({ onEvent: other.onEvent })
    processor2.step()
    processor2.halt()
    await other.done('worse')
    expect(() => processor2.close()).toThrow('worse')
  })

  it('keeps an event that was to be tried again', async () => {
    const tickets = new TicketRing().publish(4)
    const { seen, onEvent, done } = manual()
    const processor = tickets.processor({ onEvent }, { exceptionHandler: retryExceptionHandler(5) })
    processor.step()
    await done()
    const closed = processor.closeAsync()
    await done('bad')
    await closed
    expect([seen, tickets.released]).toEqual([[0, 1], 1])
  })

  it('waits for onStart before the first event, and for onShutdown at the end', async () => {
    const tickets = new TicketRing().publish(1)
    const calls: string[] = []
    const started = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const processor = tickets.processor({
      onStart: () => started.promise,
      onEvent: () => calls.push('event'),
      onShutdown: () => ended.promise,
    })
    expect([processor.step(), processor.step()]).toEqual([forever, forever])
    await settle()
    expect(calls).toEqual([])
    started.resolve()
    await settle()
    expect([processor.step(), calls]).toEqual([0, ['event']])
    const closed = processor.closeAsync().then(() => calls.push('closed'))
    await settle()
    expect(calls).toEqual(['event'])
    ended.resolve()
    await closed
    expect(calls).toEqual(['event', 'closed'])
  })

  it('asks the exception handler about rejected hooks', async () => {
    const hooks = { onStart: () => Promise.reject('start'), onEvent() {}, onShutdown: () => Promise.reject('end') }
    const fatal = new TicketRing().publish(1).processor(hooks)
    fatal.step()
    await settle()
    expect(() => fatal.step()).toThrow('start')
    expect(await fatal.closeAsync().catch(String)).toBe('end')
    const tickets = new TicketRing().publish(1)
    const lenient = tickets.processor(hooks, { exceptionHandler: skip })
    lenient.step()
    await settle()
    lenient.step()
    await lenient.closeAsync()
    expect([tickets.released, lenient.stats.exceptions]).toEqual([1, 2])
  })

  it('handles nothing if it is halted while onStart is pending', async () => {
    const tickets = new TicketRing().publish(1)
    const seen: string[] = []
    const processor = tickets.processor({
      onStart: settle,
      onEvent: () => seen.push('event'),
      onShutdown: () => seen.push('end'),
    })
    processor.step()
    const closed = processor.closeAsync()
    expect(seen).toEqual([])
    await closed
    expect([seen, processor.ended, processor.step()]).toEqual([['end'], true, forever])
  })
})
