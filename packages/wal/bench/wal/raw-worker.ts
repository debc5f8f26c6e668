import { parentPort, workerData } from 'node:worker_threads'
import { RawFile } from './raw-file.ts'
import { nsOf } from './rounds.ts'

/** What a thread with a plain loop starts with. */
export interface RawWorkerData {
  readonly path: string
  readonly bytes: number
  /** What is written. */
  readonly source: SharedArrayBuffer
}

/** A round of a plain loop: so many writes and syncs of so many bytes. The answer is how many nanoseconds they took; `undefined` ends the thread. */
export interface RawRound {
  readonly batches: number
  readonly batchBytes: number
}

const { path, bytes, source: memory } = workerData as RawWorkerData
const file = new RawFile(path, bytes)
const source = new Uint8Array(memory)
let at = 0

parentPort?.on('message', (round: RawRound | undefined) => {
  if (round === undefined) {
    file[Symbol.dispose]()
    parentPort?.close()
    return
  }
  const { batches, batchBytes } = round
  const ns = nsOf(() => {
    for (let batch = 0; batch < batches; batch++) {
      file.append(source, at, batchBytes)
      at = (at + batchBytes) % (source.length - batchBytes)
    }
  })
  parentPort?.postMessage(ns)
})
parentPort?.postMessage(0)
