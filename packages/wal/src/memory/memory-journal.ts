import type { DisruptorError, LogEntry, LogId, LogJournal, LogStore, Lsn, Step } from '@disruptorx/contracts'
import { AbortedError, ClosedError, OptionError } from '@disruptorx/contracts'
import { oneOf, wholeNumber } from '@disruptorx/contracts/internal'
import { DirectoryInUseError, JournalStoppedError } from '../errors.ts'
import { Changes } from '../log/changes.ts'
import type { LogBackend, LogChange } from '../log/log-backend.ts'
import { LogObjects } from '../log/log-objects.ts'
import { StateRoom } from '../logs/state-room.ts'
import { contentOf, type DurableLogs, MemoryDisk, type PendingChange } from './memory-disk.ts'

/** How a memory journal is opened. */
export interface MemoryJournalOptions {
  /** What it starts from and leaves behind. @default an empty one */
  readonly disk?: MemoryDisk
  /** When changes become durable: by themselves, at the end of the turn in which they were made, or only in `step()`. @default 'turn' */
  readonly commit?: 'turn' | 'step'
  /** The longest entry in bytes, at least 1. @default 256 KiB */
  readonly maxRecordBytes?: number
}

/** Opens a journal that lives in memory. @throws {DirectoryInUseError} the disk is open already, {OptionError} */
export function openMemoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  const disk = options.disk ?? new MemoryDisk()
  const commit = oneOf('commit', options.commit ?? 'turn', ['turn', 'step'])
  const maxRecordBytes = wholeNumber('maxRecordBytes', options.maxRecordBytes ?? 256 * 1024, 1, 2 ** 31 - 1)
  const logs = contentOf(disk)
  if (logs.held) throw new DirectoryInUseError('the memory disk', undefined)
  return new MemoryJournal(logs, commit === 'turn', maxRecordBytes)
}

/**
 * Logs in memory, with everything that a journal on a disk has but the disk: for tests and simulations.
 *
 * Changes wait for a commit, as they do for a sync. With `commit: 'step'` a test decides when that is, and `crash()` takes back what waits.
 */
export class MemoryJournal implements LogJournal, Step {
  readonly #disk: DurableLogs
  readonly #backend: MemoryBackend
  readonly #logs: LogObjects

  /** @internal Journals come from {@link openMemoryJournal}. */
  constructor(disk: DurableLogs, commitsByItself: boolean, maxRecordBytes: number) {
    disk.held = true
    this.#disk = disk
    this.#backend = new MemoryBackend(disk, commitsByItself, maxRecordBytes)
    this.#logs = new LogObjects(this.#backend, disk.images())
  }

  get lastLsn(): Lsn {
    return this.#backend.lastLsn
  }

  get durableLsn(): Lsn {
    return this.#backend.durableLsn
  }

  get logIds(): readonly LogId[] {
    return this.#logs.ids
  }

  /** Why it takes nothing any more; `undefined` while it works. */
  get failure(): DisruptorError | undefined {
    return this.#backend.refusal
  }

  log(id: LogId): LogStore {
    return this.#logs.get(id)
  }

  dropLog(id: LogId): Lsn {
    return this.#logs.drop(id)
  }

  durable(lsn: Lsn, signal?: AbortSignal): Promise<void> {
    return this.#backend.durable(lsn, signal)
  }

  room(signal?: AbortSignal): Promise<void> {
    return this.#backend.room(signal)
  }

  /** Makes everything that waits durable. */
  step(): number {
    this.#backend.commit()
    return Number.POSITIVE_INFINITY
  }

  /** Stops it for good, as a disk that fails would: what waits is never durable, and everybody is told. The disk can be opened again. */
  fail(cause: unknown): void {
    this.#end(new JournalStoppedError('a write', this.durableLsn, cause))
  }

  /** Ends it as `kill -9` would: what waits is gone. The disk can be opened again. */
  crash(): void {
    this.#end(new ClosedError('the journal, which crashed,'))
  }

  async close(): Promise<void> {
    if (this.#backend.refusal !== undefined) return
    this.#backend.commit()
    this.#end(new ClosedError('the journal'))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #end(refusal: DisruptorError): void {
    if (this.#backend.refusal !== undefined) return
    this.#backend.end(refusal)
    this.#logs.ended()
    this.#disk.held = false
  }
}

const nothing = new Uint8Array(0)

class MemoryBackend implements LogBackend {
  readonly maxRecordBytes: number
  readonly stateRoom = new StateRoom()
  durableLsn: number
  refusal: DisruptorError | undefined
  readonly #disk: DurableLogs
  readonly #commitsByItself: boolean
  #pending: PendingChange[] = []
  #commitIsDue = false
  readonly #commits = new Changes()

  constructor(disk: DurableLogs, commitsByItself: boolean, maxRecordBytes: number) {
    this.#disk = disk
    this.durableLsn = disk.lastLsn
    this.#commitsByItself = commitsByItself
    this.maxRecordBytes = maxRecordBytes
  }

  get lastLsn(): number {
    return this.durableLsn + this.#pending.length
  }

  append(logId: number, index: number, term: number, data: Uint8Array): number {
    return this.#take({ kind: 'append', logId, index, term, data: data.slice() })
  }

  appendBatch(logId: number, index: number, term: number, batch: readonly Uint8Array[]): number {
    for (const [i, data] of batch.entries()) this.append(logId, index + i, term, data)
    return this.lastLsn
  }

  change(kind: LogChange, logId: number, index: number, term: number, data = nothing): number {
    return this.#take({ kind, logId, index, term, data: data.slice() })
  }

  async durable(lsn: number, signal?: AbortSignal): Promise<void> {
    const what = `waiting for LSN ${lsn}`
    if (!Number.isSafeInteger(lsn) || lsn < 0 || lsn > this.lastLsn)
      throw new OptionError('lsn', lsn, `a whole number up to ${this.lastLsn}`)
    if (signal?.aborted) throw new AbortedError(what, signal.reason)
    while (lsn > this.durableLsn) {
      if (this.refusal !== undefined) throw this.refusal
      await this.#commits.next(what, signal)
    }
  }

  /** Nothing limits what waits for its commit. */
  async room(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw new AbortedError('waiting for room', signal.reason)
    if (this.refusal !== undefined) throw this.refusal
  }

  async read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): Promise<LogEntry[]> {
    return this.#disk.read(logId, from, to, maxEntries, maxBytes)
  }

  commit(): void {
    this.#commitIsDue = false
    if (this.refusal !== undefined || this.#pending.length === 0) return
    for (const change of this.#pending) this.#disk.apply(change)
    this.durableLsn = this.#disk.lastLsn
    this.#pending = []
    this.#commits.tell()
  }

  end(refusal: DisruptorError): void {
    this.refusal = refusal
    this.#commits.tell()
  }

  #take(change: PendingChange): number {
    this.#pending.push(change)
    if (this.#commitsByItself && !this.#commitIsDue) {
      this.#commitIsDue = true
      queueMicrotask(() => this.commit())
    }
    return this.lastLsn
  }
}
