import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ByteRing } from '@disruptorx/core'
import type { Outcome, Rounds } from './workers/byte-driver.ts'
import { AGENTS, type AgentData, CONTROL_WORDS, DRIVER } from './workers/byte-schedule.ts'

/** Two producers, a consumer and somebody who reclaims the dead, on real threads, in every order that `rounds` asks for. */
export async function interleave(initialPosition: number, rounds: Partial<Rounds>): Promise<Outcome> {
  const ring = ByteRing.create({ capacityBytes: 128, producers: 'multi', maxProducers: 2, initialPosition })
  const control = new SharedArrayBuffer(4 * CONTROL_WORDS)
  const workers: Worker[] = []
  try {
    for (let agent = 0; agent < AGENTS; agent++) {
      const threads = workers.map(worker => worker.threadId + 1)
      const file = agent === DRIVER ? './workers/byte-driver.ts' : './workers/byte-agent.ts'
      const data: AgentData = { agent, control, ring: ring.handle, rounds: { ...rounds, threads } }
      workers.push(new Worker(new URL(file, import.meta.url), { workerData: data }))
    }
    const [outcome] = (await once(workers[DRIVER] as Worker, 'message')) as [Outcome]
    return outcome
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}
