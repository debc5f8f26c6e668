import { systemRandom } from '@disruptorx/contracts/internal'

let known = 0

/**
 * A number from 1 to 2^31 - 1 that names the calling thread in its process.
 *
 * Where there are worker threads it is `threadId + 1`, which nobody gets a second time: so whoever sees a worker end knows what belonged to it.
 * Elsewhere (browsers) it is drawn by lot, once for each thread.
 */
export function currentThread(): number {
  if (known === 0) known = nodeThread() ?? 2 ** 30 + (systemRandom.u32() >>> 2)
  return known
}

/** The number of the worker thread with this `threadId`: what {@link currentThread} says there. */
export function threadNumber(threadId: number): number {
  return threadId + 1
}

/** Without an import, so that bundlers for browsers find nothing to resolve. */
function nodeThread(): number | undefined {
  const process = globalThis.process as typeof globalThis.process | undefined
  const threads = process?.getBuiltinModule?.('node:worker_threads')
  // A thread that the module does not know of would have the number of the main thread.
  if (threads === undefined || threads.isMainThread !== (threads.threadId === 0)) return undefined
  return threadNumber(threads.threadId)
}
