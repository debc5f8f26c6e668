import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { workerHandler } from '@disruptorx/core/threads'
import type { SeededRandom } from '@disruptorx/testkit'
import { makeDisruptor } from './disruptor-support.ts'
import { ticketOf } from './support.ts'

const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

/** Events of one round, at most. */
const EVENTS_EACH = 400

/**
 * Kills the workers of a disruptor in turns, at random moments, and starts it again: no handler may miss an event, one whose thread never dies must see each once and in
 * order, and nothing of the dead may stay in the ring.
 *
 * @returns how many events there were, and how many came to the competing handlers more than once
 */
export async function killTrial(random: SeededRandom, rounds: number): Promise<{ events: number; repeated: number }> {
  const disruptor = makeDisruptor({ capacity: 16 })
  const due = new SharedArrayBuffer(64)
  const tally = new SharedArrayBuffer(4 * EVENTS_EACH * rounds)
  let here = 0
  const tallying = workerHandler(odd, 'tallying', { argument: tally })
  disruptor
    .handleEventsWith(workerHandler(odd, 'atLeastOnce', { argument: due }))
    .thenHandleEventsWithWorkerPool(tallying, tallying)
    .then({
      onEvent(event) {
        if (event.number !== here++) throw new Error(`event ${event.number} came where ${here - 1} was due`)
      },
    })
  let published = 0
  for (let round = 0; round < rounds; round++) {
    const workers: Worker[] = []
    const note = (worker: Worker) => workers.push(worker)
    process.on('worker', note)
    await disruptor.start()
    process.off('worker', note)
    const killing = killOne(workers[round % workers.length] as Worker, random)
    published += await publish(published)
    await killing
    const ended: unknown = await disruptor.closed.catch((error: unknown) => error)
    if (!isDisruptorError(ended, 'DX_WORKER_EXITED')) throw ended
    const { consumers } = disruptor.ring.stats()
    if (consumers.length !== 3) throw new Error(`${consumers.length} consumers are left of 3`)
    const { threads } = disruptor.ring.parkingLot.stats()
    if (threads > 0) throw new Error(`${threads} sleeping places are left`)
  }
  await disruptor.start()
  await disruptor.shutdown({ timeoutMs: 30_000 })
  const counts = new Int32Array(tally).subarray(0, published)
  const seen = new Int32Array(due)[0]
  if (seen !== published || here !== published) throw new Error(`${published} published, ${seen} and ${here} seen`)
  if (counts.includes(0)) throw new Error(`event ${counts.indexOf(0)} came to nobody of the pool`)
  return { events: published, repeated: counts.filter(count => count > 1).length }

  async function publish(first: number): Promise<number> {
    for (let written = 0; ; ) {
      try {
        if (written < EVENTS_EACH && disruptor.tryPublishEvent(event => event.set(ticketOf(first + written, 1)))) written++
        else await new Promise(resolve => setImmediate(resolve))
        if (disruptor.state !== 'running') return written
      } catch (error) {
        if (isDisruptorError(error)) return written
        throw error
      }
    }
  }
}

async function killOne(worker: Worker, random: SeededRandom): Promise<void> {
  if (random.below(2) === 0) await sleep(random.below(12))
  else for (let turn = random.below(50); turn > 0; turn--) await new Promise(resolve => setImmediate(resolve))
  await worker.terminate()
}
