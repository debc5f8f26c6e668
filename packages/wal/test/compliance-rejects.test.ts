import { isDisruptorError } from '@disruptorx/contracts'
import { describe, expect, it } from 'vitest'
import { type LogComplianceCase, logJournalCases, logJournalSuite } from '../src/compliance.ts'
import { brokenPlace, type Faults, faults } from './broken-stores.ts'

function casesOf(broken: Faults): LogComplianceCase[] {
  return logJournalCases({ make: () => brokenPlace(broken) })
}

/** The message of each case that rejects. */
async function rejections(broken: Faults): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { name, run } of casesOf(broken)) {
    try {
      await run()
    } catch (error) {
      if (!isDisruptorError(error, 'DX_COMPLIANCE')) throw error
      found[name] = error.message
    }
  }
  return found
}

const EMPTY = 'starts a log empty, at index 1'
const ONE = 'appends entries one by one, without gaps, and shows them at once'
const TERM = 'goes on in the term of the last entry'
const BATCH = 'appends batches, all of them or nothing'
const COPIES = 'copies what it is given, and what it gives'
const LENGTHS = 'keeps entries of every length, and refuses longer ones'
const TERMS = 'refuses a term that goes back, and knows the term of each entry'
const WAITS = 'ends waits when their LSN is durable, and in that order'
const VALUES = 'keeps small values beside the log'
const MARKS = 'keeps the newest snapshot mark'
const RANGES = 'reads ranges, in batches within their bounds'
const INDEXES = 'refuses indexes that it does not have, by what is wrong with them'
const ENTRY = 'reads one entry as soon as it is durable'
const DURABLE = 'shows only what is durable'
const FOLLOW = 'lets readers follow the log'
const SIGNALS = 'ends waits and readings by their signals'
const CONFLICT = 'replaces entries after a conflict'
const UNSYNCED = 'replaces entries that are not durable yet'
const REWOUND = 'tells readers what a conflict has replaced'
const FRONT = 'removes entries from the front'
const RESET = 'begins anew behind a snapshot'
const AGAIN = 'is the same when it is opened again'
const CLOSE = 'makes durable at close what was appended before'
const CLOSED = 'refuses everything after close'
const LOCK = 'keeps a second opener out'
const CRASH = 'keeps after a crash what was durable, and of the rest the beginning'
const APART = 'keeps logs apart'
const FIRST = 'has a log from its first change on'
const DROP = 'drops logs, and begins them anew'

/** For each case stores that it rejects, and what it says of them. */
const rejected: [string, keyof typeof faults, RegExp][] = [
  [EMPTY, 'startsAtZero', /starts a log in another state: \[1,0,0,0,0\] instead of \[1,1,0,0,0\]/],
  [ONE, 'showsLate', /does not show at once what was appended/],
  [ONE, 'repeatsLsns', /gave LSN 1 after LSN 1/],
  [TERM, 'beginsATermWithEachEntry', /gave entries without a term another one/],
  [BATCH, 'takesPartsOfBatches', /took a part of a batch that it refused: 8 instead of 7/],
  [COPIES, 'keepsTheCallersBytes', /did not copy the bytes before append returned/],
  [COPIES, 'givesOutItsOwnBytes', /gave out its own bytes to a reader/],
  [LENGTHS, 'cutsLongEntries', /read entries of other lengths/],
  [LENGTHS, 'takesTooLongOnes', /took an entry of 262145 bytes; DX_ENTRY_TOO_LARGE was due/],
  [TERMS, 'takesOldTerms', /took an entry of term 4 after term 5; DX_ENTRY_ORDER was due/],
  [TERMS, 'has32BitTerms', /reads other terms/],
  [WAITS, 'acknowledgesAtOnce', /ended a wait for LSN 1 when only LSN 0 was durable/],
  [WAITS, 'endsWaitsOutOfOrder', /ended waits in another order/],
  [WAITS, 'waitsForAnything', /took a wait for an LSN that nothing has/],
  [VALUES, 'takesAnyValue', /took a value called ''/],
  [VALUES, 'givesOutItsOwnValues', /gave out its own bytes of a value/],
  [MARKS, 'takesOldMarks', /took a snapshot mark below the one before/],
  [MARKS, 'takesMarksOfAnyTerm', /took a snapshot mark of another term/],
  [MARKS, 'keepsMarksAboveResets', /keeps a mark above a reset/],
  [RANGES, 'givesLargeBatches', /gave out 50 entries at once when 1 were allowed/],
  [RANGES, 'ignoresTo', /read ranges up to other indexes/],
  [INDEXES, 'readsFromAnywhere', /took reading an empty log from index 2/],
  [ENTRY, 'readsOneTooEarly', /gave out entry 1 before it was durable/],
  [DURABLE, 'showsWhatIsNotDurable', /read entry 20 when 0 was the last durable one/],
  [FOLLOW, 'endsFollowers', /showed followers other entries/],
  [SIGNALS, 'waitsInSpiteOfSignals', /did not end a wait with DX_ABORTED/],
  [SIGNALS, 'readsInSpiteOfSignals', /took reading with a signal that was aborted/],
  [CONFLICT, 'neverTakesDurableBack', /stands otherwise when all was cut/],
  [CONFLICT, 'showsWhatWasReplaced', /read otherwise after a conflict/],
  [UNSYNCED, 'countsReplacedAsDurable', /counts .* as durable/],
  [REWOUND, 'hidesConflictsFromReaders', /took to go on with a reader that has shown what was replaced/],
  [FRONT, 'removesTooLittle', /stands otherwise when it was cut before 11/],
  [FRONT, 'readsAhead', /took to go on with a reader of what was removed/],
  [FRONT, 'recordsNothing', /gave a truncation that removes nothing an LSN/],
  [RESET, 'hidesResetsFromReaders', /took to go on with a reader that has shown what a reset removed/],
  [RESET, 'keepsLostTerms', /took a reset behind the term of what lives elsewhere|kept the term/],
  [RESET, 'resetsTooFar', /stands otherwise after a reset to 100/],
  [AGAIN, 'forgetsValues', /opened as another log than it was closed as, life 2/],
  [CLOSE, 'losesAtClose', /lost what was appended before it was closed|read other|instead of 100/],
  [CLOSE, 'breaksWaitsAtClose', /ended a wait by an error when it was closed/],
  [CLOSED, 'takesEntriesAfterClose', /took append after close; DX_CLOSED was due/],
  [CLOSED, 'hasRoomAfterClose', /took wait for room after close/],
  [CLOSED, 'hidesItsFailure', /tells otherwise why it takes nothing after close/],
  [SIGNALS, 'waitsForRoomInSpiteOfSignals', /took to wait for room with a signal/],
  [LOCK, 'letsOthersIn', /took a second opener/],
  [CRASH, 'losesDurable', /opened after a crash as/],
  [CRASH, 'keepsValuesOutOfOrder', /opened after a crash as/],
  [APART, 'mixesLogs', /gave LSN|has other logs|mixed up/],
  [FIRST, 'countsLogsThatWereAskedFor', /has other logs than those to which something was done/],
  [DROP, 'takesEntriesAfterADrop', /took append of a log that was dropped/],
]

describe('the compliance suite of logs', () => {
  it('finds nothing wrong with a store that is right', async () => {
    expect(await rejections({})).toEqual({})
  })

  it.each(rejected)('rejects by "%s" a store that is broken: %s', async (name, fault, message) => {
    const found = casesOf(faults[fault]).find(each => each.name === name) as LogComplianceCase
    await expect(found.run()).rejects.toMatchObject({ code: 'DX_COMPLIANCE', message: expect.stringMatching(message) })
  })

  it('has no case that rejects nothing, and no broken store that is not rejected', () => {
    expect(new Set(rejected.map(([name]) => name))).toEqual(new Set(casesOf({}).map(({ name }) => name)))
    expect(new Set(rejected.map(([, fault]) => fault))).toEqual(new Set(Object.keys(faults)))
  })

  it('asks nothing about crashes of a store that cannot crash', async () => {
    const make = () => {
      const { open } = brokenPlace(faults.losesDurable)
      return { open }
    }
    for (const { run } of logJournalCases({ make })) await run()
  })

  it('passes on what a store throws, and removes its place all the same', async () => {
    let removed = 0
    const make = () => ({
      open() {
        throw new RangeError('not written yet')
      },
      remove: () => {
        removed++
      },
    })
    const cases = logJournalCases({ make })
    for (const { run } of cases) await run().catch(error => expect(error).toBeInstanceOf(RangeError))
    expect(removed).toBe(cases.length)
  })

  it('makes a test of each case with any framework', () => {
    const calls: string[] = []
    const framework = {
      describe(name: string, define: () => void) {
        calls.push(name)
        define()
      },
      it: (name: string, run: () => Promise<void>) => calls.push(`${name}: ${typeof run}`),
    }
    logJournalSuite(framework, 'mine', { make: () => brokenPlace({}) })
    expect(calls).toEqual(['mine', ...casesOf({}).map(({ name }) => `${name}: function`)])
  })
})
