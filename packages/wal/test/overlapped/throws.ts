import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

// In place of the thread for syncs: one that breaks in the middle of a sync, and has no time to say so.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
throw new Error('this thread breaks')
