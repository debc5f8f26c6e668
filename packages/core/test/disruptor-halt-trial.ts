import { setTimeout as sleep } from 'node:timers/promises'
import { isDisruptorError } from '@disruptorx/contracts'
import type { Disruptor } from '@disruptorx/core'
import { WorkerGroup, workerHandler } from '@disruptorx/core/threads'
import type { SeededRandom } from '@disruptorx/testkit'
import { makeDisruptor } from './disruptor-support.ts'
import { type Ticket, ticketOf } from './support.ts'

const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

/** How many rounds one disruptor goes through before it makes room for the next. */
const ROUNDS_EACH = 20

/** Lets some time pass: none, some, or what the start takes and some more. */
async function aWhile(random: SeededRandom, starting: Promise<unknown>): Promise<void> {
  if (random.below(3) === 0) await starting
  const kind = random.below(4)
  if (kind === 1) for (let turn = 0; turn < random.below(20); turn++) await Promise.resolve()
  if (kind === 2) await new Promise(resolve => setImmediate(resolve))
  if (kind === 3) await sleep(random.below(3))
}

/** Publishes from `first` on until the ring takes no more, and says how many. */
async function publishUntilStopped(disruptor: Disruptor<Ticket>, first: number, most: number): Promise<number> {
  let written = 0
  while (written < most) {
    try {
      if (disruptor.tryPublishEvent(event => event.set(ticketOf(first + written, 1)))) written++
      else await new Promise(resolve => setImmediate(resolve))
    } catch (error) {
      if (isDisruptorError(error)) return written
      throw error
    }
  }
  return written
}

/** What a trial went through. */
export interface HaltCounts {
  /** Starts that a halt interrupted. */
  interrupted: number
  /** Halts of a disruptor that ran. */
  ran: number
  published: number
}

/**
 * Halts disruptors before, during and after their start, over workers that are used again and again. Each must stop, and each handler must see each event
 * once and in order over all restarts.
 */
export async function haltTrial(random: SeededRandom, rounds: number): Promise<HaltCounts> {
  await using workers = new WorkerGroup({ threads: 2 })
  const counts: HaltCounts = { interrupted: 0, ran: 0, published: 0 }
  for (let left = rounds; left > 0; left -= ROUNDS_EACH) await haltOneDisruptor(random, Math.min(left, ROUNDS_EACH), workers, counts)
  return counts
}

async function haltOneDisruptor(random: SeededRandom, rounds: number, workers: WorkerGroup, counts: HaltCounts): Promise<void> {
  const disruptor = makeDisruptor({ capacity: 8 })
  const memories = [new SharedArrayBuffer(64), new SharedArrayBuffer(64)]
  let here = 0
  const [first, second] = memories.map(argument =>
    workerHandler(odd, 'sequential', { argument, workers, eventLoop: random.below(2) === 0 }),
  )
  if (first === undefined || second === undefined) throw new Error('two handlers are needed')
  disruptor.handleEventsWith(first).then(second, {
    onEvent(event) {
      if (event.number !== here++) throw new Error(`event ${event.number} came out of order`)
    },
  })
  let published = 0
  for (let round = 0; round < rounds; round++) {
    if (random.below(4) === 0) await disruptor.halt()
    const starting = disruptor.start().catch((error: unknown) => error)
    const publishing = publishUntilStopped(disruptor, published, random.below(40))
    await aWhile(random, starting)
    await disruptor.halt()
    const outcome = await starting
    counts[outcome === disruptor ? 'ran' : 'interrupted']++
    if (outcome !== disruptor && !isDisruptorError(outcome, 'DX_START_INTERRUPTED')) throw outcome
    published += await publishing
    if (disruptor.state !== 'stopped') throw disruptor.failure ?? new Error(`round ${round} ended ${disruptor.state}`)
    if (workers.idle !== workers.size) throw new Error(`round ${round} left ${workers.size - workers.idle} workers busy`)
  }
  await disruptor.start()
  await disruptor.shutdown({ timeoutMs: 30_000 })
  await disruptor.close()
  for (const memory of memories) {
    const [starts, ends, seen] = new Int32Array(memory)
    if (starts !== ends || seen !== published) throw new Error(`${starts} starts, ${ends} ends; ${published} published, ${seen} seen`)
  }
  counts.published += published
  if (here !== published) throw new Error(`${published} published, ${here} seen on the event loop`)
}
