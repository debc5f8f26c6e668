import { eventBatches, ParkingLot, runStepAsync, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { send } from './ring-fixture.ts'
import { ticket } from './support.ts'

/** More rounds than any of these may take before everything else on the event loop has had its turn. */
const ROUNDS = 10_000

describe('everything else on an event loop', () => {
  it('gets its turn though each wait of a step ends at its first looks', async () => {
    let calls = 0
    let turn = Number.POSITIVE_INFINITY
    setImmediate(() => {
      turn = calls
    })
    const parker = ParkingLot.create().parker()
    const step = () => (calls++ % 2 === 0 ? Number.POSITIVE_INFINITY : 0)
    await runStepAsync({ step }, { parker, stopped: () => turn < ROUNDS || calls >= ROUNDS })
    expect(turn).toBeLessThan(ROUNDS)
  })

  it('gets its turn though each wait for a batch ends at its first looks', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const [consumer, producer] = [ring.addConsumer(), ring.producer()]
    const available = () => Object.getPrototypeOf(consumer).available.call(consumer) as number
    let looks = 0
    // As if another thread published between two looks.
    consumer.available = () => {
      if (++looks % 2 === 0) send(ring, producer, looks)
      return available()
    }
    let turned = false
    setImmediate(() => {
      turned = true
    })
    for await (const _ of eventBatches(ring, { consumer })) if (turned || looks >= ROUNDS) break
    expect(turned).toBe(true)
  })
})
