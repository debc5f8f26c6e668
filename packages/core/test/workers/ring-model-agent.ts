import { workerData } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { type Consumer, type ConsumerHandle, type Producer, StructRing, type StructRingHandle } from '@disruptorx/core'
import { createWaitStrategy } from '@disruptorx/wait-strategies'
import { event } from './ring-model-event.ts'
import {
  BEGAN,
  CONSUMERS,
  DEAD,
  DEATHS,
  DIE_AT,
  DONE,
  ENDED,
  FAILED,
  IDLE,
  LOG,
  LOG_WORDS,
  PUBLISHED,
  REBORN,
  RECLAIMED,
  RECLAIMER,
  RING,
  ROUND,
  RUNNING,
  STATE,
  TRIED,
  Turnstile,
} from './ring-schedule.ts'

/** A ring of the model, and what its consumers are: one that joins when it runs where there is no handle. */
export interface ModelRing {
  readonly handle: StructRingHandle
  readonly initial: number
  readonly consumers: readonly (ConsumerHandle | undefined)[]
}

export interface ModelAgentData {
  readonly agent: number
  readonly control: SharedArrayBuffer
  readonly rings: readonly ModelRing[]
  /** Thread numbers of the agents before this one. */
  readonly threads: readonly number[]
  /** Where an error is told. */
  readonly text: SharedArrayBuffer
}

const data = workerData as ModelAgentData
const { agent, rings } = data
const turnstile = new Turnstile(
  agent,
  data.control,
  rings.flatMap(({ handle }) => [handle.memory, handle.parkingLot.memory]),
)
const { words } = turnstile
const blocking = createWaitStrategy({ kind: 'blocking' })
/** The number of the next event of this producer in this round. */
let number = 0

/** Claims, writes and publishes in the manifold ways that there are; then goes on living, or closes its side. */
function produce(ring: StructRing<{ id: number }>, life: number): void {
  const lot = turnstile.lot(agent + 16 * life)
  let producer = ring.producer()
  for (let act = 0; act < 3 && number < 20; act++) {
    const count = 1 + lot.below(Math.min(3, ring.capacity))
    const way = lot.below(8)
    if (way === 0) fail(producer, count)
    else if (way === 1) tryOnly(ring, producer, ring.capacity)
    else if (way === 2 && ring.handle.producers === 'multi') tangle(ring, producer, count)
    else if (way === 3) {
      producer.tryNext(count)
      producer.close()
      producer = ring.producer()
    } else {
      const highest = producer.next(count, { strategy: blocking })
      const first = write(ring, highest, count)
      publish(producer, highest, count, first, way === 4 ? 1 : count)
    }
  }
  if (lot.below(2) === 0) producer.close()
}

/** Writes the next events into claimed slots. Returns the first number. */
function write(ring: StructRing<{ id: number }>, highest: number, count: number): number {
  const first = number
  for (let sequence = highest - count + 1; sequence <= highest; sequence++) ring.get(sequence).id = ((agent + 1) << 8) | number++
  return first
}

/** Publishes in parts, from the last to the first where there may be several producers. */
function publish(producer: Producer, highest: number, count: number, first: number, part: number): void {
  const multi = rings[words[RING] as number]?.handle.producers === 'multi'
  for (let done = 0; done < count; done += part) {
    const offset = multi ? count - part - done : done
    const bits = ((2 ** part - 1) << (first + offset)) | 0
    words[TRIED + agent] = (words[TRIED + agent] as number) | bits
    const lo = highest - count + 1 + offset
    producer.publish(lo, lo + part - 1)
    words[PUBLISHED + agent] = (words[PUBLISHED + agent] as number) | bits
  }
}

function fail(producer: Producer, count: number): void {
  try {
    producer.tryPublishEvents(count, () => {
      number++
      throw new Fault()
    })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
}

class Fault extends Error {}

/** Says what it has only if there is room at once. */
function tryOnly(ring: StructRing<{ id: number }>, producer: Producer, count: number): void {
  const highest = producer.tryNext(count)
  if (highest >= 0) publish(producer, highest, count, write(ring, highest, count), count)
}

/** Claims twice and publishes the second claim first. */
function tangle(ring: StructRing<{ id: number }>, producer: Producer, count: number): void {
  const one = producer.next(1, { strategy: blocking })
  const first = write(ring, one, 1)
  const other = producer.tryNext(count)
  if (other >= 0) publish(producer, other, count, write(ring, other, count), count)
  publish(producer, one, 1, first, 1)
}

/** Reads whatever comes, and sleeps when nothing does. */
function consume(ring: StructRing<{ id: number }>, consumer: Consumer, initial: number): void {
  const parker = ring.parkingLot.parker()
  words[BEGAN + agent] = consumer.next - initial
  for (;;) {
    if (read(ring, consumer, initial)) continue
    parker.raise()
    if (read(ring, consumer, initial)) parker.lower()
    else parker.park(Number.POSITIVE_INFINITY)
  }
}

function read(ring: StructRing<{ id: number }>, consumer: Consumer, initial: number): boolean {
  const last = consumer.available()
  if (last < consumer.next) return false
  const log = LOG + (agent - CONSUMERS) * LOG_WORDS
  for (let sequence = consumer.next; sequence <= last; sequence++) {
    const count = words[log] as number
    words[log + 1 + 2 * count] = sequence - initial
    words[log + 2 + 2 * count] = ring.get(sequence).id
    words[log] = count + 1
  }
  consumer.advance(last)
  return true
}

/** Reclaims whoever is dead. */
function reclaim(ring: StructRing<{ id: number }>): void {
  for (let found = true; found; ) {
    found = false
    for (let other = 0; other < RECLAIMER; other++) {
      if (words[STATE + other] !== DEAD) continue
      ring.reclaim(data.threads[other] as number)
      ring.parkingLot.reclaim(data.threads[other] as number)
      const again = words[REBORN + other] as number
      words[REBORN + other] = 0
      words[DIE_AT + other] = again - 2
      words[STATE + other] = again > 0 ? RUNNING : RECLAIMED
      found = true
    }
  }
}

function live(life: number): void {
  const { handle, initial, consumers } = rings[words[RING] as number] as ModelRing
  const ring = StructRing.attach(handle, event)
  // An agent that dies before it is known to have a consumer would leave that to whoever made it.
  const place = consumers[agent - CONSUMERS]
  const given = place === undefined ? undefined : ring.attachConsumer(place)
  if (life === 0) number = 0
  const state = turnstile.run(() => {
    try {
      if (agent < CONSUMERS) produce(ring, life)
      else if (agent < RECLAIMER) consume(ring, given ?? ring.addConsumer(), initial)
      else reclaim(ring)
    } catch (error) {
      // Another has the writing side, or the places of the dead are not free yet: then this one has nothing to say.
      if (!isDisruptorError(error, 'DX_ROLE_TAKEN') && !isDisruptorError(error, 'DX_TABLE_FULL')) throw error
    }
  })
  words[STATE + agent] = agent === RECLAIMER && state === DONE ? IDLE : state
  if (state !== DEAD) return
  words[DEATHS] = (words[DEATHS] as number) + 1
  words[STATE + RECLAIMER] = RUNNING
}

turnstile.wait()
for (let life = 0, round = 0; ; life++) {
  const now = words[ROUND] as number
  if (now !== round) life = 0
  round = now
  try {
    live(life)
  } catch (error) {
    words[ENDED] = FAILED
    words[STATE + agent] = DONE
    new Uint8Array(data.text).set(new TextEncoder().encode(`${error instanceof Error ? error.stack : error}`.slice(0, 2000)))
  }
  turnstile.passOn()
}
