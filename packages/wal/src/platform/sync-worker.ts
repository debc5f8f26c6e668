import { fdatasyncSync, writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { SyncQueue } from './sync-queue.ts'
import type { SyncThreadData } from './sync-thread.ts'

/** Stands for an error that has no number. */
const EIO = -5

// The body of a sync thread: one request after the other, until it is told to end.
const { queue: memory, batches } = workerData as SyncThreadData
const queue = new SyncQueue(memory)
const bytes = new Uint8Array(batches)
try {
  queue.begin()
  for (let handle = queue.next(); handle !== undefined; handle = queue.next()) carryOut(handle)
} finally {
  queue.end()
}

/** Writes, if there is something to write, and syncs if all of it was written: what is left of a short write has to come first. */
function carryOut(handle: number): void {
  const { offset, length, position } = queue
  let written = 0
  try {
    if (length > 0) written = writeSync(handle, bytes, offset, length, position)
    if (written === length) fdatasyncSync(handle)
    queue.answer(0, written)
  } catch (error) {
    queue.answer((error as NodeJS.ErrnoException).errno ?? EIO, written)
  }
}
