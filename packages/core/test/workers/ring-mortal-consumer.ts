import { parentPort, workerData } from 'node:worker_threads'
import { type Consumer, type ConsumerHandle, SharedFlag, type SharedFlagHandle, StructRing, type StructRingHandle } from '@disruptorx/core'
import { damageOf, ticket } from '../support.ts'

export interface MortalConsumerData {
  readonly ring: StructRingHandle
  readonly done: SharedFlagHandle
  /** Where it is; it joins by itself where there is no place yet. */
  readonly consumer: ConsumerHandle | undefined
  readonly producers: number
}

export interface MortalConsumerResult {
  /** The numbers that came from each producer: those without a gap, and the ones after that. */
  readonly due: readonly number[]
  readonly stray: readonly (readonly number[])[]
  readonly faults: readonly string[]
  readonly skipped: number
}

/** Reads until it is told that this is all, and nothing is left. */
const data = workerData as MortalConsumerData
const ring = StructRing.attach(data.ring, ticket)
const done = SharedFlag.attach(data.done)
const parker = ring.parkingLot.parker()
const due = new Array<number>(data.producers).fill(0)
const stray: number[][] = Array.from({ length: data.producers }, () => [])
const faults: string[] = []
const joined = data.consumer === undefined
const consumer = data.consumer === undefined ? ring.addConsumer() : ring.attachConsumer(data.consumer)
parentPort?.postMessage('ready')
readAll(consumer)
parentPort?.postMessage({ due, stray, faults, skipped: consumer.skipped } satisfies MortalConsumerResult)

function readAll(consumer: Consumer): void {
  while (!isAtEnd(consumer)) {
    if (read(consumer)) continue
    parker.raise()
    if (read(consumer) || isAtEnd(consumer)) parker.lower()
    else parker.park(Number.POSITIVE_INFINITY)
  }
}

function isAtEnd(consumer: Consumer): boolean {
  return done.raised && consumer.next > ring.cursor.get()
}

function read(consumer: Consumer): boolean {
  const last = consumer.available()
  if (last < consumer.next) return false
  for (let sequence = consumer.next; sequence <= last; sequence++) note(sequence)
  consumer.advance(last)
  return true
}

function note(sequence: number): void {
  const event = ring.get(sequence)
  const { number, producer } = event
  const damage = damageOf(event, number)
  const newest = stray[producer]?.at(-1) ?? (due[producer] as number) - 1
  if (damage !== undefined) faults.push(damage)
  else if (number === due[producer] && stray[producer]?.length === 0) due[producer] = number + 1
  // One that joins in the middle does not begin with 0.
  else if (joined && due[producer] === 0 && stray[producer]?.length === 0) due[producer] = number + 1
  else if (number <= newest) faults.push(`event ${number} of producer ${producer} after ${newest}`)
  else stray[producer]?.push(number)
}
