import type { EventBatch, EventHandler, ProcessorControl } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import type { BatchProcessor } from '../src/processing/batch-processor.ts'
import { drain, ManualClock, TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

const { POSITIVE_INFINITY: forever } = Number

/** Records events as `number`, with a bar after the last of a batch. */
function recorder() {
  const seen: string[] = []
  const handler: EventHandler<Ticket> = { onEvent: (event, _sequence, end) => void seen.push(`${event.number}${end ? '|' : ''}`) }
  return { seen, handler, text: () => seen.join(' ') }
}

describe('a batch processor', () => {
  for (const initialSequence of [0, 2 ** 31 - 3, 2 ** 32 - 3])
    it(`hands over events in order, from sequence ${initialSequence} on, and releases them`, () => {
      const tickets = new TicketRing({ initialSequence, capacity: 4 })
      const sequences: number[] = []
      const { seen, handler } = recorder()
      const onEvent = (event: Ticket, sequence: number, end: boolean) => {
        sequences.push(sequence - initialSequence)
        handler.onEvent(event, sequence, end)
      }
      const processor = tickets.processor({ onEvent }, { maxBatch: 4 })
      expect(processor.step()).toBe(forever)
      for (let round = 0; round < 4; round++) {
        expect(processor.step()).toBe(forever)
        tickets.publish(3)
        expect(processor.step()).toBe(0)
        expect(tickets.released).toBe(3 * (round + 1))
      }
      expect(sequences).toEqual(Array.from({ length: 12 }, (_, i) => i))
      expect(seen.join(' ')).toBe('0 1 2| 3 4 5| 6 7 8| 9 10 11|')
      expect(processor.stats).toMatchObject({ events: 12, batches: 4, exceptions: 0 })
    })

  it('makes batches of at most maxBatch, each with an end, and releases each', () => {
    const tickets = new TicketRing().publish(7)
    const { text, handler } = recorder()
    const released: number[] = []
    const processor = tickets.processor(handler, { maxBatch: 3 })
    while (processor.step() === 0) released.push(tickets.released)
    expect(text()).toBe('0 1 2| 3 4 5| 6|')
    expect(released).toEqual([3, 6, 7])
  })

  it('takes a quarter of the ring at once, if nobody says otherwise', () => {
    const tickets = new TicketRing({ capacity: 16 }).publish(9)
    const { text, handler } = recorder()
    drain(tickets.processor(handler))
    expect(text()).toBe('0 1 2 3| 4 5 6 7| 8|')
  })

  it('tells before each batch how large it is and how much is waiting', () => {
    const tickets = new TicketRing().publish(7)
    const starts: [number, number][] = []
    const processor = tickets.processor({ onEvent() {}, onBatchStart: (size, depth) => starts.push([size, depth]) }, { maxBatch: 3 })
    drain(processor)
    expect(starts).toEqual([
      [3, 7],
      [3, 4],
      [1, 1],
    ])
  })

  it('hands whole batches to a handler of batches, through one object that is empty afterwards', () => {
    const tickets = new TicketRing().publish(5)
    const seen: number[][] = []
    let kept: EventBatch<Ticket> | undefined
    const onBatch = (batch: EventBatch<Ticket>) => {
      const numbers = [...batch].map((_, i) => batch.at(i).number)
      seen.push([batch.first, batch.last, batch.length, ...numbers, ...Array.from(batch, event => event.number)])
      expect(codeOf(() => batch.at(batch.length))).toBe('DX_SEQUENCE_RANGE')
      expect(codeOf(() => batch.at(-1))).toBe('DX_SEQUENCE_RANGE')
      expect(kept ?? batch).toBe(batch)
      kept = batch
    }
    const processor = tickets.processor({ onBatch }, { maxBatch: 3 })
    drain(processor)
    expect(seen).toEqual([
      [0, 2, 3, 0, 1, 2, 0, 1, 2],
      [3, 4, 2, 3, 4, 3, 4],
    ])
    expect(kept?.length).toBe(0)
    expect([...(kept ?? [])]).toEqual([])
    expect(codeOf(() => kept?.at(0))).toBe('DX_SEQUENCE_RANGE')
  })

  it('asks for the size of each batch, and tells how long it took', () => {
    const tickets = new TicketRing().publish(9)
    const clock = new ManualClock()
    const sizes = [2, 0, Number.NaN, 100, 3]
    const records: number[][] = []
    const batchSize = { next: () => sizes.shift() ?? 1, record: (events: number, ns: number) => void records.push([events, ns]) }
    const { text, handler } = recorder()
    const onEvent = (event: Ticket, sequence: number, end: boolean) => {
      clock.advance(0.001)
      handler.onEvent(event, sequence, end)
    }
    const processor = tickets.processor({ onEvent }, { batchSize, clock, maxBatch: 4 })
    drain(processor)
    expect(text()).toBe('0 1| 2| 3| 4 5 6 7| 8|')
    expect(records).toEqual([
      [2, 2000],
      [1, 1000],
      [1, 1000],
      [4, 4000],
      [1, 1000],
    ])
  })

  it('refuses what is no handler, both kinds of handler at once, and numbers out of range', () => {
    const tickets = new TicketRing()
    const both = { onEvent() {}, onBatch() {} }
    for (const handler of [{}, both, undefined, null, () => {}, { onEvent: 1 }])
      expect(codeOf(() => tickets.processor(handler as never))).toBe('DX_OPTION')
    for (const maxBatch of [0, 17, 1.5, Number.NaN])
      expect(codeOf(() => tickets.processor({ onEvent() {} }, { maxBatch }))).toBe('DX_OPTION')
    for (const timeoutMs of [0, -1, Number.NaN, forever, 2 ** 31])
      expect(codeOf(() => tickets.processor({ onEvent() {} }, { timeoutMs }))).toBe('DX_OPTION')
  })
})

describe('the time-out of a processor', () => {
  it('is called when nothing came for so long, again and again, and begins anew with each event', () => {
    const tickets = new TicketRing()
    const clock = new ManualClock()
    const calls: number[] = []
    const processor = tickets.processor({ onEvent() {}, onTimeout: sequence => void calls.push(sequence) }, { timeoutMs: 10, clock })
    expect(processor.step()).toBe(10)
    clock.advance(4)
    expect(processor.step()).toBe(6)
    tickets.publish(2)
    expect(processor.step()).toBe(0)
    clock.advance(9)
    expect(processor.step()).toBe(10)
    clock.advance(9.5)
    expect(processor.step()).toBe(0.5)
    expect(calls).toEqual([])
    clock.advance(0.5)
    expect(processor.step()).toBe(10)
    clock.advance(25)
    expect(processor.step()).toBe(10)
    expect(calls).toEqual([1, 1])
    expect(processor.stats.timeouts).toBe(2)
  })
})

describe('starting and ending a processor', () => {
  function lifecycle(tickets = new TicketRing()) {
    const calls: string[] = []
    let control: ProcessorControl | undefined
    const handler = {
      onStart: (given: ProcessorControl) => {
        control = given
        calls.push('start')
      },
      onEvent: (event: Ticket) => void calls.push(`${event.number}`),
      onShutdown: () => void calls.push('end'),
    }
    return { tickets, calls, handler, processor: tickets.processor(handler, { maxBatch: 2 }), control: () => control }
  }

  it('calls each hook once, however often it is started and closed', () => {
    const { tickets, calls, processor } = lifecycle()
    processor.start()
    processor.start()
    tickets.publish(1)
    drain(processor)
    processor.close()
    processor.close()
    processor.start()
    tickets.publish(1)
    expect(processor.step()).toBe(forever)
    expect(calls).toEqual(['start', '0', 'end'])
    expect(processor.ended).toBe(true)
  })

  it('starts by itself at the first step', () => {
    const { tickets, calls, processor } = lifecycle()
    tickets.publish(1)
    expect(processor.step()).toBe(0)
    expect(calls).toEqual(['start', '0'])
  })

  it('calls no hook when it was halted or closed before it was started', () => {
    for (const end of ['halt', 'close'] as const) {
      const { tickets, calls, processor } = lifecycle()
      processor[end]()
      tickets.publish(1)
      processor.start()
      expect(processor.step()).toBe(forever)
      processor.close()
      expect([calls, tickets.released, processor.ended]).toEqual([[], 0, true])
    }
  })

  it('handles nothing once it was halted out of onStart', () => {
    const tickets = new TicketRing().publish(1)
    const calls: string[] = []
    const processor = tickets.processor({
      onStart: control => control.halt(),
      onEvent: () => calls.push('event'),
      onShutdown: () => calls.push('end'),
    })
    expect(processor.step()).toBe(forever)
    processor.close()
    expect(calls).toEqual(['end'])
  })

  it('finishes the batch in hand when its handler halts it, and handles nothing more', () => {
    const { tickets, calls, handler, processor, control } = lifecycle()
    const inner = handler.onEvent
    handler.onEvent = event => {
      if (event.number === 2) control()?.halt()
      inner(event)
    }
    tickets.publish(6)
    while (!processor.ended) processor.step()
    expect([calls, tickets.released]).toEqual([['start', '0', '1', '2', '3'], 4])
    processor.close()
    expect(calls.at(-1)).toBe('end')
  })

  it('calls onShutdown after the batch, not within, when its handler closes it', () => {
    const { tickets, calls, handler, processor } = lifecycle()
    const inner = handler.onEvent
    handler.onEvent = event => {
      if (event.number === 0) processor.close()
      inner(event)
    }
    tickets.publish(6)
    processor.step()
    expect([calls, tickets.released]).toEqual([['start', '0', '1', 'end'], 2])
  })

  it('does nothing when its own handler steps it', () => {
    const tickets = new TicketRing().publish(3)
    const seen: number[] = []
    const returned: number[] = []
    const processor: BatchProcessor<Ticket> = tickets.processor({
      onEvent(event) {
        seen.push(event.number)
        returned.push(processor.step())
      },
    })
    drain(processor)
    expect([seen, returned]).toEqual([
      [0, 1, 2],
      [forever, forever, forever],
    ])
  })

  it('lets its handler publish into the ring that it reads', () => {
    const tickets = new TicketRing({ capacity: 8 }).publish(2)
    const seen: string[] = []
    const processor = tickets.processor({
      onEvent(event, _sequence, end) {
        seen.push(`${event.number}${end}`)
        if (event.number < 3) tickets.publish(1)
      },
    })
    drain(processor)
    expect(seen).toEqual(['0false', '1true', '2false', '3true', '4true'])
  })

  it('wakes whoever sleeps when it is halted', () => {
    const tickets = new TicketRing()
    const processor = tickets.processor({ onEvent() {} })
    processor.step()
    const parker = tickets.ring.parkingLot.parker()
    parker.raise()
    processor.halt()
    parker.park(forever)
    parker.close()
    expect(processor.ended).toBe(true)
  })
})

describe('early release', () => {
  it('frees slots within a batch, for handlers of events and of batches', () => {
    const tickets = new TicketRing().publish(8)
    let control: ProcessorControl | undefined
    const released: number[] = []
    const onStart = (given: ProcessorControl) => {
      control = given
    }
    const byEvent = tickets.processor(
      {
        onStart,
        onEvent(_event, sequence) {
          if (sequence % 2 === 1) control?.release(sequence)
          released.push(tickets.released)
        },
      },
      { maxBatch: 4 },
    )
    byEvent.step()
    expect(released).toEqual([0, 2, 2, 4])
    expect(byEvent.stats.events).toBe(4)
    const byBatch = tickets.processor(
      {
        onStart,
        onBatch(batch) {
          control?.release(batch.first)
          control?.release(batch.first)
          released.push(tickets.released)
        },
      },
      { maxBatch: 4 },
    )
    byBatch.step()
    expect(released.at(-1)).toBe(5)
    expect([tickets.released, byBatch.stats.events]).toEqual([8, 4])
  })

  it('refuses to release what is not of the batch in hand', () => {
    const tickets = new TicketRing().publish(6)
    let control: ProcessorControl | undefined
    const codes: string[] = []
    const attempt = (sequence: number) => codes.push(codeOf(() => control?.release(sequence)))
    const processor = tickets.processor(
      {
        onStart(given) {
          control = given
        },
        onEvent(_event, sequence) {
          if (sequence !== 3) return
          for (const asked of [0, 4, 3.5, Number.NaN]) attempt(asked)
          attempt(3)
          attempt(2)
        },
      },
      { maxBatch: 2 },
    )
    processor.step()
    expect(codeOf(() => control?.release(2))).toBe('DX_SEQUENCE_RANGE')
    processor.step()
    expect(codes).toEqual([...Array.from({ length: 4 }, () => 'DX_SEQUENCE_RANGE'), 'nothing thrown', 'DX_SEQUENCE_RANGE'])
    expect(tickets.released).toBe(4)
  })
})
