import { Worker } from 'node:worker_threads'
import { ClosedError, DisruptorError } from '@disruptorx/contracts'
import { errorFromData } from '@disruptorx/contracts/internal'
import { walErrors } from '../errors.ts'
import { LogChannel } from '../log/channel.ts'
import type { JournalThread } from '../log/journal-thread.ts'
import { Log } from '../log/log.ts'
import { type LogOptions, resolveLogOptions } from '../log/options.ts'
import type { JournalThreadData, JournalThreadMessage, OpenedLog } from '../log/thread-messages.ts'

/**
 * Opens one plain log in a directory of its own. Its journal runs on a thread of its own, so neither a slow disk holds up the caller nor
 * a busy caller the disk.
 *
 * @example
 * await using log = await openLog({ dir: './orders' })
 * const { lsn } = log.append(record)
 * await log.durable(lsn)
 *
 * @throws {DirectoryInUseError} {@link JournalCorruptError} {@link FormatTooNewError} {@link OptionError}, or the file system's error
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const resolved = resolveLogOptions(options)
  const channel = LogChannel.create(resolved.bufferBytes)
  const workerData: JournalThreadData = { channel: channel.handle, options: resolved }
  const worker = new Worker(options.workerUrl ?? new URL('./journal-worker.js', import.meta.url), {
    workerData,
    name: 'disruptorx-journal',
  })
  const opened = Promise.withResolvers<OpenedLog>()
  const ended = Promise.withResolvers<void>()
  // Whoever waits gets it; that nobody waits is no fault of the process.
  ended.promise.catch(() => {})
  const fail = (error: DisruptorError) => {
    opened.reject(error)
    ended.reject(error)
  }
  let closed = false
  worker.on('message', (message: JournalThreadMessage) => {
    if (message.kind === 'opened') opened.resolve(message.log)
    else if (message.kind === 'failed') fail(errorFromData(message.error, walErrors))
    else closed = true
  })
  worker.on('error', error =>
    fail(new DisruptorError('DX_THREAD_DIED', `the journal's thread died: ${error.message}`, {}, { cause: error })),
  )
  worker.on('exit', () => (closed ? ended.resolve() : fail(new ClosedError("the journal's thread"))))
  const log = await opened.promise
  const thread: JournalThread = { ended: ended.promise, hold: held => (held ? worker.ref() : worker.unref()) }
  thread.hold(false)
  return new Log(resolved, channel, thread, log)
}
