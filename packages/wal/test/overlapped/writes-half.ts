import { fdatasyncSync, writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

// In place of the thread for syncs: one on a disk that takes half of each write.
const { queue: memory, batches } = workerData as SyncThreadData
const queue = new SyncQueue(memory)
const bytes = new Uint8Array(batches)
queue.begin()
for (let handle = queue.next(); handle !== undefined; handle = queue.next()) {
  const { offset, length, position } = queue
  if (length > 0) queue.answer(0, writeSync(handle, bytes, offset, length >> 1, position))
  else {
    fdatasyncSync(handle)
    queue.answer(0, 0)
  }
}
queue.end()
