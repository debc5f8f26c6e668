import type { Worker } from 'node:worker_threads'
import { OptionError } from '@disruptorx/contracts'
import type { Reclaimable } from '../disruptor/thread-handler.ts'
import { threadNumber } from './current-thread.ts'

/** A ring, or whatever else takes back what a dead thread held. */
type Supervised = Reclaimable & { readonly parkingLot?: Reclaimable }

/** How a worker ended that {@link superviseWorker} looked after. */
export interface WorkerExit<R extends readonly Reclaimable[]> {
  readonly exitCode: number
  /** What the rings knew its thread by. */
  readonly thread: number
  /** What each ring says it took back, in the order of the rings. */
  readonly reclaimed: { readonly [I in keyof R]: ReturnType<R[I]['reclaim']> }
}

/**
 * Looks after a worker that a program starts itself: when it ends, however, what its thread held in these rings is taken back, so that a worker that
 * dies between claiming and publishing holds up nobody. Call it as soon as the worker is made. Does not keep the process alive.
 *
 * @param rings rings, with their parking lots, and whatever else takes back what a dead thread held
 * @returns resolves when the worker has ended; rejects with what one of the rings threw, once all were asked
 * @throws {OptionError} the worker has ended already: nobody knows its thread any more; or these are no rings
 */
export function superviseWorker<const R extends readonly Supervised[]>(worker: Worker, rings: R): Promise<WorkerExit<R>> {
  if (!Array.isArray(rings) || rings.some(ring => typeof ring?.reclaim !== 'function'))
    throw new OptionError('rings', Array.isArray(rings) ? 'an array with something else' : typeof rings, 'an array of rings')
  const { threadId } = worker
  if (!(threadId > 0)) throw new OptionError('worker', `a worker with threadId ${threadId}`, 'a worker that has not ended')
  const thread = threadNumber(threadId)
  return new Promise((resolve, reject) => {
    worker.once('exit', exitCode => {
      try {
        resolve({ exitCode, thread, reclaimed: reclaimAll(rings, thread) as unknown as WorkerExit<R>['reclaimed'] })
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** One that throws keeps none of the others from taking back what is theirs. @throws the first error */
function reclaimAll(rings: readonly Supervised[], thread: number): unknown[] {
  const errors: unknown[] = []
  const reclaimed = rings.map(ring => {
    try {
      const taken = ring.reclaim(thread)
      ring.parkingLot?.reclaim(thread)
      return taken
    } catch (error) {
      errors.push(error)
      return undefined
    }
  })
  if (errors.length > 0) throw errors[0]
  return reclaimed
}
