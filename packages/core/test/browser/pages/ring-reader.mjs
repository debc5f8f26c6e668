// A worker that reads: it blocks between events, which workers may.
import { runStep, StructRing } from '@disruptorx/core'
import { events, ticket } from './tickets.mjs'

globalThis.onmessage = ({ data }) => {
  const ring = StructRing.attach(data.ring, ticket)
  const consumer = ring.attachConsumer(data.consumer)
  let due = 0
  const step = () => {
    const last = consumer.available()
    if (last < consumer.next) return Number.POSITIVE_INFINITY
    for (let sequence = consumer.next; sequence <= last; sequence++) {
      const { number, square } = ring.get(sequence)
      if (number !== due || square !== due * due) throw new Error(`event ${number} where ${due} was due`)
      due++
    }
    consumer.advance(last)
    return 0
  }
  runStep({ step }, { parker: ring.parkingLot.parker(), stopped: () => due === events })
  globalThis.postMessage(due)
}
