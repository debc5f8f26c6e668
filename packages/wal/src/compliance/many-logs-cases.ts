import type { CaseBody } from './suite.ts'
import { bytesOf, fill, must, mustEqual, mustRefuse, readAll, readTexts, type Trial, textOf } from './trial.ts'

const IDS = [7, 0, 2 ** 32 - 1, 3]

async function keepsLogsApart(trial: Trial): Promise<void> {
  const journal = await trial.open()
  mustEqual(journal.logIds, [], 'has logs from the start')
  const logs = IDS.map(id => journal.log(id))
  mustEqual(journal.logIds, [], 'counts a log to which nothing was done')
  let { lastLsn } = journal
  for (let round = 1; round <= 25; round++) {
    for (const [i, log] of logs.entries()) {
      if (round % (i + 1) !== 0) continue
      const { lsn } = log.append(bytesOf(`log ${log.id} round ${round}`), round)
      must(lsn > lastLsn, `gave LSN ${lsn} after LSN ${lastLsn}`)
      lastLsn = lsn
      log.setValue('round', bytesOf(`${log.id}/${round}`))
      lastLsn = journal.lastLsn
    }
  }
  await journal.durable(lastLsn)
  const sorted = [...IDS].sort((a, b) => a - b)
  mustEqual(journal.logIds, sorted, 'has other logs')
  logs[0]?.truncateAfter(20)
  logs[1]?.truncateBefore(5)
  await trial.close(journal)
  const again = await trial.open()
  mustEqual(again.logIds, sorted, 'has other logs when it is opened again')
  for (const [i, id] of IDS.entries()) {
    const log = again.log(id)
    const rounds = Array.from({ length: 25 }, (_, round) => round + 1).filter(round => round % (i + 1) === 0)
    const all = rounds.map((round, at) => `${at + 1}:${round}:log ${id} round ${round}`)
    const expected = i === 0 ? all.slice(0, 20) : i === 1 ? all.slice(4) : all
    mustEqual(await readTexts(log, log.firstIndex), expected, `mixed up log ${id} with others`)
    mustEqual(textOf(log.value('round') ?? new Uint8Array(0)), `${id}/${rounds.at(-1)}`, `mixed up values of log ${id}`)
  }
  for (const id of [-1, 2 ** 32, 1.5]) await mustRefuse(() => again.log(id), 'DX_OPTION', `log ${id}`)
}

async function createsLogsByAnyChange(trial: Trial): Promise<void> {
  const journal = await trial.open()
  journal.log(1).setValue('vote', bytesOf('x'))
  journal.log(2).reset(9, 2)
  journal.log(4).append(bytesOf('x'), 1)
  journal.log(5)
  mustEqual(journal.logIds, [1, 2, 4], 'has other logs than those to which something was done')
  await trial.close(journal)
  const again = await trial.open()
  mustEqual(again.logIds, [1, 2, 4], 'has other logs when it is opened again')
  mustEqual(
    [again.log(2).firstIndex, again.log(2).lastTerm, again.log(1).lastIndex],
    [10, 2, 0],
    'opened logs otherwise than they were left',
  )
}

async function dropsLogs(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const [log, other] = [journal.log(1), journal.log(2)]
  await fill(journal, log, 10, 3)
  await fill(journal, other, 4)
  log.setValue('vote', bytesOf('x'))
  const reader = log.read(1, { maxBatchEntries: 1 })[Symbol.asyncIterator]()
  await reader.next()
  const follower = log.read(11, { follow: true })[Symbol.asyncIterator]()
  const following = mustRefuse(() => follower.next(), 'DX_LOG_DROPPED', 'to go on with a follower of a log that was dropped')
  const before = journal.lastLsn
  const lsn = journal.dropLog(1)
  must(lsn > before, 'gave a drop no LSN of its own')
  await following
  const acts: Record<string, () => unknown> = {
    append: () => log.append(bytesOf('late'), 3),
    cut: () => log.truncateAfter(1),
    value: () => log.setValue('vote', bytesOf('y')),
    reading: () => readAll(log, 1),
    'reading of one entry': () => log.entry(1),
    'reading that began before': () => reader.next(),
  }
  for (const [what, act] of Object.entries(acts)) await mustRefuse(act, 'DX_LOG_DROPPED', `${what} of a log that was dropped`)
  mustEqual(journal.logIds, [2], 'counts a log that was dropped')
  await journal.durable(lsn)
  const anew = journal.log(1)
  mustEqual([anew.firstIndex, anew.lastIndex, anew.lastTerm, anew.durableIndex], [1, 0, 0, 0], 'begins a dropped log anew otherwise')
  mustEqual(anew.value('vote') ?? null, null, 'keeps values of a log that was dropped')
  await fill(journal, anew, 2, 1)
  await trial.close(journal)
  const again = await trial.open()
  mustEqual(await readTexts(again.log(1), 1), ['1:1:entry 1', '2:1:entry 2'], 'mixed up a dropped log with the one after it')
  mustEqual((await readAll(again.log(2), 1)).length, 4, 'dropped entries of another log')
  await again.durable(again.dropLog(2))
  await trial.close(again)
  mustEqual((await trial.open()).logIds, [1], 'brought a dropped log back')
}

/** Cases about several logs in one journal. */
export const manyLogsCases: readonly CaseBody[] = [
  { name: 'keeps logs apart', check: keepsLogsApart },
  { name: 'has a log from its first change on', check: createsLogsByAnyChange },
  { name: 'drops logs, and begins them anew', check: dropsLogs },
]
