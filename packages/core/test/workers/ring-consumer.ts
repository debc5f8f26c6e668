import { parentPort, workerData } from 'node:worker_threads'
import { type ConsumerHandle, runStep, StructRing, type StructRingHandle } from '@disruptorx/core'
import { damageOf, ticket } from '../support.ts'

/** Reads until it has seen `events` tickets, each producer's in order and whole. */
const data = workerData as { handle: StructRingHandle; consumer: ConsumerHandle; events: number }
const ring = StructRing.attach(data.handle, ticket)
const consumer = ring.attachConsumer(data.consumer)
const parker = ring.parkingLot.parker()
const due: number[] = []
let seen = 0
runStep({ step }, { parker, stopped: () => seen === data.events })
parentPort?.postMessage({ due, fallbackWakes: parker.fallbackWakes })

function step(): number {
  const last = consumer.available()
  if (last < consumer.next) return Number.POSITIVE_INFINITY
  for (let sequence = consumer.next; sequence <= last; sequence++) {
    const event = ring.get(sequence)
    const number = due[event.producer] ?? 0
    const damage = damageOf(event, number)
    if (damage !== undefined) throw new Error(`sequence ${sequence}: ${damage}`)
    due[event.producer] = number + 1
    seen++
  }
  consumer.advance(last)
  return 0
}
