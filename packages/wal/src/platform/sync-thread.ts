import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SyncQueue } from './sync-queue.ts'

/** Whoever waits for the syncs of files in place of a thread that has better to do: for one at a time. */
export interface Syncer {
  /** Gets ready, if that is possible. Without effect after the first time. */
  start(): void
  /** Whether it answers. */
  readonly ready: boolean
  /** A request will come soon. */
  rouse(): void
  /** Asks for the sync of a file. Nothing else may be under way. */
  submit(handle: number): void
  /** Takes the answer: 0, the system's error number, which is negative, or `NO_ANSWER`; `undefined` as long as there is none. */
  takeAnswer(): number | undefined
  /** Sleeps until there is something to take. False when there still is nothing after `timeoutMs`. */
  awaitAnswer(timeoutMs: number): boolean
  /** It is not needed any more, once it has answered. Safe to call twice. */
  close(): void
}

/** A thread that does nothing but sync. It keeps no process alive. */
export class SyncThread extends SyncQueue implements Syncer {
  readonly #url: URL
  /** Whether there is a thread, or never will be: on a single core it would have to wait for this one. */
  #started = availableParallelism() === 1

  /** @param url where its code is; beside this module when it is not given */
  constructor(url: URL = new URL('./sync-worker.js', import.meta.url)) {
    super()
    this.#url = url
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    const worker = new Worker(this.#url, { workerData: this.memory, name: 'disruptorx-sync' })
    worker.unref()
    worker.on('error', () => this.end())
  }
}
