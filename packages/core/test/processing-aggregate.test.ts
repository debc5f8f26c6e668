import type { EventHandler, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { AggregateHandler } from '../src/processing/aggregate-handler.ts'
import { ignoreExceptionHandler } from '../src/processing/exception-handler.ts'
import { drain, ManualClock, settle, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

/** Handlers that write down every call, each under its letter. */
function members(names: string) {
  const calls: string[] = []
  const controls: Record<string, ProcessorControl> = {}
  const handlers = [...names].map(
    (name): EventHandler<Ticket> => ({
      onStart: control => {
        controls[name] = control
        calls.push(`${name} start`)
      },
      onBatchStart: (size, depth) => void calls.push(`${name} batch ${size} ${depth}`),
      onEvent: (event, _sequence, end) => void calls.push(`${name}${event.number}${end ? '|' : ''}`),
      onTimeout: sequence => void calls.push(`${name} timeout ${sequence}`),
      onShutdown: () => void calls.push(`${name} end`),
    }),
  )
  return { calls, controls, handlers }
}

describe('an aggregate handler', () => {
  it('passes every call on to each of its handlers, in order', () => {
    const { calls, handlers } = members('abc')
    const clock = new ManualClock()
    const processor = new TicketRing().publish(2).processor(new AggregateHandler(handlers), { timeoutMs: 5, clock })
    drain(processor)
    clock.advance(5)
    processor.step()
    processor.close()
    const each = (text: string) => ['a', 'b', 'c'].map(name => name + text)
    expect(calls).toEqual([' start', ' batch 2 2', '0', '1|', ' timeout 1', ' end'].flatMap(each))
  })

  it('has no hook before a batch if none of its handlers has one', () => {
    expect(new AggregateHandler([{ onEvent() {} }]).onBatchStart).toBeUndefined()
    expect(codeOf(() => new AggregateHandler([]))).toBe('DX_OPTION')
    expect(codeOf(() => new AggregateHandler([{ onBatch() {} } as never]))).toBe('DX_OPTION')
  })

  it('waits for each promise before the next handler gets the event', async () => {
    const calls: string[] = []
    const slow = (name: string): EventHandler<Ticket> => ({
      async onStart() {
        await settle()
        calls.push(`${name} start`)
      },
      async onEvent(event) {
        await settle()
        calls.push(`${name}${event.number}`)
      },
      async onShutdown() {
        await settle()
        calls.push(`${name} end`)
      },
    })
    const quick = members('b')
    const tickets = new TicketRing().publish(2)
    const handler = new AggregateHandler([slow('a'), ...quick.handlers, slow('c')])
    quick.calls.push = text => calls.push(text)
    const processor = tickets.processor(handler)
    for (let turn = 0; turn < 20; turn++) {
      processor.step()
      await settle()
    }
    await processor.closeAsync()
    expect(calls.filter(call => !call.includes('batch'))).toEqual('a start,b start,c start,a0,b0,c0,a1,b1|,c1,a end,b end,c end'.split(','))
    expect(tickets.released).toBe(2)
  })

  it('shuts down all of them, and then throws the first error', async () => {
    for (const isAsync of [false, true]) {
      const calls: string[] = []
      const failing = (name: string) => ({
        onEvent() {},
        onShutdown() {
          calls.push(name)
          if (isAsync) return Promise.reject(new Error(name))
          throw new Error(name)
        },
      })
      const processor = new TicketRing().processor(new AggregateHandler([failing('a'), failing('b')]))
      processor.start()
      await expect(processor.closeAsync()).rejects.toThrow('a')
      expect(calls).toEqual(['a', 'b'])
    }
  })

  it('keeps an event from handlers after one that throws', () => {
    const { calls, handlers } = members('ab')
    const bad = {
      onEvent(event: Ticket) {
        if (event.number === 0) throw new Error('bad')
      },
    }
    const exceptionHandler = ignoreExceptionHandler({ debug() {}, info() {}, warn() {}, error() {} })
    const [a, b] = handlers
    const processor = new TicketRing()
      .publish(2)
      .processor(new AggregateHandler([a, bad, b] as EventHandler<Ticket>[]), { exceptionHandler })
    drain(processor)
    expect(calls.filter(call => /^.\d/.test(call))).toEqual(['a0', 'a1|', 'b1|'])
  })

  it('releases early what all of them have asked for', () => {
    const earlyReleases = (names: string) => {
      const tickets = new TicketRing().publish(4)
      const { controls, handlers } = members(names)
      const released: number[] = []
      const ask = (name: string, upTo: number) => {
        controls[name]?.release(upTo)
        released.push(tickets.released)
      }
      const asking: EventHandler<Ticket> = {
        onEvent(_event, sequence) {
          if (sequence === 1) ask('a', 1)
          if (sequence !== 2) return
          ask('b', 0)
          ask('b', 2)
          ask('a', 0)
          ask('a', 2)
          ask('a', 9)
          if (names === 'ab') expect(codeOf(() => ask('b', 9))).toBe('DX_SEQUENCE_RANGE')
        },
      }
      const [first, ...others] = handlers
      drain(tickets.processor(new AggregateHandler([{ ...first, ...asking }, ...others])))
      expect(tickets.released).toBe(4)
      return released
    }
    expect(earlyReleases('ab')).toEqual([0, 1, 2, 2, 3, 3])
    expect(earlyReleases('abc')).toEqual([0, 0, 0, 0, 0, 0])
  })
})
