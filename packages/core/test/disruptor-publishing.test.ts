import { Disruptor, handle, ObjectRing, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { holder, makeDisruptor, messageOf, publishTickets, settle } from './disruptor-support.ts'
import { codeOf, codeOfAsync, type Ticket, ticket, ticketOf } from './support.ts'

class Order {
  id = 0
  lines: string[] = []
}

describe('a disruptor over a ring of objects', () => {
  it('hands over the very objects that were written, through all of a graph', async () => {
    const made: Order[] = []
    const factory = () => {
      const order = new Order()
      made.push(order)
      return order
    }
    const disruptor = new Disruptor({ factory, capacity: 4 })
    const seen: string[] = []
    const same: boolean[] = []
    disruptor
      .handleEventsWith({
        onEvent(order, sequence) {
          order.lines.push(`checked ${order.id}`)
          same.push(order === made[sequence % 4])
        },
      })
      .then({ onEvent: order => void seen.push(...order.lines) })
    await disruptor.start()
    for (let id = 0; id < 20; id++) {
      const written = disruptor.tryPublishEvent((order, sequence) => {
        order.id = id
        order.lines = [`sequence ${sequence}`]
      })
      if (!written) throw new Error('full')
      await disruptor.barrier('handler-2').waitForAsync(id)
    }
    await disruptor.shutdown()
    expect([made.length, same.every(Boolean), seen.length]).toEqual([4, true, 40])
    expect(seen.slice(-2)).toEqual(['sequence 19', 'checked 19'])
    expect(disruptor.describe().ring).toEqual({ kind: 'object', capacity: 4, cursor: 19 })
  })

  it('starts again, and takes more handlers while it runs', async () => {
    const disruptor = new Disruptor({ factory: () => new Order(), capacity: 8, producers: 'multi' })
    const [first, late]: [number[], number[]] = [[], []]
    disruptor.handleEventsWith(handle({ onEvent: order => void first.push(order.id) }, { name: 'first' }))
    const publish = (id: number) =>
      disruptor.publishEvent(order => {
        order.id = id
      })
    for (const run of [0, 1]) {
      await disruptor.start()
      publish(2 * run)
      if (run === 1) await disruptor.add({ handlers: [{ onEvent: order => void late.push(order.id) }], dependsOn: ['first'] })
      publish(2 * run + 1)
      await disruptor.shutdown()
    }
    expect([first, late]).toEqual([[0, 1, 2, 3], [3]])
  })

  it('has no gathering publisher', () => {
    const disruptor = new Disruptor({ factory: () => new Order(), capacity: 8 })
    // @ts-expect-error the types say so, too
    expect(messageOf(() => disruptor.publisher())).toBe(
      "option ring is 'an object ring'; it must be a ring with a layout; publishEvent() writes to any",
    )
  })
})

describe('a disruptor over a ring that is there', () => {
  it('works over either kind, and needs one', async () => {
    const numbers: number[] = []
    const overStruct = new Disruptor({ ring: StructRing.create({ layout: ticket, capacity: 8 }) })
    overStruct.handleEventsWith({ onEvent: event => void numbers.push(event.number) })
    const overObjects = new Disruptor({ ring: ObjectRing.create({ factory: () => new Order(), capacity: 8 }) })
    overObjects.handleEventsWith({ onEvent: order => void numbers.push(order.id) })
    overStruct.publishEvent(event => event.set(ticketOf(7, 1)))
    overObjects.publishEvent(order => {
      order.id = 8
    })
    for (const disruptor of [overStruct, overObjects]) {
      await disruptor.start()
      await disruptor.shutdown()
    }
    expect(numbers).toEqual([7, 8])
    expect(messageOf(() => new Disruptor({ capacity: 8 } as unknown as { ring: StructRing<unknown> }))).toBe(
      'option layout is undefined; it must be a layout, or a factory of objects, or a ring in its place',
    )
    expect(codeOf(() => new Disruptor({ layout: ticket, capacity: 7 }))).toBe('DX_OPTION')
    expect(codeOf(() => makeDisruptor({ graceMs: -1 }))).toBe('DX_OPTION')
  })
})

const fail = () => {
  throw new Error('no price')
}

describe('publishing through a disruptor', () => {
  it('claims and fills one or several events, which become visible together', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith({ onEvent: (event, sequence) => void seen.push(`${event.number}@${sequence}`) })
    disruptor.publishEvent((event, sequence) => event.set(ticketOf(10 + sequence, 1)))
    disruptor.publishEvents(3, (event, _sequence, index) => event.set(ticketOf(20 + index, 1)))
    expect(disruptor.tryPublishEvents(12, (event, sequence) => event.set(ticketOf(sequence, 1)))).toBe(true)
    expect(disruptor.tryPublishEvents(1, () => {})).toBe(false)
    expect(disruptor.tryPublishEvent(() => {})).toBe(false)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen.slice(0, 5)).toEqual(['10@0', '20@1', '21@2', '22@3', '4@4'])
    expect(seen.length).toBe(16)
  })

  it('publishes nothing when the translator throws, and nothing for counts that cannot be', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    const broken = () => {
      throw new Error('no price')
    }
    expect(messageOf(() => disruptor.publishEvent(broken))).toBe('no price')
    expect(messageOf(() => disruptor.tryPublishEvents(2, broken))).toBe('no price')
    for (const count of [0, -1, 17, 1.5]) expect(codeOf(() => disruptor.tryPublishEvents(count, () => {}))).toBe('DX_OPTION')
    expect(disruptor.ring.cursor.get()).toBe(-1)
    disruptor.publishEvent(() => {})
    expect(disruptor.ring.cursor.get()).toBe(0)
    await disruptor.halt()
  })

  it('to a full ring whose handlers are on this thread, or have not started, is an error and not a deadlock', async () => {
    const disruptor = makeDisruptor({ capacity: 2 })
    const slow = holder()
    disruptor.handleEventsWith(slow)
    disruptor.publishEvents(2, () => {})
    expect(codeOf(() => disruptor.publishEvent(() => {}))).toBe('DX_WOULD_DEADLOCK')
    await disruptor.start()
    expect(codeOf(() => disruptor.publishEvent(() => {}))).toBe('DX_WOULD_DEADLOCK')
    slow.letGo()
    await settle()
    slow.letGo()
    await settle()
    disruptor.publishEvent(() => {})
    await settle()
    slow.letGo()
    await disruptor.shutdown()
    expect(slow.handled).toBe(3)
  })

  it('by a handler into its own full ring is an error of that handler', async () => {
    const disruptor = makeDisruptor({ capacity: 2 })
    disruptor.handleEventsWith({ onEvent: () => disruptor.publishEvents(2, () => {}) })
    disruptor.publishEvents(2, () => {})
    await disruptor.start()
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WOULD_DEADLOCK')
  })

  it.each([
    ['single', 8],
    ['single', 64],
    ['multi', 64],
  ] as const)('goes together with a publisher, in a ring for %s of %d slots, and keeps the order', async (producers, capacity) => {
    const disruptor = makeDisruptor({ producers, capacity })
    const seen: number[] = []
    disruptor.handleEventsWith({ onEvent: event => void seen.push(event.number) })
    await disruptor.start()
    disruptor.publishEvent(event => event.set(ticketOf(0, 1)))
    let next = 1
    const write = (event: { set(value: Ticket): unknown }) => void event.set(ticketOf(next++, 1))
    const publisher = disruptor.publisher({ burst: 2 })
    for (let round = 0; round < 50; round++) {
      for (let count = round % 4; count > 0; count--) if (publisher.publish(ticketOf(next, 1))) next++
      if (producers === 'multi') publisher.flush()
      const tried = next
      expect(messageOf(() => disruptor.tryPublishEvent(fail))).toMatch(/no price|nothing thrown/)
      if (round % 2 === 0) disruptor.tryPublishEvent(write)
      else disruptor.tryPublishEvents(2, write)
      expect(next - tried).toBeLessThan(3)
      await publisher.ready()
    }
    await disruptor.shutdown()
    expect(next).toBeGreaterThan(100)
    expect(seen).toEqual(Array.from({ length: next }, (_, number) => number))
  })

  it('by the publisher while an event is being written is refused, where there is one writing side; its end is not', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    const publisher = disruptor.publisher()
    publisher.publish(ticketOf(0, 1))
    expect(codeOf(() => disruptor.publishEvent(() => publisher.publish(ticketOf(1, 1))))).toBe('DX_ROLE_TAKEN')
    expect(codeOf(() => disruptor.publishEvent(() => disruptor.publishEvent(() => {})))).toBe('DX_ROLE_TAKEN')
    expect(disruptor.ring.cursor.get()).toBe(0)
    disruptor.publishEvent(() => void publisher.flush())
    publisher.publish(ticketOf(2, 1))
    expect(codeOf(() => disruptor.publishEvent(() => publisher.close()))).toBe('DX_CLOSED')
    expect(disruptor.ring.cursor.get()).toBe(2)
    await disruptor.halt()
  })

  it('has one writing side where the ring is for one producer', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    const publisher = disruptor.publisher()
    expect(codeOf(() => disruptor.publisher())).toBe('DX_ROLE_TAKEN')
    publisher.close()
    disruptor.publishEvent(() => {})
    await disruptor.start()
    await disruptor.shutdown()
    expect(codeOf(() => disruptor.publishEvent(() => {}))).toBe('DX_CLOSED')
    await disruptor.start()
    await publishTickets(disruptor, 1)
    await disruptor.shutdown()
    expect(disruptor.sequenceOf('handler')).toBe(1)
  })

  it('ends with everything handled that a publisher still held when shutdown came, also in a full ring', async () => {
    const disruptor = makeDisruptor({ capacity: 8, producers: 'multi' })
    let handled = 0
    disruptor.handleEventsWith({ onEvent: () => void handled++ })
    await disruptor.start()
    const publishers = [disruptor.publisher({ burst: 2 }), disruptor.publisher({ burst: 2 }), disruptor.publisher({ burst: 1 })]
    let written = 0
    for (let number = 0; number < 12; number++) if (publishers[number % 3]?.publish(ticketOf(number, 1))) written++
    await disruptor.shutdown()
    expect([handled, written > 8]).toEqual([written, true])
  })
})
