import { describe, expect, it } from 'vitest'
import { logOf } from '../model-logs.ts'
import { type FoundLog, Ledger } from './ledger.ts'

/** A log that was trimmed to nothing: that of its first two entries, and that of two others after it was dropped, look the same. */
const trimmed: FoundLog = {
  id: 1,
  first: 3,
  last: 2,
  lastTerm: 1,
  snapshot: undefined,
  values: new Map(),
  entries: [],
  terms: [1],
}

function twiceTheSame(): Ledger {
  const ledger = new Ledger()
  let lsn = 0
  const life = (...texts: readonly string[]) => {
    for (const text of texts) ledger.note(++lsn, logs => logOf(logs, 1).append(text, 1))
    ledger.note(++lsn, logs => logOf(logs, 1).trim(3), true)
  }
  life('a', 'b')
  ledger.note(++lsn, logs => logs.delete(1))
  life('c', 'd')
  return ledger
}

describe('the books of what was done to a journal', () => {
  it.each([
    ['promised', 3],
    ['written, and not promised', 0],
  ])('take the newest answer that fits, also where the same was there before, %s: an archive shows the difference', (_what, keptLsn) => {
    const ledger = twiceTheSame()
    const count = ledger.match([trimmed], keptLsn, 7)
    expect(count).toBe(7)
    ledger.settle(count, 7, 7)
    expect(ledger.history.get(1)?.entries.map(({ text }) => text)).toEqual(['c', 'd'])
  })

  it('take none that the journal does not reach', () => {
    expect(twiceTheSame().match([trimmed], 0, 6)).toBe(3)
    expect(() => twiceTheSame().match([trimmed], 4, 6)).toThrow('promised up to LSN 4')
  })
})
