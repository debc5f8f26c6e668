import type { LogEntry } from '@disruptorx/contracts'
import { AbortedError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { IndexTruncatedError } from '../errors.ts'
import type { Keys } from '../format/keys.ts'
import { JournalReader } from '../journal/reader.ts'
import type { LogState } from '../logs/log-state.ts'
import type { AsyncNodeFiles } from '../platform/async-node-files.ts'
import { LiveView } from '../segments/live-view.ts'
import { ONLY_LOG } from './thread-messages.ts'

/** Reads a log's files from another thread than the one that writes them. */
export class LogReading {
  readonly #files: AsyncNodeFiles
  readonly #view: LiveView
  readonly #keys: Keys
  #log: LogState | undefined
  #reader: JournalReader | undefined
  #nextIndex: number

  constructor(files: AsyncNodeFiles, dir: string, keys: Keys, from: number) {
    this.#files = files
    this.#keys = keys
    this.#view = new LiveView(files, dir, keys)
    this.#nextIndex = from
  }

  /** Lets the reading go on up to `lsn`, which is durable. @throws {IndexTruncatedError} {@link JournalCorruptError} */
  async extend(lsn: number): Promise<void> {
    await this.#run(this.#view.advance(lsn))
    const log = this.#view.logs.find(ONLY_LOG) ?? this.#log ?? this.#view.logs.fresh(ONLY_LOG)
    if (log === this.#log) return
    this.#reader?.close()
    this.#reader = undefined
    this.#log = log
  }

  /**
   * The next entries, none when everything durable at the point was given.
   *
   * @throws {IndexTruncatedError} {@link LogRewoundError} {@link JournalCorruptError} {@link AbortedError}
   */
  async next(
    most: { readonly index: number; readonly entries: number; readonly bytes: number },
    signal?: AbortSignal,
  ): Promise<LogEntry[]> {
    const entries: LogEntry[] = []
    for (let bytes = 0; entries.length < most.entries && bytes < most.bytes && this.#nextIndex <= most.index; ) {
      if (signal?.aborted) throw new AbortedError('reading the log', signal.reason)
      const reader = this.#open()
      if (reader === undefined) break
      const outcome = reader.poll()
      if (outcome === 'end') break
      if (outcome === 'pending') {
        await this.#files.answered()
        continue
      }
      const { index, term, offset, length } = reader
      entries.push({ index, term, data: reader.bytes.slice(offset, offset + length) })
      this.#nextIndex = index + 1
      bytes += length
    }
    return entries
  }

  async close(): Promise<void> {
    this.#reader?.close()
    await this.#run(this.#view.close())
  }

  /** `undefined` while the log has not reached the next index. */
  #open(): JournalReader | undefined {
    const log = this.#log as LogState
    if (this.#reader === undefined) {
      if (this.#nextIndex > log.lastIndex) return undefined
      if (this.#nextIndex < log.firstIndex) throw new IndexTruncatedError(log.logId, this.#nextIndex, log.firstIndex)
      this.#reader = new JournalReader(this.#files, this.#view, this.#view, log, this.#keys, this.#nextIndex)
    }
    return this.#reader
  }

  async #run<T>(task: FileTask<T>): Promise<T> {
    for (;;) {
      const { done, value } = task.next()
      if (done) return value
      await this.#files.answered()
    }
  }
}
