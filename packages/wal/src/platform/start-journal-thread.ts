import { Worker } from 'node:worker_threads'
import { ClosedError, DisruptorError } from '@disruptorx/contracts'
import { errorFromData } from '@disruptorx/contracts/internal'
import { JournalStoppedError } from '../errors.ts'
import type { JournalChannel } from '../thread/channel.ts'
import type { JournalThread } from '../thread/journal-thread.ts'
import type { JournalThreadData, JournalThreadMessage, OpenedJournal } from '../thread/thread-messages.ts'

/** What a journal's thread starts with. */
export interface ThreadStart<Options> {
  /** Where its code is. */
  readonly url: URL
  readonly name: string
  readonly channel: JournalChannel
  readonly options: Options
  /** Called with damage that the thread found by itself. */
  readonly onDamage?: (damage: DisruptorError) => void
  /** The classes of its errors by code. */
  readonly errors: Readonly<Record<string, { readonly prototype: DisruptorError }>>
}

/** Starts a journal's thread, and resolves when the journal is open there. @throws what kept it from opening */
export async function startJournalThread<Options>(
  start: ThreadStart<Options>,
): Promise<{ readonly thread: JournalThread; readonly opened: OpenedJournal }> {
  const { channel, errors } = start
  const workerData: JournalThreadData<Options> = { channel: channel.handle, options: start.options }
  const worker = new Worker(start.url, { workerData, name: start.name })
  const opened = Promise.withResolvers<OpenedJournal>()
  const ended = Promise.withResolvers<void>()
  // Whoever waits gets it; that nobody waits is no fault of the process.
  ended.promise.catch(() => {})
  const fail = (error: DisruptorError) => {
    opened.reject(error)
    ended.reject(error)
  }
  const thread: JournalThread = { ended: ended.promise, hold: held => (held ? worker.ref() : worker.unref()), onRead: () => {} }
  let closed = false
  worker.on('message', (message: JournalThreadMessage) => {
    if (message.kind === 'entries') thread.onRead(message.request, message.entries)
    else if (message.kind === 'unread') thread.onRead(message.request, errorFromData(message.error, errors))
    else if (message.kind === 'damage') start.onDamage?.(errorFromData(message.error, errors))
    else if (message.kind === 'opened') opened.resolve(message.journal)
    else if (message.kind === 'closed') closed = true
    else if (message.kind === 'failed') fail(errorFromData(message.error, errors))
    else fail(new JournalStoppedError(message.operation, channel.progress.durableLsn as number, errorFromData(message.error, errors)))
  })
  worker.on('error', error =>
    fail(new DisruptorError('DX_THREAD_DIED', `the journal's thread died: ${error.message}`, {}, { cause: error })),
  )
  worker.on('exit', () => (closed ? ended.resolve() : fail(new ClosedError("the journal's thread"))))
  const journal = await opened.promise
  thread.hold(false)
  return { thread, opened: journal }
}
