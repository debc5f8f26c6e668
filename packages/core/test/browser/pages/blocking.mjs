// What the main thread of a page may not do.
import { isDisruptorError } from '@disruptorx/contracts'
import { SequenceBarrier, StructRing, struct } from '@disruptorx/core'
import { createWaitStrategy } from '@disruptorx/wait-strategies'

const ring = StructRing.create({ layout: struct({ id: 'u32' }), capacity: 2 })

function outcomeOf(action) {
  try {
    action()
    return 'nothing thrown'
  } catch (error) {
    return isDisruptorError(error) ? `${error.code} ${error.message}` : String(error)
  }
}

const outcomes = {}
for (const kind of ['blocking', 'adaptive']) {
  const barrier = new SequenceBarrier({ cells: [ring.cursor], parkingLot: ring.parkingLot, strategy: createWaitStrategy({ kind }) })
  outcomes[kind] = outcomeOf(() => barrier.waitFor(0))
}
// Given to another thread, which never comes.
StructRing.attach(ring.handle).addConsumer().handle
const producer = ring.producer()
outcomes.next = outcomeOf(() => {
  for (let i = 0; i < 3; i++) producer.publish(i, producer.next(1))
})
globalThis.report(outcomes)
