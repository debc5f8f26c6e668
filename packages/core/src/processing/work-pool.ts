import type { Sequence } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkHeader, checkWord, MAGIC, VERSION } from '../memory/header.ts'
import { sharedMemory } from '../memory/shared-memory.ts'
import type { EventRing } from '../ring/event-ring.ts'
import type { Consumer, ConsumerHandle } from '../sequencer/consumer.ts'
import { PoolMemory } from './pool-memory.ts'
import { PoolWorker, type PoolWorkerOptions } from './pool-worker.ts'
import { MAX_WORKERS, POOL_MAGIC, POOL_VERSION, poolBytes } from './work-pool-descriptor.ts'

/** How a {@link WorkPool} is made. */
export interface WorkPoolOptions<E> {
  readonly ring: EventRing<E>
  /** The consumers of the ring that the pool comes after. @default none */
  readonly after?: readonly Consumer[]
  /** How many workers the pool may have at a time: 1 to 1,024. @default 64 */
  readonly maxWorkers?: number
}

/** A {@link WorkPool} as it crosses a thread, together with its ring's handle. */
export interface WorkPoolHandle {
  readonly memory: SharedArrayBuffer
  readonly maxWorkers: number
  readonly consumer: ConsumerHandle
}

/** A ring that crosses threads. */
export interface AttachableRing<E> extends EventRing<E> {
  attachConsumer(handle: ConsumerHandle): Consumer
}

/**
 * Workers that share the events of a ring, on any threads: each event goes to exactly one of them, and to another one if that leaves before
 * it has dealt with it. Which one gets an event, and in which order events are done, is open.
 *
 * To the ring and to whoever comes after, the pool is one {@link consumer}: it has released an event when everything up to it is dealt with. Workers may
 * come and go at any time; an idle one is nowhere in the way, wherever its thread is.
 *
 * Algorithm: LMAX WorkerPool, with claims of what is published only. Claims are made by compare-and-swap of one shared sequence. What is ready and
 * what is released is worked out by one thread at a time; others never wait for it, but tell it to look once more.
 */
export class WorkPool<E> {
  readonly #ring: EventRing<E>
  readonly #memory: PoolMemory
  readonly #shared: SharedArrayBuffer
  readonly #maxWorkers: number
  readonly #look = () => this.#lookOnce()
  readonly #consumer: Consumer

  private constructor(ring: EventRing<E>, consumer: Consumer, shared: SharedArrayBuffer, maxWorkers: number, initial?: Sequence) {
    this.#ring = ring
    this.#consumer = consumer
    this.#shared = shared
    this.#maxWorkers = maxWorkers
    const memory = new PoolMemory(shared, maxWorkers, initial)
    this.#memory = memory
    consumer.knowHolders(thread => memory.heldBy(thread))
  }

  /** Makes a pool, which takes the ring's events from now on. @throws {OptionError | TableFullError} */
  static create<E>(options: WorkPoolOptions<E>): WorkPool<E> {
    const { ring, after = [] } = options
    const maxWorkers = wholeNumber('maxWorkers', options.maxWorkers ?? 64, 1, 1024)
    const memory = sharedMemory(poolBytes(maxWorkers), 'work pool')
    const words = new Int32Array(memory)
    words[MAGIC] = POOL_MAGIC
    words[VERSION] = POOL_VERSION
    words[MAX_WORKERS] = maxWorkers
    const consumer = ring.addConsumer({ after })
    return new WorkPool(ring, consumer, memory, maxWorkers, consumer.next - 1)
  }

  /** The same pool on another thread. @throws {AttachError} */
  static attach<E>(handle: WorkPoolHandle, ring: AttachableRing<E>): WorkPool<E> {
    const { memory, maxWorkers } = handle
    const words = checkHeader('work pool', memory, POOL_MAGIC, POOL_VERSION, poolBytes(maxWorkers))
    checkWord('work pool', 'number of workers', words[MAX_WORKERS] as number, maxWorkers)
    return new WorkPool(ring, ring.attachConsumer(handle.consumer), memory, maxWorkers)
  }

  /** What the pool is to its ring: for the `after` of others, and for how far it is. Only the pool moves it. */
  get consumer(): Consumer {
    return this.#consumer
  }

  /** How this pool crosses a thread. */
  get handle(): WorkPoolHandle {
    return { memory: this.#shared, maxWorkers: this.#maxWorkers, consumer: this.#consumer.share() }
  }

  /** A worker for the calling thread. @throws {OptionError | TableFullError} */
  worker(options: PoolWorkerOptions = {}): PoolWorker {
    const claim = wholeNumber('claim', options.claim ?? 1, 1, 2 ** 16)
    return new PoolWorker(this, this.#memory, claim)
  }

  /**
   * Takes back what the workers of a thread had, for whoever has seen that thread end. What they claimed and did not release goes to other workers.
   * So the event that such a worker was at is handled once more.
   *
   * @param thread what `currentThread()` was there: in Node its `threadId + 1`
   * @returns how many claims were left
   */
  reclaim(thread: number): number {
    const claims = this.#memory.reclaim(thread)
    this.#memory.releaseTender(thread)
    this.tend()
    return claims
  }

  /** Takes the pool out of the ring: nobody waits for it any more. Close its workers first: no other thread may use it meanwhile. Safe to call twice. @throws {ConsumerInUseError} */
  close(): void {
    this.#consumer.close()
    this.#memory.close()
  }

  /** For the workers of the pool. */
  tend(line?: number): boolean {
    if (line === undefined) return this.#memory.exclusively(this.#look)
    let adopted = false
    this.#memory.exclusively(() => {
      adopted ||= this.#memory.adopt(line)
      this.#lookOnce()
    })
    return adopted
  }

  #lookOnce(): void {
    const memory = this.#memory
    if (memory.isClosed) return
    const consumer = this.#consumer
    consumer.catchUp()
    const available = consumer.available()
    memory.passTo(consumer.next - 1)
    const isNews = memory.makeReady(available)
    const done = Math.min(memory.lowestDone(), available)
    if (done >= consumer.next) consumer.advance(done)
    else if (isNews || memory.hasOrphans) this.#ring.parkingLot.unparkAll()
  }
}
