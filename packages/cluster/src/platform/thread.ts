import { Worker } from 'node:worker_threads'
import type { DisruptorError } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import { ThreadDiedError } from '../errors.ts'
import { rebuildError } from './rebuild-error.ts'
import type { ThreadMessage } from './thread-messages.ts'

/** A worker thread of a node, as its owner sees it. */
export interface Thread<Facts> {
  /** Resolves with what its opening found; rejects when it failed before it was ready. */
  readonly ready: Promise<Facts & { readonly threadId: number }>
  /** Resolves when the thread is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** Ends the thread at once. */
  terminate(): Promise<void>
}

/** What a thread's owner wants to know. */
export interface ThreadOwner {
  /** Whether the thread was told to end. */
  readonly stopping: () => boolean
  /** Called once if the thread fails: with the error it died of, or that it ended without being told to. */
  readonly onFailure: (error: DisruptorError) => void
}

/** Starts a worker thread of a node. */
export function startThread<Facts>(name: string, url: URL, setup: object, owner: ThreadOwner): Thread<Facts> {
  const ready = Promise.withResolvers<Facts & { readonly threadId: number }>()
  const exited = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  let failed = false
  const fail = (error: DisruptorError) => {
    ready.reject(error)
    if (!failed) owner.onFailure(error)
    failed = true
  }
  const worker = new Worker(url, { workerData: setup, name: `disruptorx ${name}` })
  worker.on('message', (message: ThreadMessage<Facts & { threadId: number }>) => {
    if (message.kind === 'ready') ready.resolve(message.facts)
    else fail(rebuildError(message.error))
  })
  worker.on('error', error => fail(rebuildError(errorToData(error))))
  worker.on('exit', code => {
    if (!owner.stopping()) fail(new ThreadDiedError(name, code))
    exited.resolve()
  })
  return {
    ready: ready.promise,
    exited: exited.promise,
    async terminate() {
      await worker.terminate()
    },
  }
}
