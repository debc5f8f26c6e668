import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { SyncQueue } from './sync-queue.ts'

/** Whoever writes and syncs files in place of a thread that has better to do: one request at a time. */
export interface Syncer {
  /** Gets ready, if that is possible. Without effect after the first time. @param memory what it may be asked to write lies in there */
  start(memory: SharedArrayBuffer): void
  /** Whether it answers. */
  readonly ready: boolean
  /** Asks for the sync of a file, and for a write of `length` bytes from `offset` of the memory right before, if there are any. Nothing else may be under way. */
  submit(handle: number, offset: number, length: number, position: number): void
  /** Takes the answer: 0, the error number of what failed, which is negative, or `NO_ANSWER`; `undefined` as long as there is none. */
  takeAnswer(): number | undefined
  /** How many bytes were written of the request that was answered last. If they are fewer than asked for, there was no sync. */
  readonly written: number
  /** Sleeps until there is something to take. False when there still is nothing after `timeoutMs`. */
  awaitAnswer(timeoutMs: number): boolean
  /** It is not needed any more, once it has answered. Safe to call twice. */
  close(): void
}

/** What a sync thread starts with. */
export interface SyncThreadData {
  readonly queue: SharedArrayBuffer
  /** What it writes lies in there. */
  readonly batches: SharedArrayBuffer
}

/** A thread that does nothing but write and sync. It keeps no process alive. */
export class SyncThread extends SyncQueue implements Syncer {
  readonly #url: URL
  /** Whether there is a thread, or never will be: on a single core it would have to wait for this one. */
  #started = availableParallelism() === 1

  /** @param url where its code is; beside this module when it is not given */
  constructor(url: URL = new URL('./sync-worker.js', import.meta.url)) {
    super()
    this.#url = url
  }

  start(batches: SharedArrayBuffer): void {
    if (this.#started) return
    this.#started = true
    const workerData: SyncThreadData = { queue: this.memory, batches }
    const worker = new Worker(this.#url, { workerData, name: 'disruptorx-sync' })
    worker.unref()
    worker.on('error', () => this.end())
  }
}
