import { StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { CURSOR } from '../src/sequencer/sequencer-descriptor.ts'
import { atEveryStep, drain, offsetsOf, send, write } from './ring-fixture.ts'
import { codeOf, ticket } from './support.ts'

describe('a sequencer for several producers', () => {
  it('shows exactly the slots that follow each other, in whatever order they are published', () => {
    for (let order = 0; order < 24; order++) {
      const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', initialSequence: 3 })
      const consumer = ring.addConsumer()
      const sides = [0, 1, 2, 3].map(() => ring.producer())
      for (const side of sides) side.next()
      const left = [3, 4, 5, 6]
      const published = new Set<number>()
      for (let choice = order, of = 4; of > 0; choice = Math.floor(choice / of--)) {
        const sequence = left.splice(choice % of, 1)[0] as number
        write(ring, sequence, [sequence])
        sides[sequence - 3]?.publish(sequence)
        published.add(sequence)
        let shown = 2
        while (published.has(shown + 1)) shown++
        expect(consumer.available()).toBe(shown)
      }
      expect(drain(ring, consumer)).toEqual([3, 4, 5, 6])
    }
  })

  it('shows the parts of one claim as they are published, also from the last to the first', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    producer.next(6)
    write(ring, 5, [0, 1, 2, 3, 4, 5])
    producer.publish(4, 5)
    producer.publish(1, 2)
    expect(consumer.available()).toBe(-1)
    producer.publish(0)
    expect(consumer.available()).toBe(2)
    producer.publish(3)
    expect(drain(ring, consumer)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('refuses to publish what lies beyond the claims of this producer', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
    const consumer = ring.addConsumer()
    const [first, second] = [ring.producer(), ring.producer()]
    first.next(2)
    second.next(2)
    expect(codeOf(() => first.publish(1, 2))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => first.publish(2))).toBe('DX_SEQUENCE_RANGE')
    expect(codeOf(() => second.publish(1))).toBe('DX_SEQUENCE_RANGE')
    second.publish(2, 3)
    expect(consumer.available()).toBe(-1)
    first.publish(0, 1)
    expect(consumer.available()).toBe(3)
  })

  it('never shows a burst in part: it is whole once its first slot is published', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    const words = new Int32Array(ring.memory)
    const { availability } = offsetsOf(ring)
    for (let lap = 0; lap < 5; lap++) {
      const highest = producer.next(5)
      producer.publish(highest - 4, highest)
      expect(words[availability + ((highest - 4) & 7)]).toBe(((highest - 4) & ~7) | 4)
      expect(consumer.available()).toBe(highest)
      consumer.advance(highest)
    }
  })

  it('shows no part of a burst in the middle of its publication', () => {
    for (const count of [2, 3, 8])
      atEveryStep(step => {
        const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
        const [consumer, producer] = [ring.addConsumer(), ring.producer()]
        producer.next(count)
        step(
          () => producer.publish(0, count - 1),
          () => expect([-1, count - 1]).toContain(consumer.available()),
        )
        expect(consumer.available()).toBe(count - 1)
      })
  })

  it('claims no slot that another is still writing, though there is no consumer', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })
    const [first, second] = [ring.producer(), ring.producer()]
    first.next(2)
    second.next(2)
    expect(second.tryNext()).toBe(-1)
    second.publish(2, 3)
    expect(second.tryNext()).toBe(-1)
    first.publish(0)
    expect([second.tryNext(2), second.tryNext(1)]).toEqual([-1, 4])
    expect(second.tryNext()).toBe(-1)
    first.publish(1)
    expect(second.tryNext(3)).toBe(7)
  })

  it('makes them wait, for a consumer that joins, for what is being written then, though that is not for it', () => {
    for (const end of ['publishes', 'fails', 'dies'] as const) {
      const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', initialSequence: 2 ** 32 - 2 })
      const first = 2 ** 32 - 2
      const before = ring.addConsumer()
      const [slow, fast] = [ring.producer(), ring.producer()]
      if (end === 'fails') expect(() => slow.publishEvents(1, () => joinAndLeave())).toThrow('no')
      else {
        slow.next()
        joinAndLeave()
        if (end === 'publishes') slow.publish(first)
        else slow.close()
      }

      function joinAndLeave(): never | undefined {
        send(ring, fast, 1)
        const late = ring.addConsumer()
        expect([late.next, late.available(), late.released()]).toEqual([first + 2, first + 1, first - 1])
        before.close()
        late.advance(late.available())
        // It is the only one now: had it released what it does not want, the slot that is being written could be claimed again.
        expect([send(ring, fast, 2), send(ring, fast, 3), fast.tryNext()]).toEqual([first + 2, first + 3, -1])
        const there = ring.attachConsumer(late.handle)
        expect([there.next, there.available(), there.released()]).toEqual([first + 2, first + 1, first - 1])
        there.handle
        if (end === 'fails') throw new Error('no')
      }

      const { index } = ring.stats().consumers[0] as { index: number }
      const late = ring.attachConsumer({ index, after: [] })
      expect([drain(ring, late), late.released(), fast.tryNext(4)]).toEqual([[2, 3], first + 3, first + 7])
    }
  })

  it.each([2 ** 31, 2 ** 32, 3 * 2 ** 31])('tells those who attach long after sequence %d in which half of 2^32 it is', boundary => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', initialSequence: boundary - 3 })
    const [consumer, producer] = [ring.addConsumer(), ring.producer()]
    for (let number = 0; number < 6; number++) {
      send(ring, producer, number)
      expect(drain(ring, consumer)).toEqual([number])
    }
    // As far as the low bits say alone, this could be before the boundary.
    const far = boundary + 2 ** 31 - 5
    Atomics.store(new Int32Array(ring.memory), CURSOR, far | 0)
    expect(StructRing.attach(ring.handle).cursor.get()).toBe(far)
  })

  it('tells when there are more producers than it was made for, and gives a closed side out again', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 2 })
    const first = ring.producer()
    // All publishers of a thread have one place together.
    const publishers = [ring.publisher(), ring.publisher()]
    expect(() => ring.producer()).toThrow(/all 2 producers of the ring are taken; .*maxProducers/)
    expect(codeOf(() => StructRing.attach(ring.handle).publisher())).toBe('DX_TABLE_FULL')
    publishers[0]?.close()
    expect(codeOf(() => ring.producer())).toBe('DX_TABLE_FULL')
    first.close()
    first.close()
    const next = ring.producer()
    expect(codeOf(() => ring.producer())).toBe('DX_TABLE_FULL')
    expect(send(ring, next, 0)).toBe(0)
  })
})
