import { parentPort, workerData } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { StructRing, type StructRingHandle } from '@disruptorx/core'

/** Tries to take the one writing side of a ring, and says what came of it. */
const { handle } = workerData as { handle: StructRingHandle }
const ring = StructRing.attach(handle)
try {
  ring.producer().close()
  parentPort?.postMessage({ code: 'nothing thrown', message: '' })
} catch (error) {
  if (!isDisruptorError(error)) throw error
  parentPort?.postMessage({ code: error.code, message: error.message })
}
