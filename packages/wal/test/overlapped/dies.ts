import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

// In place of the thread for syncs: one that ends before it has answered.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
queue.end()
