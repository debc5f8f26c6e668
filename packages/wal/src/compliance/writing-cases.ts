import type { LogJournal } from '@disruptorx/contracts'
import type { CaseBody } from './suite.ts'
import { bytesOf, entryText, fill, must, mustEqual, mustRefuse, readAll, readTexts, type Trial, textOf, whenRoom } from './trial.ts'

/** How a log stands that nothing was ever done to. */
async function startsEmpty(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  mustEqual(
    [log.id, log.firstIndex, log.lastIndex, log.lastTerm, log.durableIndex],
    [trial.logId, 1, 0, 0, 0],
    'starts a log in another state',
  )
  mustEqual(
    [log.snapshot, log.termAt(0), log.termAt(1), log.value('vote')].filter(each => each !== undefined),
    [],
    'knows something of a new log',
  )
  mustEqual(await readAll(log, 1), [], 'reads entries from a new log')
  await log.durable(0)
}

async function appendsOne(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  let { lastLsn } = journal
  for (let index = 1; index <= 20; index++) {
    const appended = log.append(bytesOf(entryText(index)), index < 10 ? 1 : 3)
    mustEqual(appended.index, index, 'gave an entry another index than the next')
    must(appended.lsn > lastLsn, `gave LSN ${appended.lsn} after LSN ${lastLsn}`)
    lastLsn = appended.lsn
    mustEqual([log.lastIndex, journal.lastLsn], [index, lastLsn], 'does not show at once what was appended')
    must(log.durableIndex <= log.lastIndex, 'has more durable entries than entries')
  }
  await log.durable(lastLsn)
  mustEqual([log.durableIndex, log.firstIndex, log.lastTerm], [20, 1, 3], 'stands otherwise after 20 entries')
  const expected = Array.from({ length: 20 }, (_, i) => `${i + 1}:${i < 9 ? 1 : 3}:${entryText(i + 1)}`)
  mustEqual(await readTexts(log, 1), expected, 'read other entries than were appended')
}

async function continuesTheTerm(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await whenRoom(journal, () => log.append(bytesOf('first')))
  await whenRoom(journal, () => log.append(bytesOf('second'), 4))
  await whenRoom(journal, () => log.append(bytesOf('third')))
  await whenRoom(journal, () => log.appendBatch([bytesOf('fourth')]))
  await log.durable(journal.lastLsn)
  mustEqual(await readTexts(log, 1), ['1:1:first', '2:4:second', '3:4:third', '4:4:fourth'], 'gave entries without a term another one')
}

async function appendsBatches(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 3)
  const before = journal.lastLsn
  const appended = await whenRoom(journal, () => log.appendBatch(['a', '', 'c'].map(bytesOf), 2))
  mustEqual([appended.index, log.lastIndex, log.lastTerm, journal.lastLsn], [6, 6, 2, appended.lsn], 'appended a batch of three otherwise')
  must(appended.lsn > before, `gave a batch LSN ${appended.lsn} after LSN ${before}`)
  await whenRoom(journal, () => log.appendBatch([bytesOf('only one')], 2))
  await log.durable(journal.lastLsn)
  mustEqual(await readTexts(log, 3), ['3:1:entry 3', '4:2:a', '5:2:', '6:2:c', '7:2:only one'], 'read other entries than the batches had')
  await mustRefuse(() => log.appendBatch([], 2), 'DX_OPTION', 'a batch without entries')
  const tooLarge = new Uint8Array(trial.maxRecordBytes + 1)
  await mustRefuse(() => log.appendBatch([bytesOf('fits'), tooLarge], 2), 'DX_ENTRY_TOO_LARGE', 'a batch with an entry that is too large')
  await mustRefuse(() => log.appendBatch([bytesOf('old')], 1), 'DX_ENTRY_ORDER', 'a batch whose term goes back')
  mustEqual(log.lastIndex, 7, 'took a part of a batch that it refused')
  await fill(journal, log, 8, 2)
  mustEqual(await readTexts(log, 7), ['7:2:only one', '8:2:entry 8'], 'read something of a batch that it refused')
}

async function copiesAtOnce(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  const bytes = bytesOf('as appended')
  const vote = bytesOf('as set')
  log.append(bytes, 1)
  log.appendBatch([bytes.subarray(3)], 1)
  log.setValue('vote', vote)
  bytes.fill(0)
  vote.fill(0)
  await log.durable(journal.lastLsn)
  mustEqual(await readTexts(log, 1), ['1:1:as appended', '2:1:appended'], 'did not copy the bytes before append returned')
  mustEqual(textOf(log.value('vote') as Uint8Array), 'as set', 'did not copy a value before setValue returned')
  for (const entry of await readAll(log, 1)) entry.data.fill(0)
  mustEqual(await readTexts(log, 1), ['1:1:as appended', '2:1:appended'], 'gave out its own bytes to a reader')
}

/** An entry whose every byte depends on its place and its index. */
function patterned(length: number, index: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) + index * 7) & 0xff)
}

async function keepsEveryLength(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  const most = trial.maxRecordBytes
  const lengths = [0, 1, 7, 8, 9, 4000, 4096, 5000, most - 1, most, 0].filter(length => length <= most)
  for (const length of lengths) await whenRoom(journal, () => log.append(patterned(length, log.lastIndex + 1), 1))
  await log.durable(journal.lastLsn)
  const found = await readAll(log, 1)
  mustEqual(
    found.map(entry => entry.data.length),
    lengths,
    'read entries of other lengths',
  )
  for (const { index, data } of found) {
    const expected = patterned(data.length, index)
    must(
      data.every((byte, i) => byte === expected[i]),
      `read another content of an entry of ${data.length} bytes`,
    )
  }
  await mustRefuse(() => log.append(new Uint8Array(most + 1), 1), 'DX_ENTRY_TOO_LARGE', `an entry of ${most + 1} bytes`)
  mustEqual(log.lastIndex, lengths.length, 'counted an entry that it refused')
}

async function refusesOldTerms(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 2, 5)
  await mustRefuse(() => log.append(bytesOf('old'), 4), 'DX_ENTRY_ORDER', 'an entry of term 4 after term 5')
  mustEqual([log.lastIndex, log.lastTerm], [2, 5], 'counted an entry that it refused')
  await fill(journal, log, 4, 2 ** 40)
  await fill(journal, log, 5, 2 ** 40 + 1)
  const terms = [0, 1, 2, 3, 4, 5, 6].map(index => log.termAt(index) ?? null)
  mustEqual(terms, [null, 5, 5, 2 ** 40, 2 ** 40, 2 ** 40 + 1, null], 'tells other terms')
  mustEqual(
    (await readAll(log, 3)).map(entry => entry.term),
    [2 ** 40, 2 ** 40, 2 ** 40 + 1],
    'reads other terms',
  )
}

/** Waits in the order of their LSNs: each must end after those before it, and not before its LSN is durable. */
async function endsWaitsInOrder(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  const ended: number[] = []
  const waits: Promise<void>[] = []
  const wait = async (lsn: number, waiter: Pick<LogJournal, 'durable'>): Promise<void> => {
    await waiter.durable(lsn)
    must(journal.durableLsn >= lsn, `ended a wait for LSN ${lsn} when only LSN ${journal.durableLsn} was durable`)
    ended.push(lsn)
  }
  for (let i = 1; i <= 60; i++) {
    const { lsn } = await whenRoom(journal, () => log.append(bytesOf(entryText(i)), 1))
    waits.push(wait(lsn, i % 2 === 0 ? log : journal))
    if (i % 20 === 0) await Promise.all(waits)
  }
  await Promise.all(waits)
  mustEqual(
    ended,
    [...ended].sort((a, b) => a - b),
    'ended waits in another order than that of their LSNs',
  )
  mustEqual([log.durableIndex, journal.durableLsn], [60, journal.lastLsn], 'stands otherwise when all is durable')
  await journal.durable(1)
  await mustRefuse(() => journal.durable(journal.lastLsn + 1), 'DX_OPTION', 'a wait for an LSN that nothing has')
  await mustRefuse(() => log.durable(-1), 'DX_OPTION', 'a wait for LSN -1')
}

async function keepsValues(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  const { lastLsn } = journal
  const longest = patterned(256, 1)
  must(log.setValue('term', bytesOf('7')) > lastLsn, 'gave a value no LSN of its own')
  log.setValue('vote', bytesOf('node 3'))
  log.setValue('a'.repeat(32), longest)
  log.setValue('vote', bytesOf('node 4'))
  log.setValue('gone', bytesOf('x'))
  log.setValue('gone', new Uint8Array(0))
  const values = () =>
    ['term', 'vote', 'gone', 'never'].map(name => (log.value(name) === undefined ? null : textOf(log.value(name) as Uint8Array)))
  mustEqual(values(), ['7', 'node 4', null, null], 'does not show at once what values were set to')
  await log.durable(journal.lastLsn)
  mustEqual(values(), ['7', 'node 4', null, null], 'changed values by making them durable')
  mustEqual([...(log.value('a'.repeat(32)) ?? [])], [...longest], 'gave another value of 256 bytes')
  log.value('vote')?.fill(0)
  mustEqual(values()[1], 'node 4', 'gave out its own bytes of a value')
  for (const name of ['', 'Vote', 'a b', 'a'.repeat(33)])
    await mustRefuse(() => log.setValue(name, longest), 'DX_OPTION', `a value called '${name}'`)
  await mustRefuse(() => log.setValue('long', new Uint8Array(257)), 'DX_OPTION', 'a value of 257 bytes')
  for (let i = 4; i <= 16; i++) log.setValue(`value-${i}`, bytesOf('x'))
  await mustRefuse(() => log.setValue('value-17', bytesOf('x')), 'DX_OPTION', 'a 17th value')
  log.setValue('value-16', new Uint8Array(0))
  log.setValue('value-17', bytesOf('x'))
  await log.durable(journal.lastLsn)
}

async function marksSnapshots(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 10, 2)
  const before = journal.lastLsn
  must(log.markSnapshot(4, 2) > before, 'gave a snapshot mark no LSN of its own')
  mustEqual([log.snapshot?.index, log.snapshot?.term, log.firstIndex], [4, 2, 1], 'marked a snapshot otherwise')
  log.markSnapshot(4, 2)
  log.markSnapshot(10, 2)
  await log.durable(journal.lastLsn)
  mustEqual([log.snapshot?.index, log.snapshot?.term], [10, 2], 'shows another snapshot mark than the newest')
  await mustRefuse(
    () => log.markSnapshot(9, 2),
    ['DX_OPTION', 'DX_INDEX_TRUNCATED', 'DX_ENTRY_ORDER'],
    'a snapshot mark below the one before',
  )
  await mustRefuse(() => log.markSnapshot(11, 2), 'DX_INDEX_PAST_END', 'a snapshot mark past the end')
  await mustRefuse(() => log.markSnapshot(10, 3), 'DX_OPTION', 'a snapshot mark of another term than that of its entry')
  mustEqual((await readAll(log, 1)).length, 10, 'removed entries at a snapshot mark')
  log.truncateAfter(10)
  mustEqual(log.snapshot?.index ?? null, 10, 'forgot a mark by a cut behind it')
  await log.durable(log.truncateAfter(9))
  mustEqual(log.snapshot ?? null, null, 'keeps a mark on what was cut off')
  log.markSnapshot(9, 2)
  log.reset(8, 2)
  mustEqual(log.snapshot ?? null, null, 'keeps a mark above a reset')
  await fill(journal, log, 9, 2)
  await log.durable(log.markSnapshot(3, 2))
  await trial.close(journal)
  const again = trial.log(await trial.open())
  mustEqual([again.snapshot?.index, again.lastIndex], [3, 9], 'shows another snapshot mark when it is opened again')
}

/** Cases about what is written. */
export const writingCases: readonly CaseBody[] = [
  { name: 'starts a log empty, at index 1', check: startsEmpty },
  { name: 'appends entries one by one, without gaps, and shows them at once', check: appendsOne },
  { name: 'goes on in the term of the last entry', check: continuesTheTerm },
  { name: 'appends batches, all of them or nothing', check: appendsBatches },
  { name: 'copies what it is given, and what it gives', check: copiesAtOnce },
  { name: 'keeps entries of every length, and refuses longer ones', check: keepsEveryLength },
  { name: 'refuses a term that goes back, and knows the term of each entry', check: refusesOldTerms },
  { name: 'ends waits when their LSN is durable, and in that order', check: endsWaitsInOrder },
  { name: 'keeps small values beside the log', check: keepsValues },
  { name: 'keeps the newest snapshot mark', check: marksSnapshots },
]
