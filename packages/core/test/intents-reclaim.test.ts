import { currentThread, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { LINE_WORDS } from '../src/memory/cells.ts'
import { CONSUMER_FREE, CONSUMER_THREAD, PRODUCER_THREAD } from '../src/sequencer/sequencer-descriptor.ts'
import { atEachAtomic, atEveryStep, deadProducers, dieAt, drain, hand, offsetsOf, send } from './ring-fixture.ts'
import { codeOf, type Ticket, ticket } from './support.ts'

const GHOST = 4711

/** Gives a consumer to another thread. */
function handConsumer(ring: StructRing<Ticket>, index: number, thread: number): void {
  Atomics.store(new Int32Array(ring.memory), offsetsOf(ring).consumers + index * LINE_WORDS + CONSUMER_THREAD, thread)
}

describe('reclaiming a thread', () => {
  it.each([0, -1, 1.5, Number.NaN, 2 ** 31, currentThread()])(
    'refuses %d, which is no thread or the own one, and takes nothing',
    thread => {
      for (const producers of ['single', 'multi'] as const) {
        const ring = StructRing.create({ layout: ticket, capacity: 4, producers, maxProducers: 2 })
        expect(codeOf(() => ring.reclaim(thread))).toBe('DX_OPTION')
        const consumer = ring.addConsumer()
        send(ring, ring.producer(), 1)
        expect(drain(ring, consumer)).toEqual([1])
      }
    },
  )

  it('takes nothing of anybody else', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi' })
    const [consumer, producer] = [ring.addConsumer(), ring.producer()]
    producer.next()
    expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 0, halted: false })
    expect([ring.stats().consumers.length, consumer.available(), deadProducers(ring)]).toEqual([1, -1, 0])
  })

  it('frees the one writing side of a ring, and what that had claimed', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4 })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    send(ring, producer, 0)
    producer.next(3)
    new Int32Array(ring.memory)[PRODUCER_THREAD] = GHOST
    expect(() => ring.producer()).toThrow(new RegExp(`producer already on thread ${GHOST}, `))
    expect(ring.reclaim(GHOST)).toEqual({ producers: 1, consumers: 0, halted: false })
    expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 0, halted: false })
    const next = ring.producer()
    for (const number of [1, 2, 3]) expect(send(ring, next, number)).toBe(number)
    expect(drain(ring, consumer)).toEqual([0, 1, 2, 3])
  })

  it('gives places of dead producers out again, more often than there are', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 2 })
    const consumer = ring.addConsumer()
    const living = ring.producer()
    for (let death = 0; death < 300; death++) {
      ring.producer().next(1 + (death % 3))
      expect(codeOf(() => ring.producer())).toBe('DX_TABLE_FULL')
      hand(ring, 1, GHOST + death)
      expect(ring.reclaim(GHOST + death).producers).toBe(1)
      send(ring, living, death)
      expect(drain(ring, consumer)).toEqual([death])
    }
    expect(ring.stats().skipped).toBe(600)
  })

  it('gives them out again though no consumer was ever idle, or none is there', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 2 })
    const living = ring.producer()
    for (let death = 0; death < 5; death++) {
      ring.producer().next()
      hand(ring, 1, GHOST)
      ring.reclaim(GHOST)
      send(ring, living, death)
    }
    const consumer = ring.addConsumer()
    ring.producer()
    hand(ring, 1, GHOST)
    ring.reclaim(GHOST)
    send(ring, living, 5)
    consumer.available()
    consumer.advance(consumer.next)
    expect(codeOf(() => ring.producer())).toBe('nothing thrown')
  })

  it('does not give a place out whose claims a consumer has not passed', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 2 })
    const [fast, slow, living] = [ring.addConsumer(), ring.addConsumer(), ring.producer()]
    ring.producer().next()
    hand(ring, 1, GHOST)
    ring.reclaim(GHOST)
    expect(drain(ring, fast)).toEqual([])
    expect(codeOf(() => ring.producer())).toBe('DX_TABLE_FULL')
    send(ring, living, 1)
    expect(drain(ring, slow)).toEqual([1])
    expect(codeOf(() => ring.producer())).toBe('nothing thrown')
  })

  it('takes dead consumers out, so that producers no longer wait for them', () => {
    for (const producers of ['single', 'multi'] as const) {
      const ring = StructRing.create({ layout: ticket, capacity: 2, producers })
      const [living, producer] = [ring.addConsumer(), ring.producer()]
      ring.addConsumer()
      handConsumer(ring, 1, GHOST)
      for (const number of [0, 1]) send(ring, producer, number)
      expect(drain(ring, living)).toEqual([0, 1])
      expect(producer.tryNext()).toBe(-1)
      expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 1, halted: false })
      expect(producer.tryNext(2)).toBe(3)
      expect([ring.stopped, ring.addConsumer().index]).toEqual([false, 1])
    }
  })

  it('halts a ring where others come after a dead consumer, and never overwrites what they have not seen', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2 })
    const [dead, producer] = [ring.addConsumer(), ring.producer()]
    const after = ring.addConsumer({ after: [dead] })
    handConsumer(ring, 0, GHOST)
    for (const number of [0, 1]) send(ring, producer, number)
    expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 0, halted: true })
    expect(codeOf(() => producer.tryNext())).toBe('DX_RING_HALTED')
    ring.reopen()
    expect([producer.tryNext(), after.available()]).toEqual([-1, -1])
    // Once the others are gone, the next call finds it.
    after.close()
    expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 1, halted: false })
    expect(producer.tryNext(2)).toBe(3)
  })

  it('does not halt it where all of them are of that thread, wherever in the table they are', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2, maxConsumers: 64 })
    const gap = ring.addConsumer()
    const chain = [ring.addConsumer()]
    gap.close()
    for (let length = 0; length < 40; length++) chain.push(ring.addConsumer({ after: chain.slice(-2) }))
    expect(chain[1]?.index).toBe(0)
    for (const { index } of chain) handConsumer(ring, index, GHOST)
    expect(ring.reclaim(GHOST)).toEqual({ producers: 0, consumers: 41, halted: false })
    expect([ring.stopped, ring.stats().consumers]).toEqual([false, []])
  })

  it('takes out a consumer whose thread died while it joined or left, wherever that was', () => {
    for (const [what, act] of [
      ['join', (ring: StructRing<Ticket>) => void ring.addConsumer()],
      ['leave', (ring: StructRing<Ticket>) => ring.addConsumer().close()],
    ] as const) {
      let died = true
      for (let operation = 0; died; operation++) {
        const ring = StructRing.create({ layout: ticket, capacity: 2, maxConsumers: 1 })
        const producer = ring.producer()
        died = dieAt(operation, () => act(ring))
        // Between taking a place and saying who took it nobody can know whose it is; it holds up nobody.
        const words = new Int32Array(ring.memory)
        const { consumers, statuses } = offsetsOf(ring)
        const nameless = words[statuses] !== CONSUMER_FREE && words[consumers + CONSUMER_THREAD] === 0
        if (words[consumers + CONSUMER_THREAD] !== 0) handConsumer(ring, 0, GHOST)
        ring.reclaim(GHOST)
        for (const number of [0, 1, 2, 3]) send(ring, producer, number)
        expect([what, operation, codeOf(() => ring.addConsumer())]).toEqual([
          what,
          operation,
          nameless ? 'DX_TABLE_FULL' : 'nothing thrown',
        ])
      }
    }
  })
})

describe('reclaiming a thread at the very moment', () => {
  it('that another takes its place as a consumer leaves that one there', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 2, maxConsumers: 1 })
      const producer = ring.producer()
      const before = ring.addConsumer()
      handConsumer(ring, 0, GHOST)
      before.close()
      step(
        () => ring.addConsumer(),
        () => ring.reclaim(GHOST),
      )
      expect(ring.stats().consumers.length).toBe(1)
      producer.next(2)
      expect(producer.tryNext()).toBe(-1)
    })
  })

  it('that another does so, takes each place once, and not from who has it next', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 4, producers: 'multi', maxProducers: 1, maxConsumers: 2 })
      const reader = ring.addConsumer()
      ring.addConsumer()
      handConsumer(ring, 1, GHOST)
      ring.producer().next()
      hand(ring, 0, GHOST)
      let taken = false
      step(
        () => ring.reclaim(GHOST),
        () => {
          ring.reclaim(GHOST)
          drain(ring, reader)
          taken = codeOf(() => ring.addConsumer()) === 'nothing thrown' && codeOf(() => ring.producer()) === 'nothing thrown'
        },
      )
      // Of the new owners, which are alive, nothing was taken.
      if (taken) expect([ring.stats().consumers.length, deadProducers(ring)]).toEqual([2, 0])
    })
  })

  it('that a place of a dead producer is freed and its next owner dies, never loses sight of what that one had claimed', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 1 })
      const [reader, other] = [ring.addConsumer(), ring.addConsumer()]
      ring.producer().next()
      ring.reclaim(currentThreadOf(ring))
      step(
        () => void reader.available(),
        () => {
          // Both pass the gap, the place is freed, taken, and its owner dies with a claim.
          for (let look = 0; look < 2; look++) drain(ring, other)
          if (reader.next === 0) return
          if (codeOf(() => ring.producer().tryNext()) !== 'nothing thrown') return
          hand(ring, 0, GHOST)
          ring.reclaim(GHOST)
        },
      )
      for (let look = 0; look < 3; look++) for (const consumer of [reader, other]) drain(ring, consumer)
      expect([reader.next, other.next]).toEqual([ring.cursor.get() + 1, ring.cursor.get() + 1])
      expect(deadProducers(ring)).toBe(0)
    })
  })

  it('that a consumer gives a place of that thread back leaves it to who takes it next', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi', maxProducers: 1 })
      const reader = ring.addConsumer()
      ring.producer().next()
      hand(ring, 0, GHOST)
      ring.reclaim(GHOST)
      step(
        () => void reader.available(),
        () => {
          ring.reclaim(GHOST)
        },
      )
      const owner = ring.producer()
      const next = owner.next()
      drain(ring, reader)
      // It is alive, and the only one.
      expect([reader.next, deadProducers(ring), codeOf(() => ring.producer())]).toEqual([next, 0, 'DX_TABLE_FULL'])
      owner.publish(next)
      expect([reader.available(), reader.skipped]).toEqual([next, 1])
    })
  })

  it('that two consumers mark the same slots, none misses the marks that come after', () => {
    atEveryStep(step => {
      const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
      const [a, b] = [ring.addConsumer(), ring.addConsumer()]
      const after = ring.addConsumer({ after: [a] })
      const [dying, living] = [ring.producer(), ring.producer()]
      dying.next(2)
      dying.close()
      step(
        () => void b.available(),
        () => {
          drain(ring, a)
          drain(ring, after)
        },
      )
      const next = ring.producer()
      next.next()
      send(ring, living, 3)
      next.close()

      for (const consumer of [a, after, b]) expect(drain(ring, consumer)).toEqual([3])
      expect([after.skipped, ring.stats().skipped]).toEqual([3, 3])
    })
  })

  it('that a consumer is refused to leave keeps producers from what it has not read', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2 })
    const [slow, producer] = [ring.addConsumer(), ring.producer()]
    for (const number of [0, 1]) send(ring, producer, number)
    ring.addConsumer({ after: [slow] })
    atEachAtomic(
      () => expect(codeOf(() => slow.close())).toBe('DX_CONSUMER_IN_USE'),
      () => expect(producer.tryNext()).toBe(-1),
    )
  })
})

function currentThreadOf(ring: StructRing<Ticket>): number {
  hand(ring, 0, GHOST - 1)
  return GHOST - 1
}
