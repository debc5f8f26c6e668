import { parentPort, workerData } from 'node:worker_threads'
import { durableBarrier } from '@disruptorx/wal'

// Waits for an LSN with its thread blocked, and tells how far the journal was then.
const { progress, lsn } = workerData
const barrier = durableBarrier(progress)
parentPort?.postMessage('waiting')
parentPort?.postMessage(barrier.waitFor(lsn))
barrier.close()
