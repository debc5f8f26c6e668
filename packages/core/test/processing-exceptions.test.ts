import type { EventBatch, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import {
  type EventResponse,
  type ExceptionHandler,
  ExceptionHandlerWrapper,
  ignoreExceptionHandler,
  retryExceptionHandler,
} from '../src/processing/exception-handler.ts'
import { drain, ManualClock, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const { POSITIVE_INFINITY: forever } = Number

/** Answers what it is told to, and writes down what it was asked. */
function answering(answer: EventResponse | ((asked: number) => EventResponse)) {
  const asked: string[] = []
  const exceptionHandler: ExceptionHandler<Ticket> = {
    handleEventException(error, sequence, event, { attempt, last }) {
      asked.push(`${String(error)} at ${sequence}-${last}, event ${event?.number}, attempt ${attempt}`)
      return typeof answer === 'function' ? answer(asked.length) : answer
    },
    handleOnStartException: error => void asked.push(`${String(error)} in onStart`),
    handleOnShutdownException: error => void asked.push(`${String(error)} in onShutdown`),
  }
  return { asked, exceptionHandler }
}

/** Throws at event `bad`, every time or so many times. */
function failing(bad: number, times = forever) {
  const seen: number[] = []
  let left = times
  const onEvent = (event: Ticket) => {
    seen.push(event.number)
    if (event.number === bad && left-- > 0) throw 'bad'
  }
  return { seen, handler: { onEvent } }
}

describe('a handler that throws', () => {
  it('ends its processor by default: what came before is released, and the step throws the very error', () => {
    for (const bad of [0, 2, 3])
      for (const thrown of [new Error('bad'), undefined, null, 0]) {
        const tickets = new TicketRing().publish(4)
        const seen: number[] = []
        const onEvent = (event: Ticket) => {
          seen.push(event.number)
          if (event.number === bad) throw thrown
        }
        const processor = tickets.processor({ onEvent })
        const caught: unknown[] = []
        try {
          processor.step()
        } catch (error) {
          caught.push(error)
        }
        expect(caught).toEqual([thrown])
        expect(caught[0]).toBe(thrown)
        expect([tickets.released, processor.ended, processor.step(), seen.length]).toEqual([bad, true, forever, bad + 1])
        expect(processor.stats).toMatchObject({ exceptions: 1, events: bad, batches: 0 })
      }
  })

  it('loses one event where errors are skipped, at the first, middle and last of a batch, and the batch goes on', () => {
    for (const bad of [0, 1, 3]) {
      const tickets = new TicketRing().publish(6)
      const { seen, handler } = failing(bad)
      const { asked, exceptionHandler } = answering('skip')
      const processor = tickets.processor(handler, { exceptionHandler, maxBatch: 4 })
      processor.step()
      expect(tickets.released).toBe(4)
      drain(processor)
      expect(seen).toEqual([0, 1, 2, 3, 4, 5])
      expect(asked).toEqual([`bad at ${bad}-${bad}, event ${bad}, attempt 1`])
      expect(processor.stats).toMatchObject({ events: 6, batches: 2, exceptions: 1, skipped: 1 })
    }
  })

  it('gets the same event again where errors are retried, at the next step, and releases nothing meanwhile', () => {
    const tickets = new TicketRing().publish(4)
    const { seen, handler } = failing(2, 2)
    const { asked, exceptionHandler } = answering('retry')
    const ends: boolean[] = []
    const onEvent = (event: Ticket, _sequence: number, end: boolean) => {
      ends.push(end)
      handler.onEvent(event)
    }
    const processor = tickets.processor({ onEvent }, { exceptionHandler, maxBatch: 4 })
    expect([processor.step(), tickets.released]).toEqual([0, 0])
    expect([processor.step(), tickets.released]).toEqual([0, 0])
    expect([processor.step(), tickets.released]).toEqual([0, 4])
    expect(seen).toEqual([0, 1, 2, 2, 2, 3])
    expect(ends).toEqual([false, false, false, false, false, true])
    expect(asked).toEqual(['bad at 2-2, event 2, attempt 1', 'bad at 2-2, event 2, attempt 2'])
    expect(processor.stats).toMatchObject({ events: 4, batches: 1 })
  })

  it('can be halted between two tries, and keeps what it did not deal with', () => {
    const tickets = new TicketRing().publish(4)
    const { handler } = failing(2)
    const processor = tickets.processor(handler, { exceptionHandler: answering('retry').exceptionHandler })
    processor.step()
    processor.halt()
    expect([processor.step(), tickets.released, processor.ended]).toEqual([forever, 2, true])
  })

  it('is tried so often and no more', () => {
    const tickets = new TicketRing().publish(2)
    const { seen, handler } = failing(1)
    const { asked, exceptionHandler } = answering('skip')
    drain(tickets.processor(handler, { exceptionHandler: retryExceptionHandler(3, exceptionHandler) }))
    expect(seen).toEqual([0, 1, 1, 1])
    expect(asked).toEqual(['bad at 1-1, event 1, attempt 3'])
    for (const attempts of [0, 1.5, Number.NaN, 1_000_001]) expect(codeOf(() => retryExceptionHandler(attempts))).toBe('DX_OPTION')
  })

  it('ends its processor with what the exception handler throws, or for an answer that is none', () => {
    for (const answer of [
      () => {
        throw new Error('worse')
      },
      () => undefined as never,
      () => Promise.resolve('skip') as never,
    ]) {
      const tickets = new TicketRing().publish(2)
      const processor = tickets.processor(failing(1).handler, { exceptionHandler: answering(answer).exceptionHandler })
      expect(() => processor.step()).toThrow(/worse|must be one of skip/)
      expect([tickets.released, processor.ended]).toEqual([1, true])
    }
  })

  it('fails for the rest of its batch that it has not released, if it takes batches', () => {
    const tickets = new TicketRing().publish(8)
    const { asked, exceptionHandler } = answering('skip')
    let control: ProcessorControl | undefined
    const batches: number[][] = []
    const handler = {
      onStart: (given: ProcessorControl) => {
        control = given
      },
      onBatch(batch: EventBatch<Ticket>) {
        batches.push([batch.first, batch.last])
        if (batch.first === 0) throw 'whole'
        control?.release(batch.first)
        if (batch.first === 3) throw 'rest'
        control?.release(batch.last)
        throw 'nothing'
      },
    }
    const processor = tickets.processor(handler, { exceptionHandler, maxBatch: 3 })
    drain(processor)
    expect(asked).toEqual([
      'whole at 0-2, event 0, attempt 1',
      'rest at 4-5, event 4, attempt 1',
      'nothing at 7-7, event undefined, attempt 1',
    ])
    expect(batches).toEqual([
      [0, 2],
      [3, 5],
      [6, 7],
    ])
    expect(tickets.released).toBe(8)
  })

  it('gets what it has not released of a batch again', () => {
    const tickets = new TicketRing().publish(4)
    const batches: number[][] = []
    let control: ProcessorControl | undefined
    const handler = {
      onStart: (given: ProcessorControl) => {
        control = given
      },
      onBatch(batch: EventBatch<Ticket>) {
        batches.push([batch.first, batch.last])
        control?.release(batch.first)
        if (batch.length > 1) throw 'again'
      },
    }
    drain(tickets.processor(handler, { exceptionHandler: answering('retry').exceptionHandler, maxBatch: 4 }))
    expect(batches).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect(tickets.released).toBe(4)
  })
})

describe('hooks that throw', () => {
  function throwing(hook: string, answer: EventResponse) {
    const tickets = new TicketRing()
    const clock = new ManualClock()
    const calls: string[] = []
    const call = (name: string) => () => {
      calls.push(name)
      if (name === hook) throw 'bad'
    }
    const handler = {
      onStart: call('onStart'),
      onBatchStart: call('onBatchStart'),
      onEvent: call('onEvent'),
      onTimeout: call('onTimeout'),
      onShutdown: call('onShutdown'),
    }
    const { asked, exceptionHandler } = answering(answer)
    const options = { clock, timeoutMs: 5, maxBatch: 2 }
    return { tickets, clock, calls, asked, handler, exceptionHandler, options }
  }

  it('are passed over where the exception handler says so, and no event is lost', () => {
    for (const hook of ['onStart', 'onBatchStart', 'onTimeout', 'onShutdown']) {
      const { tickets, clock, calls, asked, handler, exceptionHandler, options } = throwing(hook, 'skip')
      const processor = tickets.processor(handler, { ...options, exceptionHandler })
      tickets.publish(2)
      processor.step()
      processor.step()
      clock.advance(5)
      expect(processor.step()).toBe(5)
      processor.close()
      expect(calls).toEqual(['onStart', 'onBatchStart', 'onEvent', 'onEvent', 'onTimeout', 'onShutdown'])
      const where = { onBatchStart: 'at 0-0, event undefined, attempt 1', onTimeout: 'at 1-1, event undefined, attempt 1' }[hook]
      expect(asked).toEqual([`bad ${where ?? `in ${hook}`}`])
      expect([tickets.released, processor.stats.exceptions]).toEqual([2, 1])
    }
  })

  it('end the processor by default, which then has released what it dealt with', () => {
    for (const hook of ['onStart', 'onBatchStart', 'onTimeout']) {
      const { tickets, clock, calls, handler, options } = throwing(hook, 'halt')
      const processor = tickets.processor(handler, options)
      if (hook !== 'onTimeout') tickets.publish(2)
      expect(() => {
        processor.step()
        clock.advance(5)
        processor.step()
      }).toThrow('bad')
      expect([processor.ended, tickets.released, calls.at(-1)]).toEqual([true, 0, hook])
      processor.close()
      expect(calls.filter(call => call === 'onShutdown')).toHaveLength(1)
    }
    const { tickets, handler } = throwing('onShutdown', 'halt')
    const processor = tickets.processor(handler)
    processor.step()
    expect(() => processor.close()).toThrow('bad')
    expect(processor.ended).toBe(true)
    processor.close()
  })
})

describe('exception handlers', () => {
  it('can be switched while they are in use', () => {
    const tickets = new TicketRing().publish(3)
    const skip = answering('skip')
    const exceptionHandler = new ExceptionHandlerWrapper<Ticket>()
    const onEvent = (event: Ticket) => {
      if (event.number === 1) exceptionHandler.switchTo(skip.exceptionHandler)
      if (event.number === 2) exceptionHandler.switchTo(answering('halt').exceptionHandler)
      throw event.number
    }
    exceptionHandler.switchTo(skip.exceptionHandler)
    const processor = tickets.processor({ onEvent }, { exceptionHandler })
    expect(() => processor.step()).toThrow()
    expect(skip.asked).toHaveLength(2)
    expect(tickets.released).toBe(2)
    expect(() => new ExceptionHandlerWrapper().handleOnStartException('by default')).toThrow('by default')
    expect(new ExceptionHandlerWrapper().handleEventException('', 1, undefined, { attempt: 1, last: 1 })).toBe('halt')
    expect(() => new ExceptionHandlerWrapper().handleOnShutdownException('by default')).toThrow('by default')
  })

  it('can report every error and go on', () => {
    const lines: string[] = []
    const log = (message: string, fields?: Readonly<Record<string, unknown>>) => void lines.push(`${message}: ${String(fields?.error)}`)
    const tickets = new TicketRing().publish(2)
    const handler = {
      onStart() {
        throw 'start'
      },
      onEvent(event: Ticket) {
        throw event.number
      },
      onShutdown() {
        throw 'end'
      },
    }
    const exceptionHandler = ignoreExceptionHandler({ debug: log, info: log, warn: log, error: log })
    const processor = tickets.processor(handler, { exceptionHandler })
    drain(processor)
    processor.close()
    expect(lines).toEqual([
      'a handler threw in onStart: start',
      'a handler threw; the event is skipped: 0',
      'a handler threw; the event is skipped: 1',
      'a handler threw in onShutdown: end',
    ])
    expect(tickets.released).toBe(2)
  })
})
