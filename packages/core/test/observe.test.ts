import { isDisruptorError } from '@disruptorx/contracts'
import { observeRing, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { ticket, ticketOf } from './support.ts'

/** Metrics that remember. */
function memoryMetrics() {
  const values: Record<string, number> = {}
  const key = (name: string, labels: Readonly<Record<string, string>> = {}) => [name, ...Object.values(labels).slice(1)].join('/')
  function add(name: string, count: number): void {
    values[name] = (values[name] ?? 0) + count
  }
  function set(name: string, value: number): void {
    values[name] = value
  }
  return {
    values,
    counter(name: string, labels?: Readonly<Record<string, string>>) {
      add(key(name, labels), 0)
      return { add: (count: number) => add(key(name, labels), count) }
    },
    gauge: (name: string, labels?: Readonly<Record<string, string>>) => ({ set: (value: number) => set(key(name, labels), value) }),
    histogram: () => ({ record: () => {} }),
  }
}

describe('the metrics of a ring', () => {
  it('tell what was published, consumed and dropped since they were made, and what is free', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const first = ring.addConsumer()
    const second = ring.addConsumer({ after: [first] })
    const publisher = ring.publisher({ whenFull: 'drop' })
    publisher.publish(ticketOf(0, 0))
    publisher.flush()
    const metrics = memoryMetrics()
    const observer = observeRing(ring, metrics, { name: 'orders' })
    for (let number = 1; number < 11; number++) publisher.publish(ticketOf(number, 0))
    publisher.flush()
    first.advance(first.available())
    second.available()
    second.advance(2)
    observer.sample()
    expect(metrics.values).toEqual({
      'ring.published': 7,
      'ring.remaining': 3,
      'ring.consumed/0': 8,
      'ring.consumed/1': 3,
      'ring.lag/0': 0,
      'ring.lag/1': 5,
      'ring.waits': 0,
      'ring.fallbackWakes': 0,
      'ring.dropped': 3,
      'ring.skipped': 0,
    })
    observer.sample()
    expect(metrics.values['ring.published']).toBe(7)
    expect(metrics.values['ring.consumed/0']).toBe(8)
  })

  it('follow consumers that come and go', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const metrics = memoryMetrics()
    const observer = observeRing(ring, metrics, { name: 'orders' })
    const producer = ring.producer()
    const gone = ring.addConsumer()
    observer.sample()
    gone.close()
    observer.sample()
    for (let count = 0; count < 5; count++) producer.publish(producer.next())
    const late = ring.addConsumer()
    producer.publish(producer.next())
    observer.sample()
    expect([metrics.values['ring.consumed/0'], metrics.values['ring.lag/0']]).toEqual([0, 1])
    late.advance(late.available())
    observer.sample()
    expect([metrics.values['ring.consumed/0'], metrics.values['ring.lag/0']]).toEqual([1, 0])
  })

  it('count waits for room', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 2 })
    ring.addConsumer()
    const metrics = memoryMetrics()
    const observer = observeRing(ring, metrics, { name: 'orders' })
    const producer = ring.producer()
    producer.next(2)
    await expect(producer.nextAsync(1, { timeoutMs: 1 })).rejects.toSatisfy(error => isDisruptorError(error, 'DX_TIMEOUT'))
    observer.sample()
    expect(metrics.values['ring.waits']).toBe(1)
  })

  it('need a name', () => {
    expect(() => observeRing(StructRing.create({ layout: ticket, capacity: 2 }), memoryMetrics(), { name: '' })).toThrow(/name/)
  })
})
