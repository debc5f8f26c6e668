import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

// In place of the thread for syncs: one that answers once, and is gone.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
queue.answer(0, queue.length)
queue.end()
