import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

/** The number of ENOSPC. */
const ENOSPC = -28

// In place of the thread for syncs: one on a disk that is full.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
queue.answer(ENOSPC, 0)
