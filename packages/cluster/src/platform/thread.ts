import { Worker } from 'node:worker_threads'
import type { DisruptorError } from '@disruptorx/contracts'
import { ThreadDiedError } from '../errors.ts'
import { ownError, rebuildError } from './rebuild-error.ts'
import type { ThreadMessage } from './thread-messages.ts'

/** A worker thread of a node, as its owner sees it. */
export interface Thread<Facts> {
  /** Resolves with what its opening found; rejects when it failed before it was ready. */
  readonly ready: Promise<Facts & { readonly threadId: number }>
  /** Resolves when the thread is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** Ends the thread wherever it is, which is no failure. {@link exited} tells when it is gone. */
  terminate(): void
}

/**
 * Starts a worker thread of a node. `onFailure` is called once if it fails: with the error that it died of, or that it ended before it had given
 * everything back.
 */
export function startThread<Facts>(name: string, url: URL, setup: object, onFailure: (error: DisruptorError) => void): Thread<Facts> {
  const ready = Promise.withResolvers<Facts & { readonly threadId: number }>()
  const exited = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  let ended = false
  const fail = (error: DisruptorError) => {
    ready.reject(error)
    if (!ended) onFailure(error)
    ended = true
  }
  const worker = new Worker(url, { workerData: setup, name: `disruptorx ${name}` })
  const terminate = () => {
    ended = true
    void worker.terminate()
  }
  worker.on('message', (message: ThreadMessage<Facts & { threadId: number }>) => {
    if (message.kind === 'ready') ready.resolve(message.facts)
    else if (message.kind === 'failed') fail(rebuildError(message.error))
    // Timers and handles that user code left behind would keep it for ever.
    else terminate()
  })
  worker.on('error', error => fail(ownError(error)))
  worker.on('exit', code => {
    fail(new ThreadDiedError(name, code))
    exited.resolve()
  })
  return { ready: ready.promise, exited: exited.promise, terminate }
}
