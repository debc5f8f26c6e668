import { isDisruptorError, type LogJournal, type LogStore } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'

const record = new Uint8Array(64).fill(7)

/** Appends, and waits for room when there is none. Returns the LSN. */
export async function append(log: LogStore, data: Uint8Array): Promise<number> {
  for (;;) {
    try {
      return log.append(data, 1).lsn
    } catch (error) {
      if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
      await log.room()
    }
  }
}

/** Appends records of 64 bytes to logs in turns until all are durable. Returns records per second. */
export async function appendAll(journal: LogJournal, logs: number, count: number): Promise<number> {
  const stores = Array.from({ length: logs }, (_, id) => journal.log(id))
  const startNs = systemClock.monotonicNs()
  let lsn = 0
  for (let done = 0; done < count; ) {
    for (const store of stores) {
      if (done++ === count) break
      // Not awaited unless there is no room: a promise for each record would cost more than the record.
      lsn = tryAppend(store) || (await append(store, record))
    }
  }
  await journal.durable(lsn)
  return (count * 1e9) / (systemClock.monotonicNs() - startNs)
}

/** Appends a record of 64 bytes. Returns its LSN, or 0 when there is no room. */
export function tryAppend(store: LogStore): number {
  try {
    return store.append(record, 1).lsn
  } catch (error) {
    if (!isDisruptorError(error, 'DX_LOG_FULL')) throw error
    return 0
  }
}
