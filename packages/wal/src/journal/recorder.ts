import type { DisruptorError, Index, Lsn, Term } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { EntryOrderError, EntryTooLargeError, JournalFullError, LogDroppedError } from '../errors.ts'
import {
  type KIND_CLOSED,
  KIND_COPY,
  KIND_CUT,
  KIND_DROP,
  KIND_ENTRY,
  KIND_MARK,
  type KIND_OPENED,
  KIND_RESET,
  KIND_TRIM,
  KIND_VALUE,
  recordBytes,
} from '../format/descriptor.ts'
import { checkCut, checkMark, checkReset, checkTrim, checkValue } from '../logs/checks.ts'
import type { LogState } from '../logs/log-state.ts'
import type { LogTable } from '../logs/log-table.ts'
import { encodeValue, valueBytes } from '../logs/summary-bytes.ts'
import type { ResolvedJournalStepOptions } from '../options.ts'
import type { Committer } from './committer.ts'

const nothing = new Uint8Array(0)

/** Turns what is done to logs into records: checks it, puts the record into the batch that gathers, then does it. All or nothing. */
export class Recorder {
  readonly #options: ResolvedJournalStepOptions
  readonly #logs: LogTable
  readonly #committer: Committer
  nextLsn: number
  /** Why records are refused. */
  refusal: DisruptorError | undefined

  constructor(options: ResolvedJournalStepOptions, logs: LogTable, committer: Committer, nextLsn: number) {
    this.#options = options
    this.#logs = logs
    this.#committer = committer
    this.nextLsn = nextLsn
  }

  // Hot: benchmark `wal/append64`. No allocation; one copy.
  append(log: LogState, index: Index, term: Term, bytes: Uint8Array, offset: number, length: number): Lsn {
    if (this.refusal !== undefined || log.dropped) this.#refuse(log)
    if (index !== log.lastIndex + 1 || !(term >= log.lastTerm)) refuseOrder(log, index, term)
    const { gathering } = this.#committer
    if (length > this.#options.maxRecordBytes || !gathering.hasRoom(length)) this.#refuseLength(length)
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) throw new OptionError('length', length, 'within the bytes given')
    if (!log.dirty || term !== log.lastTerm) this.#touch(log, term)
    const lsn = this.nextLsn++
    gathering.append(KIND_ENTRY, log.logId, index, term, bytes, offset, length)
    log.appendEntry(index, term, lsn, recordBytes(length))
    return lsn
  }

  /** Appends entries that follow one another, all or none. Returns the LSN of the last. */
  appendBatch(log: LogState, batch: readonly Uint8Array[], term: Term): Lsn {
    if (batch.length === 0) throw new OptionError('batch', 0, 'at least one entry')
    let bytes = 0
    for (const data of batch) {
      if (data.length > this.#options.maxRecordBytes) this.#refuseLength(data.length)
      bytes += recordBytes(data.length)
    }
    const { gathering } = this.#committer
    // What can never fit would be refused for ever.
    if (bytes > gathering.mostBytes)
      throw new OptionError('batch', bytes, `together at most ${gathering.mostBytes} bytes with their headers`)
    if (!gathering.hasRoomForBytes(bytes)) throw new JournalFullError(bytes, this.#options.maxBatchBytes)
    let lsn = 0
    for (const data of batch) lsn = this.append(log, log.lastIndex + 1, term, data, 0, data.length)
    return lsn
  }

  cut(log: LogState, index: Index): Lsn {
    this.#admit(log)
    checkCut(log, index)
    const term = log.termAt(index)
    const lsn = this.#record(log, KIND_CUT, index, term)
    log.cut(index, term)
    return lsn
  }

  /** Removes nothing, and records nothing, when the log starts there already. */
  trim(log: LogState, index: Index): Lsn {
    this.#admit(log)
    checkTrim(log, index)
    if (index <= log.firstIndex) return this.nextLsn - 1
    const term = log.termAt(index - 1)
    const lsn = this.#record(log, KIND_TRIM, index, term)
    log.trim(index, term)
    return lsn
  }

  reset(log: LogState, index: Index, term: Term): Lsn {
    this.#admit(log)
    checkReset(log, index, term)
    const lsn = this.#record(log, KIND_RESET, index, term)
    log.reset(index, term)
    return lsn
  }

  snapshotMark(log: LogState, index: Index, term: Term): Lsn {
    this.#admit(log)
    checkMark(log, index, term)
    const lsn = this.#record(log, KIND_MARK, index, term)
    log.mark(index, term)
    return lsn
  }

  setValue(log: LogState, name: string, value: Uint8Array): Lsn {
    this.#admit(log)
    checkValue(log, name, value)
    const more = valueBytes(name, value) - valueBytes(name, log.values.get(name))
    const lsn = this.#record(log, KIND_VALUE, 0, 0, encodeValue(name, value), more)
    log.setValue(name, value.slice())
    return lsn
  }

  drop(log: LogState): Lsn {
    this.#admit(log)
    const lsn = this.#record(log, KIND_DROP, 0, 0)
    this.#logs.drop(log)
    return lsn
  }

  /** Whether {@link copy} may take this entry now. */
  canCopy(log: LogState, length: number): boolean {
    const { gathering } = this.#committer
    // An entry of a quarter of a batch and more gets a batch that is empty so far.
    const free = gathering.count === 0 || (gathering.usedBytes + length) * 2 <= this.#options.maxBatchBytes
    return this.refusal === undefined && !log.isShrinking && free && gathering.hasRoom(length)
  }

  /** Writes an entry again that is held already. The caller has asked {@link canCopy}. */
  copy(log: LogState, index: Index, term: Term, bytes: Uint8Array, offset: number, length: number): void {
    this.#logs.touch(log)
    this.#committer.gathering.append(KIND_COPY, log.logId, index, term, bytes, offset, length)
    log.copy(index, term, this.nextLsn++, recordBytes(length))
  }

  /** A mark of the journal itself. */
  mark(kind: typeof KIND_OPENED | typeof KIND_CLOSED): void {
    this.#committer.gathering.append(kind, 0, 0, 0, nothing, 0, 0)
    this.nextLsn++
  }

  #record(log: LogState, kind: number, index: number, term: number, data = nothing, moreState = 0): Lsn {
    const { gathering } = this.#committer
    if (!gathering.hasRoomForMark(data.length)) throw new JournalFullError(data.length, this.#options.maxBatchBytes)
    this.#logs.touch(log, moreState)
    gathering.append(kind, log.logId, index, term, data, 0, data.length)
    return this.nextLsn++
  }

  #touch(log: LogState, term: number): void {
    if (!Number.isSafeInteger(term)) refuseOrder(log, log.lastIndex + 1, term)
    this.#logs.touch(log)
  }

  #admit(log: LogState): void {
    if (this.refusal !== undefined || log.dropped) this.#refuse(log)
  }

  #refuse(log: LogState): never {
    throw this.refusal ?? new LogDroppedError(log.logId)
  }

  #refuseLength(length: number): never {
    if (length > this.#options.maxRecordBytes) throw new EntryTooLargeError(length, this.#options.maxRecordBytes)
    throw new JournalFullError(length, this.#options.maxBatchBytes)
  }
}

function refuseOrder(log: LogState, index: number, term: number): never {
  throw new EntryOrderError(log.logId, index, term, log.lastIndex, log.lastTerm)
}
