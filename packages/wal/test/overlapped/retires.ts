import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'

// In place of the thread for syncs: one that answers once, and is gone.
const queue = new SyncQueue(workerData as SharedArrayBuffer)
queue.begin()
queue.next()
queue.answer(0)
queue.end()
