import type { LogStore } from '@disruptorx/contracts'
import type { SeededRandom } from '@disruptorx/testkit'
import { logOf, type ModelLogs } from '../model-logs.ts'

/** Something that is done to a journal, as a line of a file can hold it. */
export type Operation =
  | { readonly kind: 'append'; readonly log: number; readonly term: number; readonly serial: string; readonly length: number }
  | { readonly kind: 'cut' | 'trim'; readonly log: number; readonly index: number }
  | { readonly kind: 'reset' | 'mark'; readonly log: number; readonly index: number; readonly term: number }
  | { readonly kind: 'value'; readonly log: number; readonly name: string; readonly text: string }
  | { readonly kind: 'drop'; readonly log: number }

/** A journal as far as it is changed, on this thread or another. */
export interface Changing {
  readonly logIds: readonly number[]
  log(id: number): LogStore
  dropLog(id: number): number
}

/** The log that is only appended to, and so lags: what it holds is written again when the others have let go of a segment. */
export const LAGGING = 5
const NAMES = ['term', 'vote', 'x-1'] as const

/** What to do next, to a journal as it stands. */
export function draw(journal: Changing, random: SeededRandom, serial: string): Operation {
  const lags = random.chance(0.04)
  const id = lags ? LAGGING : random.pick([0, 7, 4_000_000_000])
  const { firstIndex: first, lastIndex: last, lastTerm } = journal.log(id)
  const length = random.chance(0.15) ? random.between(500, 3000) : random.between(10, 300)
  const roll = lags ? 0 : random.below(100)
  if (roll < 65) return { kind: 'append', log: id, term: Math.max(1, lastTerm + (random.chance(0.1) ? 1 : 0)), serial, length }
  if (roll < 71) return { kind: 'cut', log: id, index: random.between(Math.max(first - 1, last - 10), last) }
  if (roll < 86 && last > first) return { kind: 'trim', log: id, index: random.between(first + 1, last + 1) }
  if (roll < 87) return { kind: 'reset', log: id, index: last + random.below(4), term: lastTerm + 1 }
  if (roll < 89) return { kind: 'mark', log: id, index: last, term: journal.log(id).termAt(last) ?? 1 }
  if (roll < 90 && journal.logIds.includes(id)) return { kind: 'drop', log: id }
  return { kind: 'value', log: id, name: random.pick(NAMES), text: random.chance(0.2) ? '' : serial }
}

/** Does it to a journal, and returns its LSN. */
export function carryOut(journal: Changing, operation: Operation): number {
  const log = journal.log(operation.log)
  switch (operation.kind) {
    case 'append':
      return log.append(new TextEncoder().encode(textOf(operation)), operation.term).lsn
    case 'cut':
      return log.truncateAfter(operation.index)
    case 'trim':
      return log.truncateBefore(operation.index)
    case 'mark':
      return log.markSnapshot(operation.index, operation.term)
    case 'reset':
      return log.reset(operation.index, operation.term)
    case 'value':
      return log.setValue(operation.name, new TextEncoder().encode(operation.text))
    default:
      return journal.dropLog(operation.log)
  }
}

/** Does it to the model. */
export function replay(logs: ModelLogs, operation: Operation): void {
  const { log: id } = operation
  switch (operation.kind) {
    case 'drop':
      logs.delete(id)
      return
    case 'append':
      logOf(logs, id).append(textOf(operation), operation.term)
      return
    case 'cut':
      logOf(logs, id).cut(operation.index)
      return
    case 'trim':
      logOf(logs, id).trim(operation.index)
      return
    case 'mark':
      logOf(logs, id).snapshot = operation.index === 0 ? undefined : { index: operation.index, term: operation.term }
      return
    case 'reset':
      logOf(logs, id).reset(operation.index, operation.term)
      return
    default:
      if (operation.text === '') logOf(logs, id).values.delete(operation.name)
      else logOf(logs, id).values.set(operation.name, operation.text)
  }
}

function textOf({ log, serial, length }: Operation & { readonly kind: 'append' }): string {
  return `${log}/${serial}/`.padEnd(length, '#')
}
