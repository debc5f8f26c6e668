import { Worker } from 'node:worker_threads'
import { OptionError } from '@disruptorx/contracts'
import { type ErrorData, errorFromData } from '@disruptorx/contracts/internal'
import type { Reclaimable, ThreadJob } from '../disruptor/thread-handler.ts'
import { WorkerExitedError, WouldDeadlockError } from '../errors.ts'
import { threadNumber } from './current-thread.ts'
import { later } from './event-loop.ts'
import { ModuleLoadError } from './load-export.ts'
import { isMissing, WorkerFileError } from './worker-file.ts'

/** A handler for a worker: what to load, and what to run it with. */
export interface HandlerJob extends ThreadJob {
  readonly url: string
  readonly exportName: string
  readonly argument: unknown
  readonly eventLoop: boolean
}

/** What a worker is told: to run a handler until its stop flag goes up, or to end. */
export type HandlerThreadOrder = { readonly kind: 'run'; readonly job: HandlerJob } | { readonly kind: 'end' }

/** What a worker says of its handler: that it is loaded, that it ended as asked, or what it threw. */
export type HandlerThreadNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly error: ErrorData }

/** The errors of a handler's thread that are of their own class again on this side. */
const errorClasses = { DX_MODULE_LOAD: ModuleLoadError, DX_WOULD_DEADLOCK: WouldDeadlockError }

/** A handler that runs on a {@link HandlerThread}. Both promises reject with what it threw, or because the thread ended. */
export interface ThreadRun {
  readonly ready: Promise<void>
  readonly finished: Promise<void>
}

/** A worker thread that runs handlers, one after the other. */
export class HandlerThread {
  /** What the parking lots and rings know the thread by. */
  readonly number: number
  /** Resolves when the thread has ended, however. */
  readonly exited: Promise<void>
  readonly #worker: Worker
  #run: { name: string; ready: PromiseWithResolvers<void>; finished: PromiseWithResolvers<void> } | undefined
  /** Where the last handler may have left something. */
  #rings: readonly Reclaimable[] = []

  /** Starts the thread. @param workerUrl the package's `handler-worker.js` */
  constructor(workerUrl: URL) {
    const worker = new Worker(workerUrl, { name: 'disruptorx handler' })
    this.#worker = worker
    this.number = threadNumber(worker.threadId)
    worker.on('message', (news: HandlerThreadNews) => this.#hear(news))
    worker.on('error', error => this.#fail(isMissing(error, workerUrl) ? new WorkerFileError(workerUrl, error) : error))
    this.exited = new Promise(resolve => worker.once('exit', () => resolve()))
    worker.on('exit', code => {
      try {
        for (const ring of this.#rings) ring.reclaim(this.number)
      } finally {
        // Also if one of them, which may be the program's own, throws: else who waits for the handler would wait for ever.
        this.#fail(new WorkerExitedError(`the worker of handler ${this.#run?.name}`, code))
      }
    })
  }

  /**
   * Hands a handler to the thread, which must be idle. When the thread ends, whatever it held of `rings` is taken back.
   *
   * @throws {OptionError} the handler's argument cannot cross threads
   */
  run(job: HandlerJob, rings: readonly Reclaimable[]): ThreadRun {
    const run = { name: job.name, ready: Promise.withResolvers<void>(), finished: Promise.withResolvers<void>() }
    // Whoever looks at these later must not make their rejection an unhandled one now.
    for (const { promise } of [run.ready, run.finished]) promise.catch(() => {})
    try {
      this.#order({ kind: 'run', job })
    } catch (error) {
      throw new OptionError('argument', error instanceof Error ? error.message : error, 'something that survives a structured clone')
    }
    this.#run = run
    this.#rings = rings
    this.#worker.ref()
    return { ready: run.ready.promise, finished: run.finished.promise }
  }

  /** Lets the process end though the thread is there. For an idle one; {@link run} takes it back. */
  unref(): void {
    this.#worker.unref()
  }

  /** Ends the idle thread: once nothing that its handlers left behind keeps it, by force after `graceMs`. Resolves when it has ended. */
  async end(graceMs: number): Promise<void> {
    const cancel = later(graceMs, () => this.terminate())
    this.#worker.ref()
    this.#order({ kind: 'end' })
    await this.exited
    cancel()
  }

  /** Ends the thread by force. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #order(order: HandlerThreadOrder): void {
    this.#worker.postMessage(order)
  }

  #hear(news: HandlerThreadNews): void {
    if (news.kind === 'ready') this.#run?.ready.resolve()
    else if (news.kind === 'failed') this.#fail(errorFromData(news.error, errorClasses))
    else {
      this.#run?.finished.resolve()
      this.#run = undefined
    }
  }

  #fail(error: Error): void {
    this.#run?.ready.reject(error)
    this.#run?.finished.reject(error)
    this.#run = undefined
  }
}
