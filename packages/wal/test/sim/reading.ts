import type { FileTask } from '@disruptorx/contracts/internal'
import type { JournalStep } from '../../src/index.ts'
import type { FoundLog } from './ledger.ts'

/** The small values that the simulated user sets. */
export const VALUE_NAMES = ['term', 'vote', 'x-1'] as const

const decoder = new TextDecoder()

/** Reads all that a journal shows, when everything in it is durable. @throws what reading throws */
export function* readEverything(journal: JournalStep): FileTask<FoundLog[]> {
  const found: FoundLog[] = []
  for (const id of journal.logIds) found.push(yield* readLog(journal, id))
  return found
}

function* readLog(journal: JournalStep, id: number): FileTask<FoundLog> {
  const log = journal.log(id)
  if (log.durableIndex !== log.lastIndex) throw new Error(`log ${id} is durable up to ${log.durableIndex} of ${log.lastIndex}`)
  const entries: string[] = []
  const terms: (number | undefined)[] = []
  for (let index = Math.max(1, log.firstIndex - 1); index <= log.lastIndex; index++) terms.push(log.termAt(index))
  const reader = journal.reader(id, log.firstIndex)
  try {
    for (let outcome = reader.poll(); outcome !== 'end'; outcome = reader.poll()) {
      if (outcome === 'pending') yield
      else {
        if (reader.index !== log.firstIndex + entries.length)
          throw new Error(`log ${id} shows ${reader.index} after ${entries.length} entries`)
        if (reader.term !== log.termAt(reader.index)) throw new Error(`log ${id} shows entry ${reader.index} with term ${reader.term}`)
        entries.push(decoder.decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
      }
    }
  } finally {
    reader.close()
  }
  const values = new Map<string, string>()
  for (const name of VALUE_NAMES) {
    const value = log.value(name)
    if (value !== undefined) values.set(name, decoder.decode(value))
  }
  const { firstIndex: first, lastIndex: last, lastTerm, snapshot } = log
  return { id, first, last, lastTerm, snapshot, values, entries, terms }
}
