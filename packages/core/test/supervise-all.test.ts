import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { StructRing } from '@disruptorx/core'
import { superviseWorker } from '@disruptorx/core/threads'
import { expect, it } from 'vitest'
import { ticket } from './support.ts'

it('a ring that throws keeps none of the others from taking back what a dead worker held', async () => {
  const worker = new Worker('', { eval: true })
  const failing = {
    reclaim() {
      throw new Error('not mine')
    },
  }
  const asked: number[] = []
  const counting = { reclaim: (thread: number) => asked.push(thread) }
  const exit = superviseWorker(worker, [failing, StructRing.create({ layout: ticket, capacity: 2 }), counting])
  const thread = worker.threadId + 1
  await expect(exit).rejects.toThrow('not mine')
  expect(asked).toEqual([thread])
  if (worker.threadId > 0) await once(worker, 'exit')
})
