import { type Files, isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { Actor, SimulatedProcess } from '@disruptorx/testkit'
import type { JournalStep } from '@disruptorx/wal'
import type { MemoryLog, Snapshot } from '../../../src/index.ts'
import { type Change, changesOf, LOG_ID } from './member-log.ts'
import { dropOlder, writeSnapshot } from './snapshot-file.ts'
import { type Storage, saveTo, type Write } from './store.ts'

/** A write on its way. */
interface Pending {
  readonly write: Write
  readonly done: (() => void) | undefined
  readonly changes: Change[]
  /** Whether the file of its snapshot is on stable storage. */
  isFiled: boolean
  /** What it is durable by, when all of it was handed to the journal. */
  lsn: number | undefined
}

/** One life of a member on its journal. A write is acknowledged by the journal's durable LSN, and by nothing else. */
export class JournalStorage implements Storage {
  readonly durable: MemoryLog
  readonly #process: SimulatedProcess
  readonly #files: Files
  readonly #journal: JournalStep
  readonly #failed: (error: unknown) => void
  readonly #pending: Pending[] = []
  readonly #writes: Write[] = []
  #actor: Actor | undefined
  #isCompacting = false

  constructor(process: SimulatedProcess, files: Files, journal: JournalStep, durable: MemoryLog, failed: (error: unknown) => void) {
    this.#process = process
    this.#files = files
    this.#journal = journal
    this.durable = durable
    this.#failed = failed
  }

  /** Writes that nobody was told of yet: stays as it is when the life ends. */
  get pending(): readonly Write[] {
    return this.#writes
  }

  /** From here on the journal works. */
  begin(): void {
    this.#actor = this.#process.run('journal', { step: () => this.#step() })
  }

  /** Puts a snapshot into a new journal: what the first members of a group start from. */
  *found(snapshot: Snapshot): FileTask<void> {
    yield* writeSnapshot(this.#files, snapshot)
    for (const change of changesOf({ snapshot })) change(this.#journal.log(LOG_ID))
    yield* this.#journal.flush()
  }

  write(write: Write, done?: () => void): void {
    const { compaction, snapshot } = write
    if (compaction !== undefined) {
      this.#compact(write, compaction.snapshot)
      return
    }
    const pending = this.#enqueue(write, done)
    if (snapshot === undefined) return
    pending.isFiled = false
    const filed = () => {
      pending.isFiled = true
      this.#actor?.wake()
    }
    this.#process.task('snapshot', writeSnapshot(this.#files, snapshot), filed, error => this.#failed(error))
  }

  /** The file of an own snapshot is written beside everything else; only its mark waits its turn. One that fails is made again another time. */
  #compact(write: Write, snapshot: Snapshot): void {
    if (this.#isCompacting) return
    this.#isCompacting = true
    const end = () => {
      this.#isCompacting = false
    }
    const filed = () => this.#enqueue(write, end)
    this.#process.task('snapshot', writeSnapshot(this.#files, snapshot), filed, end)
  }

  #enqueue(write: Write, done: (() => void) | undefined): Pending {
    const pending = { write, done, changes: changesOf(write), isFiled: true, lsn: undefined }
    this.#pending.push(pending)
    this.#writes.push(write)
    this.#actor?.wake()
    return pending
  }

  #step(): number {
    const journal = this.#journal
    this.#handOver()
    const delayMs = journal.step()
    if (journal.failure !== undefined) {
      this.#failed(journal.failure)
      return Number.POSITIVE_INFINITY
    }
    this.#settle()
    // Whoever was told may have asked for more, within this very step.
    return this.#pending.some(({ isFiled, lsn }) => isFiled && lsn === undefined) ? 0 : delayMs
  }

  /** Gives the journal what it has room for. */
  #handOver(): void {
    const log = this.#journal.log(LOG_ID)
    for (const pending of this.#pending) {
      if (pending.lsn !== undefined) continue
      if (!pending.isFiled) return
      try {
        for (let change = pending.changes[0]; change !== undefined; change = pending.changes[0]) {
          change(log)
          pending.changes.shift()
        }
      } catch (error) {
        if (isDisruptorError(error, 'DX_JOURNAL_FULL')) return
        throw error
      }
      pending.lsn = this.#journal.lastLsn
    }
  }

  /** Acknowledges what the journal says is durable. */
  #settle(): void {
    const { durableLsn } = this.#journal
    let count = 0
    while ((this.#pending[count]?.lsn ?? Number.POSITIVE_INFINITY) <= durableLsn) count++
    if (count === 0) return
    const durable = this.#pending.splice(0, count)
    this.#writes.splice(0, count)
    for (const { write } of durable) saveTo(this.durable, write)
    if (durable.some(({ write: { snapshot, compaction } }) => snapshot !== undefined || compaction !== undefined))
      this.#process.task('tidy', dropOlder(this.#files, this.durable.snapshot()), undefined, () => undefined)
    for (const { done } of durable) if (this.#process.state !== 'gone') done?.()
  }
}
