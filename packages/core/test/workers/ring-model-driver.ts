import { parentPort, workerData } from 'node:worker_threads'
import { type Consumer, StructRing } from '@disruptorx/core'
import { deadProducers } from '../ring-fixture.ts'
import type { ModelAgentData } from './ring-model-agent.ts'
import { event } from './ring-model-event.ts'
import {
  AGENTS,
  AT_REST,
  BEGAN,
  CONSUMERS,
  DEATHS,
  DIE_AT,
  DONE,
  DRIVER,
  ENDED,
  ENDLESS,
  IDLE,
  LOG,
  LOG_WORDS,
  LOT,
  Lot,
  PROGRAM,
  PUBLISHED,
  REBORN,
  RECLAIMED,
  RECLAIMER,
  RING,
  ROUND,
  RUNNING,
  SLEEPING,
  STATE,
  STEPS,
  SWITCH_AT,
  SWITCHING,
  TRIED,
  Turnstile,
} from './ring-schedule.ts'

/** What the driver plays. */
export interface ModelRounds {
  readonly seed: number
  readonly first: number
  readonly rounds: number
  /** No new round after so many milliseconds. */
  readonly limitMs: number
}

export interface ModelOutcome {
  readonly rounds: number
  readonly steps: number
  readonly deaths: number
  readonly skipped: number
  readonly delivered: number
  readonly failure?: string
}

interface ModelDriverData extends ModelAgentData {
  readonly rounds: ModelRounds
}

const data = workerData as ModelDriverData
const turnstile = new Turnstile(DRIVER, data.control, [])
const { words } = turnstile
const rings = data.rings.map(model => {
  const ring = StructRing.attach(model.handle, event)
  const memories = [ring.memory, model.handle.parkingLot.memory].map(memory => new Uint8Array(memory))
  return { model, ring, memories, pristine: memories.map(bytes => bytes.slice()) }
})
const count = { rounds: 0, steps: 0, deaths: 0, skipped: 0, delivered: 0 }

/** Draws who dies when, on which ring, and how often the turn is passed. */
function draw(lot: Lot): void {
  words[RING] = lot.below(rings.length)
  words[SWITCHING] = [128, 48, 16, 6][lot.below(4)] as number
  words[SWITCH_AT] = -1
  words[PROGRAM] = lot.below(2 ** 31 - 1)
  const { consumers, handle } = (rings[words[RING] as number] as (typeof rings)[0]).model
  // Others come after the first: without it the ring would be halted.
  const alone = consumers[1] === undefined || consumers[1].after.length === 0
  const odds = [60, handle.producers === 'multi' ? 35 : 0, alone ? 10 : 0, 15]
  for (let agent = 0; agent < RECLAIMER; agent++) {
    words[DIE_AT + agent] = lot.below(100) < (odds[agent] as number) ? lot.below(agent < CONSUMERS ? 90 : 60) : -1
    words[REBORN + agent] = agent < CONSUMERS && lot.below(2) === 0 ? 1 + lot.below(60) : 0
  }
  words[DIE_AT + RECLAIMER] = -1
}

function play(round: number): void {
  const lot = new Lot(Math.imul(data.rounds.seed, 0x1000_0001) + round + 1)
  words.fill(0, 8)
  draw(lot)
  words[LOT] = lot.below(2 ** 31 - 1) + 1
  words[ROUND] = round + 1
  const { memories, pristine } = rings[words[RING] as number] as (typeof rings)[0]
  for (const [index, bytes] of memories.entries()) bytes.set(pristine[index] as Uint8Array)
  words.fill(RUNNING, STATE, STATE + RECLAIMER)
  words[STATE + RECLAIMER] = IDLE
  turnstile.pass(lot.below(RECLAIMER))
  turnstile.wait()
  const ended = words[ENDED] as number
  const states = Array.from(words.subarray(STATE, STATE + AGENTS))
  if (ended === 0) words[ENDED] = AT_REST
  for (let agent = 0; agent < AGENTS; agent++) {
    if (words[STATE + agent] !== RUNNING && words[STATE + agent] !== SLEEPING) continue
    turnstile.pass(agent)
    turnstile.wait()
  }
  if (ended === ENDLESS) throw new Error('goes in circles')
  if (ended !== 0) throw new Error(new TextDecoder().decode(new Uint8Array(data.text).slice()))
  check(states)
  count.rounds++
  count.steps += words[STEPS] as number
  count.deaths += words[DEATHS] as number
}

/** What a consumer got: ids by sequence. Fails where that is out of order, came twice, or was not sent. */
function logOf(consumer: number): Map<number, number> {
  const at = LOG + consumer * LOG_WORDS
  const log = new Map<number, number>()
  const newest = [-1, -1]
  let before = -1
  for (let entry = 0; entry < (words[at] as number); entry++) {
    const [sequence, id] = [words[at + 1 + 2 * entry] as number, words[at + 2 + 2 * entry] as number]
    const [producer, number] = [(id >> 8) - 1, id & 255]
    if (sequence <= before) throw new Error(`consumer ${consumer} read ${sequence} after ${before}`)
    if (newest[producer] === undefined || (((words[TRIED + producer] as number) >> number) & 1) === 0)
      throw new Error(`consumer ${consumer} read what nobody published: ${id} at ${sequence}`)
    if (number <= newest[producer]) throw new Error(`consumer ${consumer} read event ${number} of ${producer} after ${newest[producer]}`)
    before = sequence
    newest[producer] = number
    log.set(sequence, id)
  }
  return log
}

/** What must hold when nobody has anything to do any more. */
function check(states: readonly number[]): void {
  const { ring, model } = rings[words[RING] as number] as (typeof rings)[0]
  for (let agent = 0; agent < CONSUMERS; agent++)
    if (states[agent] !== DONE && states[agent] !== RECLAIMED)
      throw new Error(`producer ${agent} is stuck: ${JSON.stringify(ring.stats())}`)
  const alive = [0, 1].filter(consumer => states[CONSUMERS + consumer] !== RECLAIMED)
  const { consumers, skipped } = ring.stats()
  if (consumers.length !== alive.length) throw new Error(`${consumers.length} consumers instead of ${alive.length}`)
  if (consumers.some(({ lag }) => lag !== 0)) throw new Error(`a consumer is stuck: ${JSON.stringify(ring.stats())}`)
  const logs = [logOf(0), logOf(1)]
  for (const consumer of alive) checkComplete(logs[consumer] as Map<number, number>, words[BEGAN + CONSUMERS + consumer] as number)
  checkEqual(logs as [Map<number, number>, Map<number, number>], alive)
  const cursor = ring.cursor.get() - model.initial
  if (alive.includes(0)) {
    const missing = cursor + 1 - (logs[0] as Map<number, number>).size
    if (words[DEATHS] === 0 && missing !== skipped) throw new Error(`${missing} slots were skipped, and ${skipped} counted`)
    count.skipped += missing
    count.delivered += (logs[0] as Map<number, number>).size
  }
  checkAfterwards(ring, alive.length > 0)
}

/** A consumer that was there from the first event has all that was published. */
function checkComplete(log: Map<number, number>, began: number): void {
  if (began > 0) return
  const ids = new Set(log.values())
  for (let producer = 0; producer < CONSUMERS; producer++)
    for (let number = 0; number < 32; number++) {
      const published = ((words[PUBLISHED + producer] as number) >> number) & 1
      if (published !== 0 && !ids.has(((producer + 1) << 8) | number)) throw new Error(`event ${number} of producer ${producer} was lost`)
    }
}

/** Two consumers have the same, from where both were there to where one died. */
function checkEqual(logs: readonly [Map<number, number>, Map<number, number>], alive: readonly number[]): void {
  const from = Math.max(words[BEGAN + CONSUMERS] as number, words[BEGAN + CONSUMERS + 1] as number)
  const ends = logs.map((log, consumer) => (alive.includes(consumer) ? Number.POSITIVE_INFINITY : Math.max(-1, ...log.keys())))
  const to = Math.min(...ends)
  const parts = logs.map(log => JSON.stringify([...log].filter(([sequence]) => sequence >= from && sequence <= to)))
  if (parts[0] !== parts[1]) throw new Error(`consumers differ: ${parts.join(' and ')}`)
}

/** The ring is as good as new: somebody else can go on, and nobody has anything to remember of the dead. */
function checkAfterwards(ring: StructRing<{ id: number }>, read: boolean): void {
  for (const thread of data.threads.slice(0, CONSUMERS)) ring.reclaim(thread)
  const consumers: Consumer[] = ring.stats().consumers.map(({ index }) => ring.attachConsumer({ index, after: [] }))
  for (let event = 0; event <= ring.capacity; event++) {
    const producer = ring.producer()
    const sequence = producer.tryNext()
    if (sequence < 0) throw new Error(`there is no room afterwards: ${JSON.stringify(ring.stats())}`)
    ring.get(sequence).id = event
    producer.publish(sequence)
    producer.close()
    for (const consumer of consumers) {
      if (consumer.available() !== sequence || ring.get(sequence).id !== event) throw new Error('an event does not come through afterwards')
      consumer.advance(sequence)
    }
  }
  for (const consumer of consumers) consumer.available()
  const dead = ring.handle.producers === 'multi' ? deadProducers(ring) : 0
  if (read && dead !== 0) throw new Error(`${dead} dead producers are never forgotten`)
}

function playAll(): ModelOutcome {
  const { seed, first, rounds, limitMs } = data.rounds
  const end = performance.now() + limitMs
  for (let round = first; round < first + rounds && performance.now() < end; round++) {
    try {
      play(round)
    } catch (error) {
      return { ...count, failure: `seed ${seed}, round ${round}: ${error instanceof Error ? error.message : error}` }
    }
  }
  return count
}

parentPort?.postMessage(playAll())
