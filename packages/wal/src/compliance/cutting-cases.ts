import type { CaseBody } from './suite.ts'
import { bytesOf, describe, fill, must, mustEqual, mustRefuse, readAll, readTexts, type Trial } from './trial.ts'

async function replacesConflicts(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 6, 1)
  await fill(journal, log, 10, 2)
  const before = journal.lastLsn
  const lsn = log.truncateAfter(4)
  must(lsn > before, 'gave a truncation no LSN of its own')
  mustEqual([log.lastIndex, log.lastTerm, log.durableIndex, log.firstIndex], [4, 1, 4, 1], 'stands otherwise when it was cut after 4')
  mustEqual([log.termAt(4), log.termAt(5) ?? null], [1, null], 'knows other terms when it was cut after 4')
  const appended = log.append(bytesOf('instead'), 3)
  mustEqual(appended.index, 5, 'gave the entry behind a cut another index')
  must(log.durableIndex < 5 || journal.durableLsn >= appended.lsn, 'counts a new entry as durable because an old one was')
  await log.durable(appended.lsn)
  await fill(journal, log, 7, 4)
  const expected = ['3:1:entry 3', '4:1:entry 4', '5:3:instead', '6:4:entry 6', '7:4:entry 7']
  mustEqual(await readTexts(log, 3), expected, 'read otherwise after a conflict')
  mustEqual(describe(await log.entry(5)), '5:3:instead', 'read what a conflict replaced')
  mustEqual(
    [4, 5, 6, 7, 8].map(index => log.termAt(index) ?? null),
    [1, 3, 4, 4, null],
    'knows other terms after a conflict',
  )
  await mustRefuse(() => log.truncateAfter(8), 'DX_INDEX_PAST_END', 'a cut past the end')
  await log.durable(log.truncateAfter(7))
  await log.durable(log.truncateAfter(0))
  mustEqual([log.firstIndex, log.lastIndex, log.lastTerm, log.durableIndex], [1, 0, 0, 0], 'stands otherwise when all was cut')
  await fill(journal, log, 1, 1)
  mustEqual(await readTexts(log, 1), ['1:1:entry 1'], 'read otherwise after all was cut')
}

async function replacesWhatIsNotDurable(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  for (let round = 1; round <= 20; round++) {
    log.append(bytesOf('kept'), round)
    const { lsn } = log.append(bytesOf('replaced'), round)
    log.truncateAfter(log.lastIndex - 1)
    must(log.durableIndex <= log.lastIndex, 'counts more entries as durable than there are')
    if (round % 5 === 0) await log.durable(lsn)
    must(log.durableIndex <= log.lastIndex, 'counts a replaced entry as durable')
  }
  await log.durable(journal.lastLsn)
  const expected = Array.from({ length: 20 }, (_, i) => `${i + 1}:${i + 1}:kept`)
  mustEqual(await readTexts(log, 1), expected, 'read otherwise when entries were replaced before they were durable')
}

async function tellsReadersOfConflicts(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 10)
  const far = log.read(1, { follow: true, maxBatchEntries: 8 })[Symbol.asyncIterator]()
  const near = log.read(1, { follow: true, to: 8, maxBatchEntries: 2 })[Symbol.asyncIterator]()
  let farShown = 0
  while (farShown < 8) farShown += ((await far.next()).value as readonly unknown[]).length
  const shown = ((await near.next()).value as readonly { readonly index: number }[]).length
  log.truncateAfter(6)
  log.append(bytesOf('seven'), 2)
  log.append(bytesOf('eight'), 2)
  const rewound = await mustRefuse(() => far.next(), 'DX_LOG_REWOUND', 'to go on with a reader that has shown what was replaced')
  mustEqual(rewound.details.index, 6, 'told a reader another index that still holds')
  const rest: string[] = []
  for (let next = await near.next(); next.done !== true; next = await near.next()) rest.push(...next.value.map(describe))
  const expected = ['1:1:entry 1', '2:1:entry 2', '3:1:entry 3', '4:1:entry 4', '5:1:entry 5', '6:1:entry 6', '7:2:seven', '8:2:eight']
  mustEqual(rest, expected.slice(shown), 'showed a reader that had not come that far something else than the new entries')
  await log.durable(journal.lastLsn)
}

async function retains(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 10, 2)
  await fill(journal, log, 20, 3)
  const late = log.read(1, { maxBatchEntries: 1 })[Symbol.asyncIterator]()
  await late.next()
  const before = journal.lastLsn
  const lsn = log.truncateBefore(11)
  must(lsn > before, 'gave a truncation no LSN of its own')
  mustEqual([log.firstIndex, log.lastIndex, log.durableIndex], [11, 20, 20], 'stands otherwise when it was cut before 11')
  mustEqual(
    [9, 10, 11].map(index => log.termAt(index) ?? null),
    [null, 2, 3],
    'knows other terms when it was cut before 11',
  )
  await log.durable(lsn)
  await mustRefuse(() => late.next(), 'DX_INDEX_TRUNCATED', 'to go on with a reader of what was removed')
  mustEqual((await readAll(log, 11)).length, 10, 'removed other entries than those before 11')
  mustEqual([log.truncateBefore(3), log.truncateBefore(11)], [journal.lastLsn, lsn], 'gave a truncation that removes nothing an LSN')
  mustEqual(log.firstIndex, 11, 'moved its start back')
  await mustRefuse(() => log.truncateBefore(22), 'DX_INDEX_PAST_END', 'to remove entries that are not there yet')
  await mustRefuse(() => log.truncateAfter(9), 'DX_INDEX_TRUNCATED', 'a cut in what was removed')
  log.truncateAfter(10)
  mustEqual([log.firstIndex, log.lastIndex, log.lastTerm], [11, 10, 2], 'stands otherwise when what was left was cut')
  await fill(journal, log, 15, 4)
  await log.durable(log.truncateBefore(16))
  mustEqual([log.firstIndex, log.lastIndex, log.lastTerm, log.termAt(15)], [16, 15, 4, 4], 'stands otherwise when all entries were removed')
  await mustRefuse(() => log.append(bytesOf('old'), 3), 'DX_ENTRY_ORDER', 'a term below that of an entry which was removed')
  await fill(journal, log, 17, 4)
  mustEqual(await readTexts(log, 16), ['16:4:entry 16', '17:4:entry 17'], 'read otherwise behind what was removed')
}

async function resets(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 5)
  const lsn = log.reset(100, 7)
  mustEqual([log.firstIndex, log.lastIndex, log.lastTerm, log.termAt(100)], [101, 100, 7, 7], 'stands otherwise after a reset to 100')
  await log.durable(lsn)
  mustEqual(log.durableIndex, 100, 'counts another index as durable after a reset to 100')
  mustEqual(await readAll(log, 101), [], 'read something right after a reset')
  await mustRefuse(() => readAll(log, 100), 'DX_INDEX_TRUNCATED', 'reading what was reset')
  await mustRefuse(() => log.reset(99, 7), 'DX_INDEX_TRUNCATED', 'a reset to what lies elsewhere already')
  await mustRefuse(() => log.reset(101, 6), 'DX_ENTRY_ORDER', 'a reset whose term goes back')
  await mustRefuse(() => log.append(bytesOf('old'), 6), 'DX_ENTRY_ORDER', 'a term below that of a reset')
  await fill(journal, log, 110, 8)
  mustEqual((await readTexts(log, 101)).at(0), '101:8:entry 101', 'read otherwise behind a reset')
  const reader = log.read(101, { maxBatchEntries: 8 })[Symbol.asyncIterator]()
  await reader.next()
  await log.durable(log.reset(105, 8))
  mustEqual(
    [log.firstIndex, log.lastIndex, log.lastTerm, log.durableIndex],
    [106, 105, 8, 105],
    'stands otherwise after a reset within itself',
  )
  await mustRefuse(() => reader.next(), 'DX_LOG_REWOUND', 'to go on with a reader that has shown what a reset removed')
  await fill(journal, log, 106, 9)
  mustEqual(await readTexts(log, 106), ['106:9:entry 106'], 'read otherwise after a reset within itself')
  await mustRefuse(() => log.reset(120, 7), 'DX_ENTRY_ORDER', 'a reset behind the term of what lives elsewhere')
  await log.durable(log.reset(120, 8))
  mustEqual([log.lastIndex, log.lastTerm], [120, 8], 'kept the term of a leader that lost after a reset')
}

/** Cases about what is cut off. */
export const cuttingCases: readonly CaseBody[] = [
  { name: 'replaces entries after a conflict', check: replacesConflicts },
  { name: 'replaces entries that are not durable yet', check: replacesWhatIsNotDurable },
  { name: 'tells readers what a conflict has replaced', check: tellsReadersOfConflicts },
  { name: 'removes entries from the front', check: retains },
  { name: 'begins anew behind a snapshot', check: resets },
]
