import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'
import type { SyncThreadData } from '../../src/platform/sync-thread.ts'

/** The number of EIO. */
const EIO = -5

// In place of the thread for syncs: one whose first sync fails. All that was to be written before it was.
const queue = new SyncQueue((workerData as SyncThreadData).queue)
queue.begin()
queue.next()
queue.answer(EIO, queue.length)
