import { fdatasyncSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { SyncQueue } from './sync-queue.ts'

/** Stands for an error that has no number. */
const EIO = -5

// The body of a sync thread: one sync after the other, until it is told to end.
const queue = new SyncQueue(workerData as SharedArrayBuffer)
try {
  queue.begin()
  for (let handle = queue.next(); handle !== undefined; handle = queue.next()) queue.answer(sync(handle))
} finally {
  queue.end()
}

function sync(handle: number): number {
  try {
    fdatasyncSync(handle)
    return 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno ?? EIO
  }
}
