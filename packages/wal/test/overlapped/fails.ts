import { workerData } from 'node:worker_threads'
import { SyncQueue } from '../../src/platform/sync-queue.ts'

/** The number of EIO. */
const EIO = -5

// In place of the thread for syncs: one whose first sync fails.
const queue = new SyncQueue(workerData as SharedArrayBuffer)
queue.begin()
queue.next()
queue.answer(EIO)
