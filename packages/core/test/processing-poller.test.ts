import { describe, expect, it } from 'vitest'
import { EventPoller } from '../src/processing/event-poller.ts'
import { TicketRing } from './processing-fixture.ts'
import { codeOf, type Ticket } from './support.ts'

describe('an event poller', () => {
  for (const initialSequence of [0, 2 ** 31 - 2, 2 ** 32 - 2])
    it(`says whether there was anything, and whether there will be, from sequence ${initialSequence} on`, () => {
      const tickets = new TicketRing({ initialSequence })
      const after = tickets.ring.addConsumer({ after: [tickets.consumer] })
      const poller = new EventPoller({ ring: tickets.ring, consumer: after })
      const seen: string[] = []
      const handler = (event: Ticket, sequence: number, end: boolean) =>
        void seen.push(`${event.number}@${sequence - initialSequence}${end ? '|' : ''}`)
      expect(poller.poll(handler)).toBe('idle')
      tickets.publish(5)
      expect(poller.poll(handler)).toBe('gating')
      tickets.consumer.available()
      tickets.consumer.advance(initialSequence + 3)
      expect(poller.poll(handler)).toBe('processing')
      expect(seen).toEqual(['0@0', '1@1', '2@2', '3@3|'])
      expect(poller.poll(handler)).toBe('gating')
      tickets.consumer.advance(initialSequence + 4)
      expect([poller.poll(handler), poller.poll(handler)]).toEqual(['processing', 'idle'])
      expect(after.released()).toBe(initialSequence + 4)
    })

  it('says that it is kept waiting by a slot that is claimed and not published', () => {
    const tickets = new TicketRing({ producers: 'multi' })
    const poller = new EventPoller({ ring: tickets.ring })
    const producer = tickets.ring.producer()
    const sequence = producer.tryNext(1)
    expect(poller.poll(() => {})).toBe('gating')
    producer.publish(sequence, sequence)
    expect(poller.poll(() => {})).toBe('processing')
  })

  it('ends a poll after the event at which its handler says so, and after maxBatch', () => {
    const tickets = new TicketRing().publish(6)
    const poller = new EventPoller({ ring: tickets.ring, consumer: tickets.consumer, maxBatch: 4 })
    const seen: string[] = []
    const handler = (event: Ticket, _sequence: number, end: boolean) => {
      seen.push(`${event.number}${end ? '|' : ''}`)
      return event.number !== 1
    }
    const released = Array.from({ length: 3 }, () => [poller.poll(handler), tickets.released])
    expect(released).toEqual([
      ['processing', 2],
      ['processing', 6],
      ['idle', 6],
    ])
    expect(seen).toEqual(['0', '1', '2', '3', '4', '5|'])
    for (const maxBatch of [0, 17, 1.5]) expect(codeOf(() => new EventPoller({ ring: tickets.ring, maxBatch }))).toBe('DX_OPTION')
  })

  it('keeps the event at which its handler threw', () => {
    const tickets = new TicketRing().publish(3)
    const poller = new EventPoller({ ring: tickets.ring, consumer: tickets.consumer })
    const seen: number[] = []
    const handler = (event: Ticket) => {
      seen.push(event.number)
      if (seen.length === 2) throw new Error('bad')
    }
    expect(() => poller.poll(handler)).toThrow('bad')
    expect(tickets.released).toBe(1)
    expect(poller.poll(handler)).toBe('processing')
    expect([seen, tickets.released]).toEqual([[0, 1, 1, 2], 3])
  })

  it('finds nothing when it is polled out of its own handler, and leaves only when the poll is over', () => {
    const tickets = new TicketRing()
    const poller = new EventPoller({ ring: tickets.ring })
    tickets.publish(2)
    const nested: string[] = []
    poller.poll(() => {
      nested.push(poller.poll(() => {}))
      poller.close()
    })
    expect(nested).toEqual(['idle', 'idle'])
    tickets.consumer.close()
    for (let round = 0; round < 3; round++) tickets.publish(16)
    expect(poller.poll(() => {})).toBe('idle')
    poller.close()
  })
})
