import { BatchProcessor, Disruptor, handle, type ReadonlyView, StructRing, struct } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'

const trade = struct({ id: 'u53', price: 'u32', fee: 'u32', total: 'u53' })
interface Trade {
  readonly id: number
  readonly price: number
  readonly fee: number
  readonly total: number
}

describe('a stage', () => {
  it('fills in what those after it read, one field each where they are side by side', async () => {
    const disruptor = new Disruptor({ layout: trade, capacity: 8 })
    const totals: number[] = []
    // Declared for reading only, as arrow functions, which are compared more strictly than methods.
    const reading: { readonly onEvent: (event: ReadonlyView<Trade>) => void } = { onEvent: event => void totals.push(event.total) }
    const onEvent = (event: ReadonlyView<Trade>) => void totals.push(event.copy().total)
    disruptor
      .handleEventsWith(
        {
          onEvent(event) {
            event.fee = event.price / 10
          },
        },
        {
          onBatch(batch) {
            for (const event of batch) event.id += 1
          },
        },
      )
      .then({ onEvent: event => event.set({ ...event.copy(), total: event.price + event.fee }) })
      .then(reading, handle({ onEvent }, { name: 'copies' }))
    disruptor.publishEvent(event => event.set({ id: 1, price: 100, fee: 0, total: 0 }))
    await disruptor.start()
    await disruptor.shutdown()
    expect(totals).toEqual([110, 110])
  })

  it('cannot take the flyweight elsewhere, as far as the types go', () => {
    const ring = StructRing.create({ layout: trade, capacity: 8 })
    const event = ring.reader().at(0)
    event.id = 3
    expect(ring.get(0).id).toBe(3)
    // @ts-expect-error who moves it is the processor
    const move = () => event.moveTo(0)
    expect(typeof move).toBe('function')
    const handler = { onEvent: (seen: ReadonlyView<Trade>) => void seen.id }
    const processor = new BatchProcessor({ ring, consumer: ring.addConsumer(), handler })
    expect(processor.step()).toBeGreaterThan(0)
  })
})
