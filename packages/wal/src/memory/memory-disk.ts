import type { LogEntry, Lsn, SnapshotMark } from '@disruptorx/contracts'
import type { LogChange, LogImage } from './log-backend.ts'
import { TermRuns } from './term-runs.ts'

/** One change as it waits for its commit. Entries are changes too. */
export interface PendingChange {
  readonly kind: LogChange | 'append'
  readonly logId: number
  readonly index: number
  readonly term: number
  readonly name: string
  /** Of an entry or a value. Its own memory. */
  readonly data: Uint8Array
}

/** A log as far as it is durable. */
class DurableLog {
  firstIndex = 1
  entries: LogEntry[] = []
  snapshot: SnapshotMark | undefined
  readonly terms = new TermRuns()
  readonly values = new Map<string, Uint8Array>()

  get lastIndex(): number {
    return this.firstIndex + this.entries.length - 1
  }

  apply({ kind, index, term, name, data }: PendingChange): void {
    if (kind === 'append') {
      this.terms.append(index, term)
      this.entries.push({ index, term, data })
    } else if (kind === 'truncate-after') {
      this.entries.length = index - this.firstIndex + 1
      this.terms.cutAfter(index)
      this.#unmark(index)
    } else if (kind === 'truncate-before') {
      this.entries.splice(0, index - this.firstIndex)
      this.firstIndex = index
      this.terms.cutBefore(index)
    } else if (kind === 'reset') {
      this.entries.length = 0
      this.firstIndex = index + 1
      this.terms.reset(index, term)
      this.#unmark(index)
    } else if (kind === 'snapshot') this.snapshot = { index, term }
    else if (data.length === 0) this.values.delete(name)
    else this.values.set(name, data)
  }

  /** What a mark covers past an index is gone, and the mark with it. */
  #unmark(index: number): void {
    if (this.snapshot !== undefined && this.snapshot.index > index) this.snapshot = undefined
  }
}

/** The logs of one memory disk, as far as they are durable. */
export class DurableLogs {
  readonly #logs = new Map<number, DurableLog>()
  /** The newest LSN that is durable. */
  lastLsn = 0
  /** Whether a journal has them open. */
  held = false

  /** How all logs stand. */
  images(): LogImage[] {
    return [...this.#logs].map(([id, log]) => ({
      id,
      firstIndex: log.firstIndex,
      lastIndex: log.lastIndex,
      terms: log.terms.all,
      snapshot: log.snapshot,
      values: log.values,
    }))
  }

  /** Makes one change durable. In order. */
  apply(change: PendingChange): void {
    this.lastLsn++
    if (change.kind === 'drop') {
      this.#logs.delete(change.logId)
      return
    }
    let log = this.#logs.get(change.logId)
    if (log === undefined) {
      log = new DurableLog()
      this.#logs.set(change.logId, log)
    }
    log.apply(change)
  }

  /** Copies of durable entries. */
  read(logId: number, from: number, to: number, maxEntries: number, maxBytes: number): LogEntry[] {
    const log = this.#logs.get(logId)
    const found: LogEntry[] = []
    if (log === undefined) return found
    const last = Math.min(to, from + maxEntries - 1)
    for (let index = from, bytes = 0; index <= last && bytes < maxBytes; index++) {
      const entry = log.entries[index - log.firstIndex]
      if (entry === undefined) break
      found.push({ ...entry, data: entry.data.slice() })
      bytes += entry.data.length
    }
    return found
  }
}

const contents = new WeakMap<MemoryDisk, DurableLogs>()

/** What is on a disk. */
export function contentOf(disk: MemoryDisk): DurableLogs {
  const content = contents.get(disk) ?? new DurableLogs()
  contents.set(disk, content)
  return content
}

/**
 * What a memory journal keeps when it is closed or crashes: its disk. Opened again, it gives the same logs.
 *
 * One journal at a time, as with any other store.
 */
export class MemoryDisk {
  /** The newest LSN that is durable. */
  get lastLsn(): Lsn {
    return contentOf(this).lastLsn
  }
}
