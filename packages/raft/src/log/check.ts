import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { type ConfState, checkConfState } from '../config/configuration.ts'
import { A_MEMBER, isMemberId, NONE } from '../member-id.ts'
import { isNumber, MOST_NUMBER } from '../numbers.ts'
import type { Entry } from './entry.ts'
import type { HardState, Snapshot } from './log-state.ts'

/* What is saved wrongly is found at the next start, when the member can only be replaced. So it is held to its shape before it is saved. */

// Hot: benchmark `raft/core`.
/** Holds entries that are to be saved to their shape; their indexes follow one another. @throws {OptionError} names the first field that is wrong */
export function checkEntries(entries: readonly Entry[]): void {
  if (!Array.isArray(entries)) throw new OptionError('entries', entries, 'a list of entries')
  const first = entries[0]?.index
  for (let i = 0; i < entries.length; i++) {
    const entry: Entry | undefined = entries[i]
    if (
      entry === undefined ||
      entry === null ||
      !isNumber(entry.index) ||
      entry.index === 0 ||
      entry.index !== first + i ||
      !isNumber(entry.term) ||
      entry.term === 0 ||
      (entry.type !== 'normal' && entry.type !== 'conf-change') ||
      !(entry.data instanceof Uint8Array)
    )
      throw wrongEntry(entry, i, first)
  }
}

function wrongEntry(entry: Entry | undefined, place: number, first: unknown): OptionError {
  const name = `entries[${place}]`
  if (typeof entry !== 'object' || entry === null) return new OptionError(name, entry, 'an entry')
  const { index, term, type, data } = entry
  if (!isNumber(index) || index === 0) return new OptionError(`${name}.index`, index, `a whole number from 1 to ${MOST_NUMBER}`)
  if (place > 0 && index !== (first as number) + place)
    return new OptionError(`${name}.index`, index, `${(first as number) + place}, to leave no gap`)
  if (!isNumber(term) || term === 0) return new OptionError(`${name}.term`, term, `a whole number from 1 to ${MOST_NUMBER}`)
  if (!(data instanceof Uint8Array)) return new OptionError(`${name}.data`, data, 'a Uint8Array')
  return new OptionError(`${name}.type`, type, 'one of normal, conf-change')
}

/** Holds term, vote and commit index to their shape. @throws {OptionError} names the first field that is wrong */
export function checkHardState(hardState: HardState): void {
  const { term, vote, commit } = hardState ?? {}
  wholeNumber('hardState.term', term, 0, MOST_NUMBER)
  if (vote !== NONE && !isMemberId(vote)) throw new OptionError('hardState.vote', vote, `${A_MEMBER}; or 0, for nobody`)
  wholeNumber('hardState.commit', commit, 0, MOST_NUMBER)
}

/** Holds a snapshot to its shape. It is of an entry, so index and term are at least 1. @throws {OptionError} names the first field that is wrong @throws {ConfChangeError} */
export function checkSnapshot(snapshot: Snapshot): void {
  const { index, term, confState, data } = snapshot ?? {}
  wholeNumber('snapshot.index', index, 1, MOST_NUMBER)
  wholeNumber('snapshot.term', term, 1, MOST_NUMBER)
  checkConfState('snapshot.confState', confState as ConfState)
  if (confState?.voters.length === 0) throw new OptionError('snapshot.confState.voters.length', 0, 'at least 1')
  if (!(data instanceof Uint8Array)) throw new OptionError('snapshot.data', data, 'a Uint8Array')
}
