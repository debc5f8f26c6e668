import type { LogStore } from '@disruptorx/contracts'
import type { CaseBody } from './suite.ts'
import {
  bytesOf,
  entryText,
  fill,
  must,
  mustEqual,
  mustRefuse,
  picture,
  readAll,
  readTexts,
  type Trial,
  textOf,
  whenRoom,
} from './trial.ts'

/** Things to do to a log, each followed by a look at it after it was opened again. */
const lives: readonly ((log: LogStore) => void)[] = [
  log => {
    log.appendBatch(['one', '', 'three'].map(bytesOf), 1)
    log.append(bytesOf('four'), 3)
  },
  log => {
    log.setValue('vote', bytesOf('node 2'))
    log.setValue('gone', bytesOf('soon'))
    log.markSnapshot(2, 1)
  },
  log => {
    log.truncateAfter(3)
    log.append(bytesOf('four anew'), 4)
    log.setValue('gone', new Uint8Array(0))
  },
  log => log.truncateBefore(3),
  log => log.truncateBefore(5),
  log => log.append(bytesOf('five'), 4),
  log => log.truncateAfter(4),
  log => log.reset(50, 9),
  log => {
    log.append(bytesOf('fifty-one'), 9)
    log.append(bytesOf('fifty-two'), 10)
    log.markSnapshot(51, 9)
  },
  log => log.reset(51, 9),
  () => {},
]

async function isTheSameWhenOpenedAgain(trial: Trial): Promise<void> {
  let before: unknown
  let lastLsn = 0
  for (const [life, change] of lives.entries()) {
    const journal = await trial.open()
    const log = trial.log(journal)
    if (before !== undefined)
      mustEqual(await picture(log, ['vote', 'gone']), before, `opened as another log than it was closed as, life ${life}`)
    must(journal.lastLsn >= lastLsn, `opened with LSN ${journal.lastLsn} after LSN ${lastLsn}`)
    mustEqual(journal.durableLsn, journal.lastLsn, 'opened with something that is not durable')
    change(log)
    await journal.durable(journal.lastLsn)
    before = await picture(log, ['vote', 'gone'])
    lastLsn = journal.lastLsn
    await trial.close(journal)
  }
}

async function makesDurableAtClose(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  for (let index = 1; index <= 100; index++) await whenRoom(journal, () => log.append(bytesOf(entryText(index)), 1))
  log.setValue('vote', bytesOf('x'))
  const waits = Promise.all([log.durable(journal.lastLsn), journal.durable(journal.lastLsn)])
  const closing = journal.close()
  const refusal = await waits.then(
    () => undefined,
    (error: unknown) => error,
  )
  must(refusal === undefined, `ended a wait by an error when it was closed (${String(refusal)})`)
  await closing
  await trial.close(journal)
  const again = await trial.open()
  mustEqual((await readAll(trial.log(again), 1)).length, 100, 'lost what was appended before it was closed')
  mustEqual(textOf(trial.log(again).value('vote') ?? new Uint8Array(0)), 'x', 'lost a value that was set before it was closed')
}

async function refusesAllWhenClosed(trial: Trial): Promise<void> {
  const journal = await trial.open()
  const log = trial.log(journal)
  await fill(journal, log, 3)
  const { lastLsn } = journal
  await Promise.all([log.room(), journal.room()])
  mustEqual(journal.failure?.code ?? null, null, 'tells of a failure while it works')
  const follower = log.read(4, { follow: true })[Symbol.asyncIterator]()
  const following = mustRefuse(() => follower.next(), 'DX_CLOSED', 'to go on with a follower after close')
  const reader = log.read(1, { maxBatchEntries: 1 })[Symbol.asyncIterator]()
  await reader.next()
  await trial.close(journal)
  await following
  const acts: Record<string, () => unknown> = {
    append: () => log.append(bytesOf('late'), 1),
    'append of a batch': () => log.appendBatch([bytesOf('late')], 1),
    'cut behind': () => log.truncateAfter(1),
    'cut before': () => log.truncateBefore(2),
    reset: () => log.reset(9, 1),
    'snapshot mark': () => log.markSnapshot(1, 1),
    value: () => log.setValue('vote', bytesOf('x')),
    drop: () => journal.dropLog(trial.logId),
    reading: () => readAll(log, 1),
    'reading of one entry': () => log.entry(1),
    'reading that began before': () => reader.next(),
    'wait for room': () => log.room(),
  }
  for (const [what, act] of Object.entries(acts)) await mustRefuse(act, 'DX_CLOSED', `${what} after close`)
  mustEqual(journal.failure?.code, 'DX_CLOSED', 'tells otherwise why it takes nothing after close')
  await journal.durable(lastLsn)
  await journal.close()
  await journal[Symbol.asyncDispose]()
  const again = await trial.open()
  mustEqual((await readAll(trial.log(again), 1)).length, 3, 'took something after close')
}

async function keepsOthersOut(trial: Trial): Promise<void> {
  const journal = await trial.open()
  await fill(journal, trial.log(journal), 3)
  await mustRefuse(() => trial.open(), ['DX_DIRECTORY_IN_USE', 'DX_DATABASE_IN_USE'], 'a second opener')
  await fill(journal, trial.log(journal), 6)
  await trial.close(journal)
  const again = await trial.open()
  mustEqual((await readAll(trial.log(again), 1)).length, 6, 'lost entries when a second opener was refused')
}

/** What a log should hold. */
interface Expected {
  firstIndex: number
  /** As {@link readTexts} gives them. */
  entries: string[]
  vote: string
  snapshotIndex: number
}

type Step = (log: LogStore, expected: Expected, life: number) => void

function appending(what: string): Step {
  return (log, expected, life) => {
    const { index } = log.append(bytesOf(`${what} ${life}`), life)
    expected.entries.push(`${index}:${life}:${what} ${life}`)
  }
}

/** What is done in each life, with what that does to the log. */
const steps: readonly Step[] = [
  appending('first'),
  appending('second'),
  (log, expected, life) => {
    log.setValue('vote', bytesOf(`node ${life}`))
    expected.vote = `node ${life}`
  },
  appending('third'),
  (log, expected) => {
    log.truncateAfter(log.lastIndex - 1)
    expected.entries.pop()
  },
  appending('instead'),
  (log, expected, life) => {
    log.markSnapshot(log.lastIndex, life)
    expected.snapshotIndex = log.lastIndex
  },
  (log, expected) => {
    const index = Math.max(log.firstIndex, log.lastIndex - 3)
    log.truncateBefore(index)
    expected.entries.splice(0, index - expected.firstIndex)
    expected.firstIndex = index
  },
]

async function survivesCrashes(trial: Trial): Promise<void> {
  let allowed = [JSON.stringify({ firstIndex: 1, entries: [], vote: '', snapshotIndex: 0 } satisfies Expected)]
  for (let life = 1; life <= 2 * steps.length; life++) {
    const journal = await trial.open()
    const log = trial.log(journal)
    const expected: Expected = {
      firstIndex: log.firstIndex,
      entries: await readTexts(log, log.firstIndex),
      vote: textOf(log.value('vote') ?? new Uint8Array(0)),
      snapshotIndex: log.snapshot?.index ?? 0,
    }
    const history = [JSON.stringify(expected)]
    must(allowed.includes(history[0] as string), `opened after a crash as ${history[0]}; allowed were ${allowed.join(' or ')}`)
    let durable = 0
    for (const [at, step] of steps.entries()) {
      step(log, expected, life)
      history.push(JSON.stringify(expected))
      if (at !== life % steps.length) continue
      await journal.durable(journal.lastLsn)
      durable = history.length - 1
    }
    await trial.crash(journal)
    allowed = history.slice(durable)
  }
}

/** Cases about how a journal ends, and begins again. */
export const endingCases: readonly CaseBody[] = [
  { name: 'is the same when it is opened again', check: isTheSameWhenOpenedAgain },
  { name: 'makes durable at close what was appended before', check: makesDurableAtClose },
  { name: 'refuses everything after close', check: refusesAllWhenClosed },
  { name: 'keeps a second opener out', check: keepsOthersOut },
  { name: 'keeps after a crash what was durable, and of the rest the beginning', crashes: true, check: survivesCrashes },
]
