import type { LogEntry, Lsn } from '@disruptorx/contracts'
import type { LogChange, LogImage } from '../log/log-backend.ts'
import { LogNumbers } from '../logs/log-numbers.ts'
import { emptySummary } from '../logs/log-summary.ts'
import { decodeValue } from '../logs/summary-bytes.ts'

/** One change as it waits for its commit. Entries are changes too. */
export interface PendingChange {
  readonly kind: LogChange | 'append'
  readonly logId: number
  readonly index: number
  readonly term: number
  /** Of an entry or a value. Its own memory. */
  readonly data: Uint8Array
}

/** A log as far as it is durable. */
class DurableLog {
  readonly numbers: LogNumbers
  readonly entries: LogEntry[] = []

  constructor(logId: number) {
    this.numbers = new LogNumbers(emptySummary(logId))
  }

  get image(): LogImage {
    return { summary: this.numbers.summary(), terms: [...this.numbers.terms.starts] }
  }

  apply({ kind, index, term, data }: PendingChange): void {
    const { numbers } = this
    if (kind === 'append') {
      numbers.startTerm(index, term)
      numbers.lastIndex = index
      this.entries.push({ index, term, data })
    } else if (kind === 'truncate-after') {
      this.entries.length = index - numbers.firstIndex + 1
      numbers.cut(index, term)
    } else if (kind === 'truncate-before') {
      this.entries.splice(0, index - numbers.firstIndex)
      numbers.trim(index, term)
    } else if (kind === 'reset') {
      this.entries.length = 0
      numbers.reset(index, term)
    } else if (kind === 'snapshot') numbers.mark(index, term)
    else numbers.setValue(...decodeValue(data))
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
    return [...this.#logs.values()].map(log => log.image)
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
      log = new DurableLog(change.logId)
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
      const entry = log.entries[index - log.numbers.firstIndex]
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
