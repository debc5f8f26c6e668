import type { LogId, Lsn } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import type { LogBackend, LogImage } from './log-backend.ts'
import { StoreLog } from './store-log.ts'

/** The log objects of a journal: one for each log that was asked for or is there. */
export class LogObjects {
  readonly #backend: LogBackend
  readonly #logs = new Map<number, StoreLog>()

  constructor(backend: LogBackend, images: readonly LogImage[]) {
    this.#backend = backend
    for (const image of images) this.#logs.set(image.summary.logId, new StoreLog(backend, image.summary.logId, image))
  }

  /** The logs that there are, ascending. */
  get ids(): LogId[] {
    return [...this.#logs.values()]
      .filter(log => log.exists)
      .map(log => log.id)
      .sort((a, b) => a - b)
  }

  /** @throws {OptionError} */
  get(id: LogId): StoreLog {
    let log = this.#logs.get(wholeNumber('id', id, 0, 2 ** 32 - 1))
    if (log === undefined) {
      log = new StoreLog(this.#backend, id)
      this.#logs.set(id, log)
    }
    return log
  }

  drop(id: LogId): Lsn {
    const lsn = this.get(id).drop()
    this.#logs.delete(id)
    return lsn
  }

  /** The journal ended: readers that wait are to look why. */
  ended(): void {
    for (const log of this.#logs.values()) log.changes.tell()
  }
}
