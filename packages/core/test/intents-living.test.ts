import { ParkingLot, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { atEveryStep, deadProducers, dieAt, drain, hand, send, write } from './ring-fixture.ts'
import { ticket } from './support.ts'

const GHOST = 4711

/** A ring with producers of which one can be made to die: by `close()`, which leaves its claims as a dead thread does. */
function setUp(capacity = 8) {
  const ring = StructRing.create({ layout: ticket, capacity, producers: 'multi' })
  return { ring, consumer: ring.addConsumer(), dying: ring.producer(), living: ring.producer() }
}

describe('slots of living producers', () => {
  it('are never skipped, though the intent of a dead one covers them', () => {
    const { ring, consumer, dying, living } = setUp()
    dying.next()
    living.next()
    dying.next()
    dying.close()
    expect([consumer.available(), consumer.next]).toEqual([0, 1])
    write(ring, 1, [1])
    living.publish(1)
    expect(drain(ring, consumer)).toEqual([1])
    expect(consumer.skipped).toBe(2)
  })

  it('are never skipped though a dead producer tried to claim them, wherever in the try it died', () => {
    let died = true
    for (let operation = 0; died; operation++) {
      const { ring, consumer, dying, living } = setUp()
      hand(ring, 0, GHOST)
      died = dieAt(operation, () => dying.tryNext(3))
      const claimed = ring.cursor.get() === 2
      living.next(2)
      ring.reclaim(GHOST)
      expect(drain(ring, consumer)).toEqual([])
      const highest = ring.cursor.get()
      expect([highest, consumer.skipped]).toEqual(claimed ? [4, 3] : [1, 0])
      write(ring, highest, [1, 2])
      living.publish(highest - 1, highest)
      expect(drain(ring, consumer)).toEqual([1, 2])
      // What it had only tried to claim is passed with the next event.
      expect([consumer.next, send(ring, living, 3)]).toEqual([highest + 1, highest + 1])
      expect(drain(ring, consumer)).toEqual([3])
      expect(deadProducers(ring)).toBe(0)
    }
  })

  it('are never skipped though they are claimed in the middle of a look, where a dead producer had tried to claim', () => {
    let died = true
    for (let operation = 0; died; operation++)
      atEveryStep(step => {
        const { ring, consumer, dying, living } = setUp()
        hand(ring, 0, GHOST)
        died = dieAt(operation, () => dying.tryNext(2))
        if (ring.cursor.get() >= 0) return
        ring.reclaim(GHOST)
        step(
          () => void consumer.available(),
          () => living.next(2),
        )
        expect([consumer.skipped, consumer.next]).toEqual([0, 0])
      })
  })

  it('are not lost where they write over what a dead one left, to a consumer that joined while that died', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })
      const [dying, living] = [ring.producer(), ring.producer()]
      dying.next()
      for (const number of [1, 2, 3]) send(ring, living, number)
      let consumer = ring.addConsumer()
      consumer.close()
      const join = () => {
        consumer = ring.addConsumer()
        dying.close()
      }
      const interrupted = step(() => {
        if (living.tryNext() === 4) {
          write(ring, 4, [4])
          living.publish(4)
        }
      }, join)
      if (!interrupted) join()
      // It begins with 4, or after it.
      const begins = consumer.next
      const got = drain(ring, consumer)
      if (ring.cursor.get() === 4) expect([begins, ...got]).toEqual(begins <= 4 ? [4, 4] : [5])
      else expect(got).toEqual([])
      send(ring, living, 5)
      expect(drain(ring, consumer)).toEqual([5])
    })
  })

  it('are never skipped while a failed fill of another is', () => {
    const { ring, consumer, dying: failing, living } = setUp()
    living.next()
    const fail = () => {
      throw new Error('no')
    }
    expect(() => failing.tryPublishEvents(2, fail)).toThrow('no')
    expect([consumer.available(), consumer.skipped]).toEqual([-1, 0])
    write(ring, 0, [0])
    living.publish(0)
    expect(drain(ring, consumer)).toEqual([0])
    expect([consumer.available(), consumer.next, consumer.skipped, ring.stats().skipped]).toEqual([2, 3, 2, 2])
  })
})

describe('a living producer that has nothing more to say', () => {
  it('does not keep consumers from passing what others left where it had tried to claim', () => {
    atEveryStep(step => {
      const { ring, consumer, dying, living } = setUp(4)
      const interrupted = step(
        () => living.tryNext(4),
        () => dying.tryNext(2),
      )
      if (!interrupted) return
      dying.close()
      expect(drain(ring, consumer)).toEqual([])
      const claimed = ring.cursor.get()
      expect([consumer.next, consumer.skipped]).toEqual(claimed === 1 ? [2, 2] : [0, 0])
    })
  })

  it('does not hide, by a claim in the middle of a look, what others left: there may be no other look', () => {
    atEveryStep(step => {
      const { ring, consumer, dying, living } = setUp()
      send(ring, living, 0)
      dying.next()
      dying.close()
      expect(consumer.available()).toBe(0)
      consumer.advance(0)
      step(
        () => void consumer.available(),
        () => living.tryNext(),
      )
      expect([consumer.next, consumer.skipped]).toEqual([2, 1])
    })
  })

  it('wakes who sleeps before such a slot when its own try comes to nothing', () => {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', parkingLot })
      const [consumer, dying, living] = [ring.addConsumer(), ring.producer(), ring.producer()]
      const parker = parkingLot.parker()
      const interrupted = step(
        () => living.tryNext(4),
        () => {
          if (dying.tryNext(2) < 0) return
          dying.close()
          parker.raise()
          if (consumer.available() === consumer.next - 1 && consumer.next === 0) return
          parker.lower()
        },
      )
      if (interrupted && ring.cursor.get() === 1) {
        if (consumer.next === 0) parker.park(Number.POSITIVE_INFINITY)
        expect([consumer.available(), consumer.next]).toEqual([1, 2])
      }
      parker.close()
    })
  })

  it('does not keep consumers from passing what others left between its claims, once these are published', () => {
    for (const order of [
      [0, 2],
      [2, 0],
    ]) {
      const { ring, consumer, dying, living } = setUp()
      living.next()
      dying.next()
      living.next()
      dying.next()
      dying.close()
      write(ring, 0, [0])
      write(ring, 2, [2])
      for (const sequence of order) living.publish(sequence)
      expect(drain(ring, consumer)).toEqual([0, 2])
      expect([consumer.next, consumer.skipped]).toEqual([4, 2])
    }
  })

  it('does not keep them from it while it holds a later claim and waits for room', () => {
    const { ring, consumer, dying, living } = setUp(4)
    living.next()
    dying.next()
    living.next(2)
    dying.close()
    write(ring, 0, [0])
    living.publish(0)
    expect(living.tryNext()).toBe(-1)
    expect(drain(ring, consumer)).toEqual([0])
    expect([consumer.next, living.tryNext(2)]).toEqual([2, 5])
  })
})
