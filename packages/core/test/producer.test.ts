import { type Producer, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { atEachAtomic, drain, send, write } from './ring-fixture.ts'
import { codeOf, codeOfAsync, type Ticket, ticket, ticketOf } from './support.ts'

const kinds = ['single', 'multi'] as const

function setUp(producers: 'single' | 'multi', capacity = 4) {
  const ring = StructRing.create({ layout: ticket, capacity, producers })
  return { ring, consumer: ring.addConsumer(), producer: ring.producer() }
}

/** Fills a ring to the brim. */
function fill(ring: StructRing<Ticket>, producer: Producer): void {
  for (let number = 0; producer.hasAvailableCapacity(1); number++) send(ring, producer, number)
}

describe.each(kinds)('claiming and filling, by a %s producer', producers => {
  it('publishes what one call fills, and hands over the sequence', () => {
    const { ring, consumer, producer } = setUp(producers)
    const seen: number[] = []
    producer.publishEvent((event, sequence) => {
      seen.push(sequence)
      // Nobody sees it while it is written.
      expect(consumer.available()).toBe(-1)
      event.set(ticketOf(7, 1))
    })
    expect(producer.tryPublishEvent(event => event.set(ticketOf(8, 1)))).toBe(true)
    expect([seen, drain(ring, consumer)]).toEqual([[0], [7, 8]])
  })

  it('publishes a batch together, with an index for each', () => {
    const { ring, consumer, producer } = setUp(producers)
    for (let lap = 0; lap < 6; lap++) {
      const calls: unknown[] = []
      const fillAll = (event: { set(value: Ticket): void }, sequence: number, index: number) => {
        calls.push([sequence, index])
        expect(consumer.available()).toBe(3 * lap - 1)
        event.set(ticketOf(10 * lap + index, 1))
      }
      if (lap % 2 === 0) producer.publishEvents(3, fillAll)
      else expect(producer.tryPublishEvents(3, fillAll)).toBe(true)
      expect(calls).toEqual([0, 1, 2].map(index => [3 * lap + index, index]))
      expect(drain(ring, consumer)).toEqual([0, 1, 2].map(index => 10 * lap + index))
    }
    producer.publishEvents(4, (event, _, index) => event.set(ticketOf(index, 1)))
    expect(drain(ring, consumer)).toEqual([0, 1, 2, 3])
  })

  it('calls nothing and claims nothing when there is no room', () => {
    const { ring, consumer, producer } = setUp(producers)
    send(ring, producer, 0)
    const never = () => {
      throw new Error('called')
    }
    expect(producer.tryPublishEvents(4, never)).toBe(false)
    fill(ring, producer)
    expect(producer.tryPublishEvent(never)).toBe(false)
    expect(codeOf(() => producer.publishEvents(2, never, { timeoutMs: 0 }))).toBe('DX_WOULD_DEADLOCK')
    expect(drain(ring, consumer)).toEqual([0, 0, 1, 2])
    expect(producer.remainingCapacity()).toBe(4)
  })

  it('shows nothing of a call that throws, and goes on', () => {
    const { ring, consumer, producer } = setUp(producers)
    for (const count of [1, 2, 3]) {
      for (let failing = 0; failing < count; failing++) {
        const before = consumer.skipped
        const act = () =>
          producer.publishEvents(count, (event, _, index) => {
            if (index === failing) throw new Error('no')
            event.set(ticketOf(99, 1))
          })
        expect(act).toThrow('no')
        expect(drain(ring, consumer)).toEqual([])
        // One producer takes the claim back; with several others may have claimed behind it, so it is passed and counted.
        expect(consumer.skipped - before).toBe(producers === 'single' ? 0 : count)
        expect(producer.remainingCapacity()).toBe(4)
        send(ring, producer, count)
        expect(drain(ring, consumer)).toEqual([count])
      }
    }
    expect(ring.stats().skipped).toBe(consumer.skipped)
    expect(ring.cursor.get()).toBe(producers === 'single' ? 5 : 5 + 14)
  })

  it('gives back what a full ring of failed calls had claimed', () => {
    const { ring, consumer, producer } = setUp(producers)
    const fail = () => {
      throw new Error('no')
    }
    for (let lap = 0; lap < 3; lap++) {
      expect(() => producer.tryPublishEvents(4, fail)).toThrow('no')
      expect(drain(ring, consumer)).toEqual([])
      expect(producer.remainingCapacity()).toBe(4)
    }
    fill(ring, producer)
    expect(drain(ring, consumer)).toEqual([0, 1, 2, 3])
  })
})

describe('claiming and filling', () => {
  it('by the only producer, before earlier claims are published, is refused without a trace', () => {
    const { ring, consumer, producer } = setUp('single')
    producer.next(2)
    expect(codeOf(() => producer.tryPublishEvent(() => {}))).toBe('DX_SEQUENCE_RANGE')
    expect(producer.remainingCapacity()).toBe(2)
    write(ring, 1, [0, 1])
    producer.publish(0, 1)
    send(ring, producer, 2)
    expect(drain(ring, consumer)).toEqual([0, 1, 2])
  })

  it('publishes once the ring was halted meanwhile, and says so', () => {
    for (const producers of kinds) {
      const { ring, consumer, producer } = setUp(producers)
      const act = () =>
        producer.publishEvent(event => {
          event.set(ticketOf(1, 1))
          ring.halt()
        })
      expect(codeOf(act)).toBe('DX_RING_HALTED')
      ring.reopen()
      send(ring, producer, 2)
      expect(drain(ring, consumer)).toEqual([1, 2])
    }
  })

  it('publishes nothing when the side is closed meanwhile', () => {
    for (const producers of kinds) {
      const { ring, consumer, producer } = setUp(producers)
      expect(codeOf(() => producer.publishEvent(() => producer.close()))).toBe('DX_CLOSED')
      expect(() =>
        ring.producer().publishEvents(2, event => {
          event.set(ticketOf(9, 9))
          throw new Error('no')
        }),
      ).toThrow('no')
      if (producers === 'multi') send(ring, ring.producer(), 1)
      expect(drain(ring, consumer)).toEqual(producers === 'multi' ? [1] : [])
    }
  })
})

describe.each(kinds)('closing a %s producer', producers => {
  it('drops what it had claimed: nobody ever sees it', () => {
    const { ring, consumer, producer } = setUp(producers)
    send(ring, producer, 0)
    const highest = producer.next(2)
    write(ring, highest, [98, 99])
    producer.close()
    producer.close()
    const next = ring.producer()
    const sequence = send(ring, next, 1)
    expect(drain(ring, consumer)).toEqual([0, 1])
    expect([sequence, consumer.skipped]).toEqual(producers === 'single' ? [1, 0] : [3, 2])
  })

  it('ends it: it claims and publishes no more, whatever it is asked', async () => {
    const { ring, consumer, producer } = setUp(producers, 8)
    producer.next(3)
    producer.close()
    const next = ring.producer()
    const first = next.next(2)
    const sides = () => [
      codeOf(() => producer.tryNext()),
      codeOf(() => producer.next(1, { timeoutMs: 0 })),
      codeOf(() => producer.publish(0, 2)),
      codeOf(() => producer.publish(0)),
      codeOf(() => producer.tryPublishEvent(() => {})),
    ]
    expect(sides()).toEqual(new Array(5).fill('DX_CLOSED'))
    expect(await codeOfAsync(producer.nextAsync())).toBe('DX_CLOSED')
    // Asking how much room there is brings nothing back to life.
    producer.remainingCapacity()
    producer.hasAvailableCapacity(1)
    expect(sides()).toEqual(new Array(5).fill('DX_CLOSED'))
    write(ring, first, [0, 1])
    next.publish(first - 1, first)
    expect(drain(ring, consumer)).toEqual([0, 1])
  })

  it('frees its sleeping place', () => {
    const { ring, producer } = setUp(producers, 2)
    const { handle } = ring.addConsumer()
    fill(ring, producer)
    ring.attachConsumer(handle).handle
    const before = ring.parkingLot.stats().threads
    producer.close()
    expect(ring.parkingLot.stats().threads).toBeLessThanOrEqual(before)
  })
})

describe('a claim of several producers', () => {
  it('survives every other claim that comes between its steps, with no slot given out twice', () => {
    for (const count of [1, 2, 3])
      for (const other of [1, 2]) {
        let interrupted = true
        for (let operation = 0; interrupted; operation++) {
          interrupted = false
          const { ring, consumer, producer } = setUp('multi', 8)
          const second = ring.producer()
          let mine = -1
          let theirs = -1
          atEachAtomic(
            () => {
              mine = producer.tryNext(count)
            },
            now => {
              if (now !== operation) return
              interrupted = true
              theirs = second.tryNext(other)
            },
          )
          if (theirs < 0) continue
          expect(new Set([mine - count + 1, theirs - other + 1])).toEqual(new Set([0, mine > theirs ? other : count]))
          write(ring, mine, [1, 2, 3].slice(0, count))
          write(ring, theirs, [4, 5].slice(0, other))
          producer.publish(mine - count + 1, mine)
          second.publish(theirs - other + 1, theirs)
          expect(drain(ring, consumer).length).toBe(count + other)
        }
      }
  })
})
