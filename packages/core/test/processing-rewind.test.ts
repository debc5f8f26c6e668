import type { EventBatch, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { eventuallyGiveUpRewind, pausingRewind, RewindableError, simpleRewind } from '../src/processing/rewind.ts'
import { drain, ManualClock, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const { POSITIVE_INFINITY: forever } = Number

/** Throws a batch back at event `bad`, so many times. */
function rewinding(bad: number, times: number) {
  const seen: number[] = []
  let left = times
  const onEvent = (event: Ticket) => {
    seen.push(event.number)
    if (event.number === bad && left-- > 0) throw new RewindableError('not yet')
  }
  return { seen, handler: { onEvent } }
}

describe('a handler that throws its batch back', () => {
  for (const initialSequence of [0, 2 ** 31 - 2, 2 ** 32 - 2])
    it(`gets it again from its start, be it at the first, middle or last event, at sequence ${initialSequence}`, () => {
      for (const [bad, seen] of [
        [0, [0, 0, 0, 1, 2, 3, 4]],
        [1, [0, 1, 0, 1, 0, 1, 2, 3, 4]],
        [2, [0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4]],
        [3, [0, 1, 2, 3, 3, 3, 4]],
        [4, [0, 1, 2, 3, 4, 3, 4, 3, 4]],
      ] as const) {
        const tickets = new TicketRing({ initialSequence }).publish(5)
        const rewound = rewinding(bad, 2)
        const processor = tickets.processor(rewound.handler, { rewind: simpleRewind, maxBatch: 3 })
        drain(processor)
        expect(rewound.seen).toEqual(seen)
        expect(tickets.released).toBe(5)
        expect(processor.stats).toMatchObject({ events: 5, batches: 2, rewinds: 2, exceptions: 0 })
      }
    })

  it('gets a larger batch if more has come meanwhile, and is told again that one begins', () => {
    const tickets = new TicketRing().publish(2)
    const starts: number[] = []
    const { seen, handler } = rewinding(1, 1)
    const processor = tickets.processor({ ...handler, onBatchStart: size => starts.push(size) }, { rewind: simpleRewind })
    expect([processor.step(), tickets.released]).toEqual([0, 0])
    tickets.publish(1)
    drain(processor)
    expect(seen).toEqual([0, 1, 0, 1, 2])
    expect(starts).toEqual([2, 3])
  })

  it('never gets back what it has released', () => {
    const tickets = new TicketRing().publish(4)
    const seen: number[] = []
    let control: ProcessorControl | undefined
    const handler = {
      onStart: (given: ProcessorControl) => {
        control = given
      },
      onEvent(_event: Ticket, sequence: number) {
        seen.push(sequence)
        if (sequence === 1) control?.release(1)
        if (sequence === 3 && seen.length < 8) throw new RewindableError('not yet')
      },
    }
    const processor = tickets.processor(handler, { rewind: simpleRewind })
    processor.step()
    expect(tickets.released).toBe(2)
    drain(processor)
    expect(seen).toEqual([0, 1, 2, 3, 2, 3, 2, 3])
    expect(tickets.released).toBe(4)
  })

  it('gets a batch of batches again', () => {
    const tickets = new TicketRing().publish(3)
    const batches: number[][] = []
    const onBatch = (batch: EventBatch<Ticket>) => {
      batches.push([batch.first, batch.last])
      if (batches.length < 3) throw new RewindableError('not yet')
    }
    drain(tickets.processor({ onBatch }, { rewind: simpleRewind }))
    expect(batches).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
    ])
  })

  it('waits as long as its strategy says, without blocking, and can be halted meanwhile', () => {
    const tickets = new TicketRing().publish(2)
    const clock = new ManualClock()
    const { seen, handler } = rewinding(1, 2)
    const processor = tickets.processor(handler, { rewind: pausingRewind(10), clock })
    expect(processor.step()).toBe(10)
    clock.advance(9)
    expect(processor.step()).toBe(1)
    expect(seen).toEqual([0, 1])
    clock.advance(1)
    expect(processor.step()).toBe(10)
    expect(seen).toEqual([0, 1, 0, 1])
    processor.halt()
    clock.advance(10)
    expect([processor.step(), tickets.released]).toEqual([forever, 0])
    for (const pauseMs of [-1, Number.NaN, forever, 2 ** 31]) expect(codeOf(() => pausingRewind(pauseMs))).toBe('DX_OPTION')
  })

  it('fails like any other where there is no strategy, or the strategy gives up, and then counts anew', () => {
    const tickets = new TicketRing().publish(4)
    expect(codeOf(() => tickets.processor(rewinding(1, 1).handler).step())).toBe('DX_REWINDABLE')
    const { seen, handler } = rewinding(2, 5)
    const asked: number[] = []
    const exceptionHandler = {
      handleEventException(_error: unknown, sequence: number) {
        asked.push(sequence)
        return asked.length === 1 ? ('retry' as const) : ('skip' as const)
      },
      handleOnStartException() {},
      handleOnShutdownException() {},
    }
    const processor = tickets.processor(handler, { rewind: eventuallyGiveUpRewind(3), exceptionHandler })
    drain(processor)
    expect(asked).toEqual([2])
    expect(seen).toEqual([1, 2, 1, 2, 1, 2, 2, 1, 2, 1, 2, 3])
    expect(tickets.released).toBe(4)
    expect(codeOf(() => eventuallyGiveUpRewind(0))).toBe('DX_OPTION')
  })

  it('ends its processor when the strategy answers nonsense', () => {
    for (const answer of [-1, Number.NaN, undefined]) {
      const tickets = new TicketRing().publish(2)
      const processor = tickets.processor(rewinding(1, 1).handler, { rewind: { onRewind: () => answer as number } })
      expect(codeOf(() => processor.step())).toBe('DX_OPTION')
      expect([processor.ended, tickets.released]).toEqual([true, 1])
    }
  })
})
