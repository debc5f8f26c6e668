import { StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { drain, offsetsOf, send, write } from './ring-fixture.ts'
import { codeOf, ticket } from './support.ts'

describe.each(['single', 'multi'] as const)('a sequencer for a %s producer', producers => {
  function setUp(capacity = 4, options: { initialSequence?: number; maxConsumers?: number } = {}) {
    const ring = StructRing.create({ layout: ticket, capacity, producers, ...options })
    return { ring, consumer: ring.addConsumer(), producer: ring.producer() }
  }

  it('starts before its first sequence, with all of its room', () => {
    const { ring, consumer, producer } = setUp(8)
    expect([ring.cursor.get(), ring.remainingCapacity(), producer.remainingCapacity()]).toEqual([-1, 8, 8])
    expect([consumer.next, consumer.available(), consumer.released(), consumer.skipped]).toEqual([0, -1, -1, 0])
    expect(ring.stats()).toEqual({
      capacity: 8,
      cursor: -1,
      remaining: 8,
      consumers: [{ index: 0, released: -1, lag: 0 }],
      waits: 0,
      dropped: 0,
      skipped: 0,
      fallbackWakes: 0,
    })
    expect(producer.tryNext()).toBe(0)
  })

  it('claims one or many, and returns the highest of them', () => {
    const { producer } = setUp(16)
    expect([producer.tryNext(), producer.tryNext(4), producer.next(2), producer.next(), producer.tryNext(8)]).toEqual([0, 4, 6, 7, 15])
  })

  it('reuses slots lap after lap, however the batches lie across the end', () => {
    const { ring, consumer, producer } = setUp(4)
    let number = 0
    for (let lap = 0; lap < 30; lap++) {
      const count = 1 + (lap % 4)
      const numbers = Array.from({ length: count }, () => number++)
      const highest = producer.next(count)
      write(ring, highest, numbers)
      producer.publish(highest - count + 1, highest)
      expect(drain(ring, consumer)).toEqual(numbers)
      expect(ring.get(highest).offset).toBe(ring.offsetOf(highest % 4))
    }
  })

  it('refuses to wrap past what was not released, slot by slot', () => {
    const { ring, consumer, producer } = setUp(4)
    for (let number = 0; number < 4; number++) send(ring, producer, number)
    for (let released = 0; released < 9; released++) {
      expect([producer.tryNext(), producer.tryNext(4)]).toEqual([-1, -1])
      expect([producer.remainingCapacity(), producer.hasAvailableCapacity(1), ring.stats().remaining]).toEqual([0, false, 0])
      consumer.available()
      consumer.advance(released)
      expect([producer.remainingCapacity(), producer.hasAvailableCapacity(1), producer.hasAvailableCapacity(2)]).toEqual([1, true, false])
      expect(producer.tryNext(2)).toBe(-1)
      expect(send(ring, producer, released + 4)).toBe(released + 4)
    }
  })

  it('moves nothing by being asked for room', () => {
    const { ring, consumer, producer } = setUp(16)
    for (let look = 0; look < 3; look++) {
      expect([producer.hasAvailableCapacity(16), producer.hasAvailableCapacity(17), producer.remainingCapacity()]).toEqual([
        true,
        false,
        16,
      ])
      expect([ring.cursor.get(), consumer.available()]).toEqual([-1, -1])
    }
    expect(producer.next(16)).toBe(15)
  })

  it('counts down its room as slots are claimed, not as they are published', () => {
    const { ring, consumer, producer } = setUp(8)
    producer.next(3)
    expect(producer.remainingCapacity()).toBe(5)
    producer.publish(0, 2)
    expect([producer.remainingCapacity(), ring.remainingCapacity()]).toEqual([5, 5])
    consumer.available()
    consumer.advance(0)
    expect([producer.remainingCapacity(), ring.remainingCapacity()]).toEqual([6, 6])
  })

  it.each([0, -1, -(2 ** 32), 5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 1, 2 ** 53])(
    'refuses a batch of %d in every way to claim one, with nothing claimed or published',
    count => {
      const { ring, consumer, producer } = setUp(4)
      const never = () => {
        throw new Error('called')
      }
      expect(codeOf(() => producer.tryNext(count))).toBe('DX_OPTION')
      expect(codeOf(() => producer.next(count))).toBe('DX_OPTION')
      expect(codeOf(() => producer.tryPublishEvents(count, never))).toBe('DX_OPTION')
      expect(codeOf(() => producer.publishEvents(count, never))).toBe('DX_OPTION')
      expect([ring.cursor.get(), consumer.available(), producer.remainingCapacity()]).toEqual([-1, -1, 4])
      expect(producer.tryNext(4)).toBe(3)
    },
  )

  it('refuses to publish what was not claimed, and what was published', () => {
    const { ring, consumer, producer } = setUp(8)
    const refused = (lo: number, hi?: number) => expect(codeOf(() => producer.publish(lo, hi))).toBe('DX_SEQUENCE_RANGE')
    refused(0)
    producer.next(3)
    for (const [lo, hi] of [[-1], [3], [0, 3], [-1, 0], [1, 0], [0, -1], [0, Number.NaN], [Number.NaN, 2], [Number.NaN]] as const)
      refused(lo as number, hi)
    expect(consumer.available()).toBe(-1)
    write(ring, 2, [0, 1, 2])
    producer.publish(0)
    refused(0)
    refused(0, 1)
    expect(drain(ring, consumer)).toEqual([0])
    producer.publish(1, 2)
    expect(drain(ring, consumer)).toEqual([1, 2])
    refused(2)
    refused(3)
  })

  it('waits for the slowest of its consumers, whichever that is', () => {
    const { ring, consumer: a, producer } = setUp(4)
    const [b, c] = [ring.addConsumer(), ring.addConsumer()]
    for (let number = 0; number < 4; number++) send(ring, producer, number)
    for (const slowest of [a, b, c]) {
      const cursor = ring.cursor.get()
      for (const other of [a, b, c]) if (other !== slowest) drain(ring, other)
      expect(producer.tryNext()).toBe(-1)
      expect(ring.stats().consumers[slowest.index]).toEqual({ index: slowest.index, released: cursor - 4, lag: 4 })
      drain(ring, slowest)
      for (let number = 0; number < 4; number++) send(ring, producer, number)
    }
    c.close()
    b.close()
    drain(ring, a)
    expect(producer.remainingCapacity()).toBe(4)
  })

  it('takes a consumer in anywhere in the stream, from the cursor on, and waits for it from then on', () => {
    const { ring, consumer, producer } = setUp(4, { maxConsumers: 3 })
    for (let number = 0; number < 10; number++) {
      send(ring, producer, number)
      const late = ring.addConsumer()
      expect([late.next, late.available()]).toEqual([number + 1, number])
      drain(ring, consumer)
      for (let ahead = 1; ahead <= 4; ahead++) send(ring, producer, number + ahead)
      drain(ring, consumer)
      expect(producer.tryNext()).toBe(-1)
      expect(drain(ring, late)).toEqual([1, 2, 3, 4].map(ahead => number + ahead))
      late.close()
      number += 4
    }
  })

  it.each([2 ** 31 - 3, 2 ** 32 - 3, 2 ** 33 - 3, 2 ** 53 - 30])(
    'runs on past sequence %d with the numbers that a late one reads',
    initialSequence => {
      const { ring, consumer, producer } = setUp(2, { initialSequence })
      expect([ring.cursor.get(), consumer.next, producer.remainingCapacity()]).toEqual([initialSequence - 1, initialSequence, 2])
      for (let number = 0; number < 20; number++) {
        const sequence = initialSequence + number
        expect(send(ring, producer, number)).toBe(sequence)
        const there = StructRing.attach(ring.handle)
        expect(there.cursor.get()).toBe(sequence)
        expect(there.stats().consumers).toEqual([{ index: 0, released: sequence - 1, lag: 1 }])
        const late = there.addConsumer()
        expect([late.next, late.available(), late.released()]).toEqual([sequence + 1, sequence, sequence])
        late.close()
        expect(consumer.available()).toBe(sequence)
        expect(drain(ring, consumer)).toEqual([number])
        expect(there.attachConsumer(consumer.handle).next).toBe(sequence + 1)
        expect([there.remainingCapacity(), producer.remainingCapacity()]).toEqual([2, 2])
      }
      producer.close()
      expect(ring.producer().tryNext()).toBe(initialSequence + 20)
    },
  )

  it('lets events be published before anybody reads, and before there is a consumer only unread', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers })
    const producer = ring.producer()
    for (let number = 0; number < 11; number++) send(ring, producer, number)
    expect([ring.remainingCapacity(), producer.remainingCapacity(), ring.stats().remaining]).toEqual([4, 4, 4])
    const consumer = ring.addConsumer()
    for (let number = 11; number < 15; number++) send(ring, producer, number)
    expect(producer.tryNext()).toBe(-1)
    expect(drain(ring, consumer)).toEqual([11, 12, 13, 14])
  })

  it('takes no more events once it is closed, lets what is there be read, and takes them again when reopened', () => {
    const { ring, consumer, producer } = setUp(4)
    send(ring, producer, 0)
    producer.next(1)
    ring.close()
    expect(ring.stopped).toBe(true)
    for (const claim of [() => producer.tryNext(), () => producer.next(), () => producer.tryPublishEvent(() => {})])
      expect(codeOf(claim)).toBe('DX_CLOSED')
    write(ring, 1, [1])
    producer.publish(1)
    expect(drain(ring, consumer)).toEqual([0, 1])
    ring.reopen()
    expect(ring.stopped).toBe(false)
    expect(send(ring, producer, 2)).toBe(2)
    expect(drain(ring, consumer)).toEqual([2])
  })

  it('tells who publishes after it was halted, also what was claimed before, and stays halted when closed', () => {
    const { ring, consumer, producer } = setUp(8)
    const highest = producer.next(2)
    write(ring, highest, [0, 1])
    ring.halt()
    ring.close()
    expect(codeOf(() => producer.publish(0, 1))).toBe('DX_RING_HALTED')
    expect(codeOf(() => producer.tryNext())).toBe('DX_RING_HALTED')
    expect(codeOf(() => producer.next(2, { timeoutMs: 0 }))).toBe('DX_RING_HALTED')
    ring.reopen()
    expect(send(ring, producer, 2)).toBe(2)
    expect(drain(ring, consumer)).toEqual([0, 1, 2])
  })

  it('is the same ring wherever it is attached', () => {
    const { ring, consumer, producer } = setUp(4)
    const there = StructRing.attach(ring.handle, ticket)
    send(ring, producer, 5)
    expect([there.cursor.get(), there.get(0).number, there.remainingCapacity()]).toEqual([0, 5, 3])
    there.close()
    expect(codeOf(() => producer.tryNext())).toBe('DX_CLOSED')
    expect(drain(there, consumer)).toEqual([5])
  })

  it('keeps what many threads write on lines of its own', () => {
    const { ring } = setUp(4)
    const at = offsetsOf(ring)
    for (const word of [at.consumers, at.producers, at.availability, at.slotsByte / 4]) expect(word % 32).toBe(0)
    expect(at.totalBytes).toBe(ring.memory.byteLength)
  })

  it.each([0, 2 ** 31 - 8, 2 ** 31 - 3, 2 ** 31 + 5])('lets a consumer that has left move nothing, at sequence %d', initialSequence => {
    const { ring, consumer, producer } = setUp(8, { initialSequence, maxConsumers: 1 })
    for (let number = 0; number < 8; number++) send(ring, producer, number)
    const last = consumer.available()
    consumer.close()
    const next = ring.addConsumer()
    expect(next.index).toBe(consumer.index)
    for (const sequence of [initialSequence - 1, initialSequence, last - 1, last, last + 1])
      expect(codeOf(() => consumer.advance(sequence))).toBe('DX_CLOSED')
    expect(next.released()).toBe(last)
  })

  it('refuses to let a consumer go that others come after, and goes on waiting for it meanwhile', () => {
    const { ring, consumer: slow, producer } = setUp(4)
    for (let number = 0; number < 4; number++) send(ring, producer, number)
    const late = ring.addConsumer({ after: [slow] })
    expect(codeOf(() => slow.close())).toBe('DX_CONSUMER_IN_USE')
    expect(producer.tryNext()).toBe(-1)
    late.close()
    slow.close()
    expect(producer.tryNext(4)).toBe(7)
  })
})
