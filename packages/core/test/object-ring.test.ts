import { ObjectRing, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync, ticket } from './support.ts'

interface Order {
  id: number
  note: string
  readonly slot: number
}

const factory = (slot: number): Order => ({ id: -1, note: '', slot })

describe.each(['single', 'multi'] as const)('a ring of objects for a %s producer', producers => {
  function setUp(capacity = 4) {
    const ring = ObjectRing.create({ factory, capacity, producers })
    return { ring, consumer: ring.addConsumer(), producer: ring.producer() }
  }

  it('makes the object of each slot once, and uses them again and again', () => {
    const made: number[] = []
    const ring = ObjectRing.create({
      factory: slot => {
        made.push(slot)
        return factory(slot)
      },
      capacity: 4,
      producers,
    })
    expect(made).toEqual([0, 1, 2, 3])
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    const reader = ring.reader()
    const first = [0, 1, 2, 3].map(sequence => ring.get(sequence))
    for (let sequence = 0; sequence < 20; sequence++) {
      producer.publishEvent((order, claimed) => {
        order.id = claimed
        order.note = `order ${claimed}`
      })
      expect(consumer.available()).toBe(sequence)
      expect(reader.at(sequence)).toBe(first[sequence % 4])
      expect(reader.at(sequence)).toEqual({ id: sequence, note: `order ${sequence}`, slot: sequence % 4 })
      expect([ring.get(sequence), producer.at(sequence)]).toEqual([reader.at(sequence), reader.at(sequence)])
      consumer.advance(sequence)
    }
    expect(made.length).toBe(4)
  })

  it('has the whole sequencer: refusing to wrap, batches, gaps, chains, failed fills', () => {
    const { ring, consumer, producer } = setUp()
    const after = ring.addConsumer({ after: [consumer] })
    expect(ring.remainingCapacity()).toBe(4)
    producer.publishEvents(3, (order, _, index) => {
      order.id = index
    })
    expect(() =>
      producer.publishEvent(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect([consumer.available(), after.available()]).toEqual([2, -1])
    consumer.advance(2)
    expect([after.available(), ring.get(2).id]).toEqual([2, 2])
    after.advance(0)
    consumer.available()
    expect(producer.tryNext(4)).toBe(-1)
    expect(ring.stats()).toMatchObject({ capacity: 4, skipped: producers === 'single' ? 0 : 1 })
    expect(codeOf(() => producer.tryNext(5))).toBe('DX_OPTION')
    expect(producer.next()).toBe(producers === 'single' ? 3 : 4)
  })

  it('waits, closes, halts and reopens as any other', async () => {
    const { ring, consumer, producer } = setUp(2)
    producer.publish(0, producer.next(2))
    expect(codeOf(() => producer.next())).toBe('DX_WOULD_DEADLOCK')
    const claim = producer.nextAsync()
    await new Promise(resolve => setImmediate(resolve))
    consumer.available()
    consumer.advance(0)
    expect(await claim).toBe(2)
    ring.close()
    expect([ring.stopped, codeOf(() => producer.tryNext())]).toEqual([true, 'DX_CLOSED'])
    ring.halt()
    expect(await codeOfAsync(producer.nextAsync())).toBe('DX_RING_HALTED')
    ring.reopen()
    expect([ring.stopped, producer.tryNext()]).toEqual([false, -1])
  })

  it('gives its writing sides out like any other', () => {
    const { ring, producer } = setUp()
    expect(codeOf(() => ring.producer())).toBe(producers === 'single' ? 'DX_ROLE_TAKEN' : 'nothing thrown')
    producer.close()
    expect(codeOf(() => ring.producer())).toBe('nothing thrown')
    expect(codeOf(() => producer.tryNext())).toBe('DX_CLOSED')
  })

  it.each([{ capacity: 3 }, { capacity: 2 ** 27 }, { maxConsumers: 0 }, { maxProducers: 257 }, { initialSequence: 0.5 }])(
    'refuses the options %o',
    options => {
      expect(codeOf(() => ObjectRing.create({ factory, capacity: 4, producers, ...options }))).toBe('DX_OPTION')
    },
  )
})

describe('a ring of objects', () => {
  it('needs a factory, and passes on what that throws', () => {
    expect(codeOf(() => ObjectRing.create({ capacity: 4 } as unknown as { capacity: number; factory: () => object }))).toBe('DX_OPTION')
    const bad = () => {
      throw new Error('no such order')
    }
    expect(() => ObjectRing.create({ capacity: 4, factory: bad })).toThrow('no such order')
  })

  it('refuses consumers of other rings', () => {
    const ring = ObjectRing.create({ capacity: 4, factory })
    const others = [
      ObjectRing.create({ capacity: 4, factory }).addConsumer(),
      StructRing.create({ layout: ticket, capacity: 4 }).addConsumer(),
    ]
    for (const other of others) expect(codeOf(() => ring.addConsumer({ after: [other] }))).toBe('DX_OPTION')
  })

  it('holds any kind of thing', () => {
    const ring = ObjectRing.create({ capacity: 2, factory: () => new Map<string, unknown>(), initialSequence: 2 ** 32 - 1 })
    const consumer = ring.addConsumer()
    const producer = ring.producer()
    for (let turn = 0; turn < 5; turn++) {
      producer.publishEvent(map => map.set('turn', turn))
      expect(ring.get(consumer.available()).get('turn')).toBe(turn)
      consumer.advance(2 ** 32 - 1 + turn)
    }
  })
})
