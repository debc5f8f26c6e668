import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

// In place of the thread for syncs: one whose first sync never ends.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
