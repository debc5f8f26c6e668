import { WorkPool, type WorkPoolHandle } from '../processing/work-pool.ts'
import type { Consumer } from '../sequencer/consumer.ts'
import { type DisruptorRing, isShared } from './disruptor-ring.ts'
import type { LentPlace, Place, Sourcing } from './place.ts'

/**
 * The place of handlers that share the events: to the ring and to whoever comes after, they are one consumer.
 *
 * In a ring of objects a pool comes for good after what it was made to come after; in a shared one each start settles that.
 */
export class PoolPlace<E> implements Place {
  readonly #ring: DisruptorRing<E>
  #pool: WorkPool<E>
  #after: readonly Place[] = []

  /**
   * A worker that left a claim behind keeps its line until another takes the claim over: so there are two lines for each.
   *
   * @throws {TableFullError | OptionError}
   */
  constructor(ring: DisruptorRing<E>, workers: number, after: readonly Place[]) {
    this.#ring = ring
    this.#pool = WorkPool.create({ ring, maxWorkers: 2 * workers, after: isShared(ring) ? [] : after.map(({ inRing }) => inRing) })
  }

  get inRing(): Consumer {
    return this.#pool.consumer
  }

  follow(after: readonly Place[]): void {
    this.#after = after
    this.takeBack()
  }

  source(maxBatch: number | undefined): Sourcing {
    const worker = this.#pool.worker(maxBatch === undefined ? {} : { claim: maxBatch })
    return { consumer: worker, release: () => worker.close() }
  }

  lend(): LentPlace {
    const pool = this.#handle
    return { consumer: pool.consumer, pool }
  }

  takeBack(thread?: number): void {
    // From now on the place in the ring belongs to this thread, which outlives the others.
    if (isShared(this.#ring)) this.#pool = WorkPool.attach(this.#handle, this.#ring)
    if (thread !== undefined) this.#pool.reclaim(thread)
  }

  leave(): void {
    this.#pool.close()
  }

  get #handle(): WorkPoolHandle {
    const { handle } = this.#pool
    return { ...handle, consumer: { ...handle.consumer, after: this.#after.map(({ inRing }) => inRing.index) } }
  }
}
