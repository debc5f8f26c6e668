import { type Closeable, ClosedError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { RunningThread, ThreadStart } from '../disruptor/thread-handler.ts'
import { TableFullError } from '../errors.ts'
import { later } from './event-loop.ts'
import { type HandlerJob, HandlerThread, type ThreadRun } from './handler-thread.ts'

/** How long an idle worker may take to end, in milliseconds. */
const GRACE_MS = 5_000

/** How a {@link WorkerGroup} is made. */
export interface WorkerGroupOptions {
  /** The most workers at a time: 1 to 1,024. @default 64 */
  readonly threads?: number
  /** The most idle workers that are kept for the next handler: 0 to `threads`. @default threads */
  readonly idle?: number
  /** The file that the workers run, for bundlers that move it: the package's `handler-worker.js`. @default beside this module */
  readonly workerUrl?: URL
}

/**
 * Worker threads that run one handler after the other: what a disruptor that is started again, or the next disruptor, needs not wait for.
 *
 * A worker that has run a module keeps it loaded, with all that it remembers. One whose handler failed is not used again. Idle workers do not keep a
 * process alive.
 */
export class WorkerGroup implements Closeable {
  readonly #workerUrl: URL
  readonly #most: number
  readonly #mostIdle: number
  readonly #threads = new Set<HandlerThread>()
  #idle: HandlerThread[] = []
  #closed = false

  /** Starts no worker yet. @throws {OptionError} */
  constructor(options: WorkerGroupOptions = {}) {
    this.#most = wholeNumber('threads', options.threads ?? 64, 1, 1024)
    this.#mostIdle = wholeNumber('idle', options.idle ?? this.#most, 0, this.#most)
    this.#workerUrl = options.workerUrl ?? new URL('./handler-worker.js', import.meta.url)
  }

  /** How many workers there are, idle ones included. */
  get size(): number {
    return this.#threads.size
  }

  /** How many of them wait for a handler. */
  get idle(): number {
    return this.#idle.length
  }

  /**
   * Runs a handler on an idle worker, or a new one; resolves when it is loaded. For `workerHandler`.
   *
   * @throws what loading the handler throws
   * @throws {TableFullError | ClosedError}
   */
  async run(job: HandlerJob, { rings, signal }: ThreadStart): Promise<RunningThread> {
    const thread = this.#take()
    const abort = () => thread.terminate()
    signal.addEventListener('abort', abort)
    try {
      const run = thread.run(job, rings)
      await run.ready
      let ending: Promise<void> | undefined
      const close = (graceMs: number) => {
        ending ??= this.#end(thread, run, graceMs)
        return ending
      }
      return { finished: run.finished, close }
    } catch (error) {
      await thread.terminate()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /**
   * Ends all workers: those that still run a handler by force, so stop what they run first. Idle ones have 5 s to finish what their handlers left
   * behind. Safe to call twice.
   */
  async close(): Promise<void> {
    this.#closed = true
    const idle = this.#idle
    this.#idle = []
    await Promise.all([...this.#threads].map(thread => (idle.includes(thread) ? thread.end(GRACE_MS) : thread.terminate())))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #take(): HandlerThread {
    if (this.#closed) throw new ClosedError('the group of workers')
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#threads.size >= this.#most) throw new TableFullError('workers of the group', 'threads', this.#most)
    const thread = new HandlerThread(this.#workerUrl)
    this.#threads.add(thread)
    void thread.exited.then(() => {
      this.#threads.delete(thread)
      this.#idle = this.#idle.filter(other => other !== thread)
    })
    return thread
  }

  /** Waits for a handler to end, and keeps its worker or ends that too. */
  async #end(thread: HandlerThread, run: ThreadRun, graceMs: number): Promise<void> {
    const cancel = later(graceMs, () => thread.terminate())
    try {
      await run.finished
      if (!this.#closed && this.#idle.length < this.#mostIdle) this.#keep(thread)
      else await thread.end(graceMs)
    } catch (error) {
      await thread.end(graceMs)
      throw error
    } finally {
      cancel()
    }
  }

  #keep(thread: HandlerThread): void {
    thread.unref()
    this.#idle.push(thread)
  }
}
