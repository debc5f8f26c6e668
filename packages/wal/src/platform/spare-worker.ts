import { workerData } from 'node:worker_threads'
import { systemClock } from '@disruptorx/contracts/internal'
import { SparePreparer } from '../segments/spare-preparer.ts'
import { SpareQueue, type SpareQueueHandle } from '../segments/spare-queue.ts'
import { nodeFiles } from './node-files.ts'

// The body of the thread that prepares segments: it ends when the journal says so.
const queue = new SpareQueue(workerData as SpareQueueHandle)
const preparer = new SparePreparer(nodeFiles(), queue, systemClock)
for (let wakes = queue.wakes; ; wakes = queue.wakes) {
  const delayMs = preparer.step()
  if (queue.ending && delayMs === Number.POSITIVE_INFINITY) break
  if (delayMs > 0) queue.sleep(wakes, delayMs)
}
