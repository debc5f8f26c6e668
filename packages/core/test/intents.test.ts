import { ParkingLot, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { drain, hand, send, write } from './ring-fixture.ts'
import { ticket } from './support.ts'

const GHOST = 4711

/** A ring with producers of which one can be made to die: by `close()`, which leaves its claims as a dead thread does. */
function setUp(capacity = 8, options: { maxProducers?: number; initialSequence?: number } = {}) {
  const ring = StructRing.create({ layout: ticket, capacity, producers: 'multi', ...options })
  return { ring, consumer: ring.addConsumer(), dying: ring.producer(), living: ring.producer() }
}

describe('slots that a dead producer claimed and did not publish', () => {
  it.each([
    ['first', ['dead', 1, 2]],
    ['in the middle', [1, 'dead', 2]],
    ['last', [1, 2, 'dead']],
    ['side by side, of two', ['dead', 'other dead', 1]],
    ['everything', ['dead', 'other dead', 'dead']],
  ] as const)('are passed where they come %s', (_, claims) => {
    for (const initialSequence of [0, 2 ** 31 - 2, 2 ** 32 - 2]) {
      const { ring, consumer, dying, living } = setUp(8, { initialSequence })
      const other = ring.producer()
      hand(ring, 0, GHOST)
      hand(ring, 2, GHOST + 1)
      for (const claim of claims) {
        if (typeof claim === 'number') send(ring, living, claim)
        else (claim === 'dead' ? dying : other).next()
      }
      expect(ring.reclaim(GHOST)).toEqual({ producers: 1, consumers: 0, halted: false })
      expect(ring.reclaim(GHOST + 1)).toEqual({ producers: 1, consumers: 0, halted: false })
      const numbers = claims.filter(claim => typeof claim === 'number')
      expect(drain(ring, consumer)).toEqual(numbers)
      expect([consumer.skipped, ring.stats().skipped]).toEqual([3 - numbers.length, 3 - numbers.length])
      expect([consumer.next, consumer.released()]).toEqual([initialSequence + 3, initialSequence + 2])
    }
  })

  it('end a batch before them: what lies between next and available is whole', () => {
    const { ring, consumer, dying, living } = setUp()
    send(ring, living, 0)
    dying.next(2)
    send(ring, living, 3)
    dying.close()
    expect([consumer.available(), consumer.next]).toEqual([0, 0])
    consumer.advance(0)
    expect([consumer.available(), consumer.next]).toEqual([3, 3])
  })

  it('hold everybody up for as long as nobody has said that the thread ended', () => {
    const { ring, consumer, dying, living } = setUp()
    hand(ring, 0, GHOST)
    dying.next()
    send(ring, living, 1)
    for (let look = 0; look < 3; look++) expect(drain(ring, consumer)).toEqual([])
    ring.reclaim(GHOST + 1)
    expect(drain(ring, consumer)).toEqual([])
    expect(ring.stats().skipped).toBe(0)
    ring.reclaim(GHOST)
    expect(drain(ring, consumer)).toEqual([1])
  })

  it('are passed by consumers that come after others, and by those that join later', () => {
    const { ring, consumer, dying, living } = setUp(16)
    const beside = ring.addConsumer()
    const after = ring.addConsumer({ after: [consumer, beside] })
    const last = ring.addConsumer({ after: [after] })
    send(ring, living, 0)
    dying.next(3)
    send(ring, living, 4)
    const late = ring.addConsumer()
    const lateAfter = ring.addConsumer({ after: [last] })
    dying.next()
    send(ring, living, 6)
    dying.close()
    expect(drain(ring, after)).toEqual([])
    expect(drain(ring, consumer)).toEqual([0, 4, 6])
    expect(drain(ring, after)).toEqual([])
    for (const other of [beside, after, last]) expect(drain(ring, other)).toEqual([0, 4, 6])
    for (const other of [late, lateAfter]) expect(drain(ring, other)).toEqual([6])
    expect([consumer, beside, after, last, late, lateAfter].map(({ skipped }) => skipped)).toEqual([4, 4, 4, 4, 1, 1])
    expect(ring.stats().skipped).toBe(4)
  })

  it('are passed one by one where a consumer that comes after looks meanwhile', () => {
    const { ring, consumer, dying, living } = setUp()
    const after = ring.addConsumer({ after: [consumer] })
    for (let number = 0; number < 8; number += 2) {
      dying.next()
      send(ring, living, number + 1)
    }
    dying.close()
    for (let number = 1; number < 8; number += 2) {
      expect([consumer.available(), consumer.next]).toEqual([number, number])
      // Passed by the first, not yet by the second; then by both.
      expect([after.available(), after.next]).toEqual([number - 1, number])
      consumer.advance(number)
      expect([after.available(), after.next]).toEqual([number, number])
      after.advance(number)
    }
  })

  it('make room as any other: a ring that is full up to such a slot goes on', () => {
    for (const at of [0, 1, 3]) {
      const { ring, consumer, dying, living } = setUp(4)
      for (let number = 0; number < 4; number++)
        if (number === at) dying.next()
        else send(ring, living, number)
      expect(living.tryNext()).toBe(-1)
      dying.close()
      expect(drain(ring, consumer)).toEqual([0, 1, 2, 3].filter(number => number !== at))
      expect([living.remainingCapacity(), living.tryNext(4)]).toEqual([4, 7])
    }
  })

  it('are slots again on the next lap', () => {
    const { ring, consumer, living } = setUp(2, { maxProducers: 4 })
    for (let lap = 0; lap < 20; lap++) {
      const dying = ring.producer()
      dying.next()
      send(ring, living, lap)
      dying.close()
      expect(drain(ring, consumer)).toEqual([lap])
      for (const number of [100, 101]) send(ring, living, number)
      expect(drain(ring, consumer)).toEqual([100, 101])
    }
    expect([consumer.skipped, ring.stats().skipped]).toEqual([20, 20])
  })

  it('do not hide what the dead had published', () => {
    const { ring, consumer, dying, living } = setUp()
    dying.next(4)
    write(ring, 3, [0, 1, 2, 3])
    dying.publish(1)
    dying.publish(3)
    send(ring, living, 4)
    dying.close()
    expect(drain(ring, consumer)).toEqual([1, 3, 4])
    expect(consumer.skipped).toBe(2)
  })

  it('are passed by a full lap of nothing else', () => {
    const { ring, consumer, dying, living } = setUp(4)
    dying.next(4)
    dying.close()
    expect([consumer.available(), consumer.next, consumer.skipped]).toEqual([3, 4, 4])
    expect(send(ring, living, 4)).toBe(4)
    expect(drain(ring, consumer)).toEqual([4])
  })

  it('wake who sleeps until something comes', () => {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', parkingLot })
    const [dying, consumer] = [ring.producer(), ring.addConsumer()]
    hand(ring, 0, GHOST)
    for (const end of [() => ring.reclaim(GHOST), () => dying.close()]) {
      dying.next()
      const parker = parkingLot.parker()
      parker.raise()
      expect(consumer.available()).toBe(consumer.next - 1)
      end()
      // Would sleep for ever.
      parker.park(Number.POSITIVE_INFINITY)
      parker.close()
    }
  })
})
