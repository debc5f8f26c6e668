import type { Appended, Index, LogEntry, LogId, LogReadOptions, LogStore, Lsn, SnapshotMark, Term } from '@disruptorx/contracts'
import { AbortedError, isDisruptorError } from '@disruptorx/contracts'
import type { LogState } from '../logs/log-state.ts'
import type { JournalStep } from './journal-step.ts'
import { readOne, resolveRead } from './read-options.ts'
import type { JournalReader } from './reader.ts'
import type { Recorder } from './recorder.ts'

/** One logical log of a journal, for the journal's thread. The numbers are live. */
export class JournalLog implements LogStore {
  /** @internal For the journal. */
  readonly state: LogState
  readonly #journal: JournalStep
  readonly #recorder: Recorder

  /** @internal Logs come from `journal.log`. */
  constructor(journal: JournalStep, recorder: Recorder, state: LogState) {
    this.state = state
    this.#journal = journal
    this.#recorder = recorder
  }

  get id(): LogId {
    return this.state.logId
  }

  get firstIndex(): Index {
    return this.state.firstIndex
  }

  get lastIndex(): Index {
    return this.state.lastIndex
  }

  get lastTerm(): Term {
    return this.state.lastTerm
  }

  get durableIndex(): Index {
    return this.state.durableIndex
  }

  get snapshot(): SnapshotMark | undefined {
    return this.state.snapshot
  }

  /** Whether the log was dropped: this object then refuses everything. */
  get dropped(): boolean {
    return this.state.dropped
  }

  termAt(index: Index): Term | undefined {
    return this.state.knownTermAt(index)
  }

  /** @throws {EntryOrderError} {@link EntryTooLargeError} {@link JournalFullError} {@link JournalStoppedError} {@link LogDroppedError} */
  append(data: Uint8Array, term: Term = this.state.lastTerm || 1): Appended {
    const index = this.state.lastIndex + 1
    return { index, lsn: this.#recorder.append(this.state, index, term, data, 0, data.length) }
  }

  /** @throws as {@link append} */
  appendBatch(batch: readonly Uint8Array[], term: Term = this.state.lastTerm || 1): Appended {
    const lsn = this.#recorder.appendBatch(this.state, batch, term)
    return { index: this.state.lastIndex, lsn }
  }

  /** @throws {IndexTruncatedError} {@link IndexPastEndError} {@link JournalFullError} {@link JournalStoppedError} {@link LogDroppedError} */
  truncateAfter(index: Index): Lsn {
    return this.#recorder.cut(this.state, index)
  }

  /** Whole segments are freed, in later steps, once no log needs them. @throws {IndexPastEndError} {@link JournalFullError} {@link JournalStoppedError} */
  truncateBefore(index: Index): Lsn {
    return this.#recorder.trim(this.state, index)
  }

  /** @throws {IndexTruncatedError} {@link EntryOrderError} the term is below that of the entry before {@link firstIndex} */
  reset(index: Index, term: Term): Lsn {
    return this.#recorder.reset(this.state, index, term)
  }

  /** @throws {IndexPastEndError} {@link OptionError} */
  markSnapshot(index: Index, term: Term): Lsn {
    return this.#recorder.snapshotMark(this.state, index, term)
  }

  /** @throws {OptionError} {@link TooManyLogsError} */
  setValue(name: string, value: Uint8Array): Lsn {
    return this.#recorder.setValue(this.state, name, value)
  }

  value(name: string): Uint8Array | undefined {
    return this.state.values.get(name)?.slice()
  }

  /**
   * Drives the journal on this thread until everything up to `lsn` is durable. False when the disk answers later, as files do that do not block.
   *
   * @throws {JournalStoppedError}
   */
  commit(lsn: Lsn): boolean {
    const journal = this.#journal
    while (journal.durableLsn < (lsn as number)) {
      const delayMs = journal.step()
      if (journal.failure !== undefined) throw journal.failure
      if (delayMs !== 0) return journal.durableLsn >= (lsn as number)
    }
    return true
  }

  /** Resolves when the batch being gathered is at most half full. @throws as {@link durable} */
  room(signal?: AbortSignal): Promise<void> {
    return this.#journal.room(signal)
  }

  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    return this.#journal.durable(lsn, signal)
  }

  /** A reader without promises. @throws {IndexTruncatedError} {@link IndexPastEndError} */
  reader(from: Index): JournalReader {
    return this.#journal.readerOf(this, from)
  }

  /** @throws {IndexTruncatedError} {@link IndexPastEndError} {@link JournalCorruptError} {@link AbortedError} */
  entry(index: Index, signal?: AbortSignal): Promise<LogEntry> {
    return readOne(this, index, signal)
  }

  /** @throws {IndexTruncatedError} {@link IndexPastEndError} {@link LogRewoundError} {@link JournalCorruptError} {@link AbortedError} {@link ClosedError} */
  async *read(from: Index, options: LogReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const { to, follow, maxEntries, maxBytes, signal } = resolveRead(from, options)
    let reader = this.reader(from)
    let next = from
    let entries: LogEntry[] = []
    let bytes = 0
    try {
      while (next <= to) {
        if (signal?.aborted) throw new AbortedError('reading the log', signal.reason)
        if (this.#recorder.refusal?.code === 'DX_CLOSED') throw this.#recorder.refusal
        const outcome = this.#poll(reader, next - entries.length)
        if (outcome === 'again') {
          // What was cut was read, but never given out.
          reader.close()
          next -= entries.length
          reader = this.reader(next)
          entries = []
          bytes = 0
          continue
        }
        if (outcome === 'entry') {
          const { index, term, offset, length } = reader
          entries.push({ index, term, data: reader.bytes.slice(offset, offset + length) })
          next = index + 1
          bytes += length
        }
        if (entries.length > 0 && (outcome === 'end' || entries.length === maxEntries || bytes >= maxBytes || next > to)) {
          yield entries
          entries = []
          bytes = 0
        } else if (outcome === 'pending' || (outcome === 'end' && follow)) await this.#journal.progress(signal)
        else if (outcome === 'end') return
      }
    } finally {
      reader.close()
    }
  }

  /** Polls a reader; `again` when a conflict has cut what it has shown, but nothing before `unseen`. */
  #poll(reader: JournalReader, unseen: number): ReturnType<JournalReader['poll']> | 'again' {
    try {
      return reader.poll()
    } catch (error) {
      if (isDisruptorError(error, 'DX_LOG_REWOUND') && (error.details.index as number) >= unseen - 1) return 'again'
      throw error
    }
  }
}
