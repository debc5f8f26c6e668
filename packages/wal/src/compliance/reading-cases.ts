import { isDisruptorError, type LogEntry } from '@disruptorx/contracts'
import type { CaseBody } from './suite.ts'
import { bytesOf, describe, entryText, fill, must, mustEqual, mustRefuse, readAll, readTexts, type Trial, whenRoom } from './trial.ts'

async function readsRanges(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 50)
  const last = async (from: number, to: number) => (await readAll(log, from, { to })).at(-1)?.index ?? null
  const found = [await last(1, 50), await last(7, 7), await last(7, 6), await last(51, 50), await last(40, 1000), await last(51, 60)]
  mustEqual(found, [50, 7, null, null, 50, null], 'read ranges up to other indexes')
  await mustRefuse(() => readAll(log, 7, { to: 5 }), 'DX_OPTION', 'a range that ends two before its start')
  for (const maxBatchEntries of [1, 7, 50]) {
    const sizes: number[] = []
    for await (const batch of log.read(1, { maxBatchEntries })) sizes.push(batch.length)
    must(Math.max(...sizes) <= maxBatchEntries, `gave out ${Math.max(...sizes)} entries at once when ${maxBatchEntries} were allowed`)
    mustEqual(
      sizes.reduce((sum, size) => sum + size),
      50,
      'gave out other entries in small batches',
    )
  }
  for await (const batch of log.read(1, { maxBatchBytes: 20 })) {
    const before = batch.slice(0, -1).reduce((sum, entry) => sum + entry.data.length, 0)
    must(before < 20, `went on with a batch that had ${before} of 20 bytes`)
  }
  for (const options of [{ maxBatchEntries: 0 }, { maxBatchEntries: 65_537 }, { maxBatchBytes: 0 }, { maxBatchBytes: 1.5 }])
    await mustRefuse(() => readAll(log, 1, options), 'DX_OPTION', `reading with ${JSON.stringify(options)}`)
}

async function refusesWrongIndexes(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await mustRefuse(() => readAll(log, 2), 'DX_INDEX_PAST_END', 'reading an empty log from index 2')
  await mustRefuse(() => log.entry(1), 'DX_INDEX_PAST_END', 'reading entry 1 of an empty log')
  await fill(journal, log, 10)
  mustEqual(await readAll(log, 11), [], 'read something behind the end')
  await mustRefuse(() => readAll(log, 12), 'DX_INDEX_PAST_END', 'reading from 12 when 10 is the last')
  await mustRefuse(() => readAll(log, 12, { follow: true, to: 12 }), 'DX_INDEX_PAST_END', 'following from 12 when 10 is the last')
  await mustRefuse(() => log.entry(11), 'DX_INDEX_PAST_END', 'reading entry 11 of 10')
  await log.durable(log.truncateBefore(5))
  await mustRefuse(() => readAll(log, 4), 'DX_INDEX_TRUNCATED', 'reading from 4 when 5 is the first')
  await mustRefuse(() => log.entry(4), 'DX_INDEX_TRUNCATED', 'reading entry 4 when 5 is the first')
  mustEqual(describe(await log.entry(5)), '5:1:entry 5', 'read another entry 5')
  for (const index of [1.5, Number.NaN, 2 ** 53]) {
    await mustRefuse(() => readAll(log, index), ['DX_OPTION', 'DX_INDEX_PAST_END'], `reading from ${index}`)
    await mustRefuse(() => log.entry(index), ['DX_OPTION', 'DX_INDEX_PAST_END'], `reading entry ${index}`)
  }
}

async function readsOneWhenDurable(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  for (let index = 1; index <= 30; index++) {
    const { lsn } = await whenRoom(journal, () => log.append(bytesOf(entryText(index)), 3))
    const entry = await log.entry(index)
    must(journal.durableLsn >= lsn, `gave out entry ${index} before it was durable`)
    mustEqual(describe(entry), `${index}:3:${entryText(index)}`, 'read another entry')
  }
}

async function showsOnlyDurable(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  for (let round = 1; round <= 10; round++) {
    for (let i = 0; i < 20; i++) await whenRoom(journal, () => log.append(bytesOf(entryText(log.lastIndex + 1)), 1))
    for await (const batch of log.read(1)) {
      const { index } = batch.at(-1) as LogEntry
      must(index <= log.durableIndex, `read entry ${index} when ${log.durableIndex} was the last durable one`)
    }
  }
  await log.durable(journal.lastLsn)
  mustEqual((await readAll(log, 1)).length, 200, 'read another number of entries')
}

async function follows(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 3)
  const seen: string[][] = [[], []]
  const follow = async (from: number, into: string[]): Promise<void> => {
    for await (const batch of log.read(from, { follow: true, to: 40, maxBatchEntries: 4 })) {
      must((batch.at(-1) as LogEntry).index <= log.durableIndex, 'showed a follower what was not durable')
      into.push(...batch.map(describe))
    }
  }
  const followers = Promise.all([follow(1, seen[0] as string[]), follow(4, seen[1] as string[])])
  for (let last = 4; last <= 45; last++) {
    if (last % 5 === 0) await fill(journal, log, last)
    else await whenRoom(journal, () => log.append(bytesOf(entryText(log.lastIndex + 1)), 1))
  }
  await followers
  const expected = Array.from({ length: 40 }, (_, i) => `${i + 1}:1:${entryText(i + 1)}`)
  mustEqual(seen, [expected, expected.slice(3)], 'showed followers other entries')
}

/** Starts something, aborts it, and expects it to say so. */
async function aborts(what: string, start: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  for (const early of [true, false]) {
    const controller = new AbortController()
    const reason = new Error('enough')
    if (early) controller.abort(reason)
    const ended = start(controller.signal).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (!early) controller.abort(reason)
    const error = await ended
    const when = early ? 'before it started' : 'while it waited'
    must(isDisruptorError(error, 'DX_ABORTED'), `did not end ${what} with DX_ABORTED when its signal was aborted ${when}`)
    must((error as Error).cause === reason, `did not pass on the reason why ${what} was aborted`)
  }
}

async function heedsSignals(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 5)
  await aborts('following the log', async signal => {
    const reader = log.read(6, { follow: true, signal })[Symbol.asyncIterator]()
    return reader.next()
  })
  for (const waiter of [log, journal])
    await aborts('a wait', async signal => {
      if (signal.aborted) return waiter.durable(1, signal)
      const { lsn } = log.append(bytesOf('more'), 1)
      const wait = waiter.durable(lsn, signal)
      must(journal.durableLsn < lsn, 'makes entries durable before append returns, as no disk can')
      return wait
    })
  const aborted = AbortSignal.abort()
  for (const waiter of [log, journal])
    await mustRefuse(() => waiter.room(aborted), 'DX_ABORTED', 'to wait for room with a signal that was aborted')
  await mustRefuse(() => readAll(log, 1, { signal: aborted }), 'DX_ABORTED', 'reading with a signal that was aborted')
  await mustRefuse(() => log.entry(1, aborted), 'DX_ABORTED', 'reading an entry with a signal that was aborted')
  const controller = new AbortController()
  await mustRefuse(
    async () => {
      for await (const _ of log.read(1, { maxBatchEntries: 1, signal: controller.signal })) controller.abort()
    },
    'DX_ABORTED',
    'to go on reading after its signal was aborted',
  )
  for await (const _ of log.read(1, { follow: true })) break
  await log.durable(journal.lastLsn)
  mustEqual(await readTexts(log, 5, { to: 5 }), ['5:1:entry 5'], 'reads otherwise after waits were aborted')
}

/** Cases about what is read. */
export const readingCases: readonly CaseBody[] = [
  { name: 'reads ranges, in batches within their bounds', check: readsRanges },
  { name: 'refuses indexes that it does not have, by what is wrong with them', check: refusesWrongIndexes },
  { name: 'reads one entry as soon as it is durable', check: readsOneWhenDurable },
  { name: 'shows only what is durable', check: showsOnlyDurable },
  { name: 'lets readers follow the log', check: follows },
  { name: 'ends waits and readings by their signals', check: heedsSignals },
]
