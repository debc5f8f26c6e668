import { isDisruptorError } from '@disruptorx/contracts'
import { errorFromData } from '@disruptorx/contracts/internal'
import { type SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { type JournalStep, walErrors } from '../src/index.ts'
import { ChangeCount } from '../src/thread/change-count.ts'
import { JournalChannel } from '../src/thread/channel.ts'
import type { JournalThread } from '../src/thread/journal-thread.ts'
import { LogStep } from '../src/thread/log-step.ts'
import type { JournalThreadMessage } from '../src/thread/thread-messages.ts'
import { ThreadedJournal } from '../src/thread/threaded-journal.ts'
import { encode, KIB, textsOf } from './journals.ts'
import { everything, Model, openOn, run } from './model.ts'

const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }

/** Both sides of a journal on a thread, on this one: whoever uses it, and the step that its thread would loop. */
function bothSides(journal: JournalStep) {
  const channel = JournalChannel.create(1024 * KIB)
  const thread: JournalThread = { ended: new Promise(() => {}), hold: () => {}, onRead: () => {} }
  const tell = (message: JournalThreadMessage) => {
    if (message.kind === 'entries') thread.onRead(message.request, message.entries)
    else if (message.kind === 'unread') thread.onRead(message.request, errorFromData(message.error, walErrors))
  }
  const step = new LogStep(journal, channel, tell)
  const states = journal.logIds.map(id => journal.log(id).state)
  const opened = {
    lastLsn: journal.lastLsn,
    logs: states.map(state => ({ summary: state.summary(), terms: [...state.terms.starts] })),
    mostStateBytes: journal.mostStateBytes,
  }
  const front = new ThreadedJournal({ channel, thread, opened, maxRecordBytes: 4 * KIB })
  return { step, front, acting: Object.assign(front, { hasRoom: () => true }) }
}

/** Steps until there is nothing to do. */
function settle(step: LogStep): void {
  while (step.step() === 0);
}

describe('the step of a journal on a thread', () => {
  it('keeps every change whose LSN it called durable, through crash after crash, while entries are written again', () =>
    withSeed(
      'thread-step',
      random => {
        const model = new Model({ ...everything, logs: 2, trim: 20, append: 60, longest: 1500, lag: 0.03 })
        const completion = random.pick(['submit', 'poll'] as const)
        let files = new SimulatedFiles({ seed: random.u32(), completion, stopAfter: random.between(100, 600) })
        for (let life = 0; life < 4; life++) {
          const journal = openOn(files, { ...small, random })
          if (journal !== undefined && checked(files, journal, model)) live(files, journal, model, random)
          files = files.crash({ completion, stopAfter: random.between(100, 600) })
        }
      },
      { count: 40 },
    ))

  it('answers readings in the order in which they were asked for, also where the disk answers later', async () => {
    for (const completion of ['submit', 'poll'] as const) {
      const files = new SimulatedFiles({ seed: 1, completion })
      const { step, front } = bothSides(openOn(files, small) as JournalStep)
      for (let i = 1; i <= 30; i++) for (const id of [1, 2]) front.log(id).append(encode(`${id}/${i}`.padEnd(900, '.')))
      while (front.durableLsn < front.lastLsn) step.step()
      const readings = [textsOf(front.log(1)), textsOf(front.log(2), 20), textsOf(front.log(1), 5, { maxBatchEntries: 3 })]
      const loop = setInterval(() => step.step())
      const found = await Promise.all(readings)
      clearInterval(loop)
      expect(found.map(texts => [texts.length, texts[0]?.slice(0, 5), texts.at(-1)?.slice(0, 5)])).toEqual([
        [30, '1/1..', '1/30.'],
        [11, '2/20.', '2/30.'],
        [26, '1/5..', '1/30.'],
      ])
    }
  })

  it('reads on after a cut with what replaced it, though a reader of what it replaced is still open', async () => {
    const { step, front } = bothSides(openOn(new SimulatedFiles({ seed: 1 }), small) as JournalStep)
    const loop = setInterval(() => step.step())
    const log = front.log(1)
    for (let i = 1; i <= 10; i++) log.append(encode(`old ${i}`))
    await front.durable(front.lastLsn)
    expect(await textsOf(log, 1, { to: 7 })).toHaveLength(7)
    log.truncateAfter(4)
    for (let i = 5; i <= 10; i++) log.append(encode(`new ${i}`), 2)
    await front.durable(front.lastLsn)
    expect(await textsOf(log, 8)).toEqual(['new 8', 'new 9', 'new 10'])
    clearInterval(loop)
  })

  it('refuses a log and a value for which there is no room in the heads of segments, before they are taken', () => {
    const { step, front } = bothSides(openOn(new SimulatedFiles({ seed: 1 }), small) as JournalStep)
    const value = new Uint8Array(256)
    const refused = new Set<string>()
    for (let id = 1; id <= 60; id++)
      for (const act of [() => front.log(id).append(value), () => front.log(id).setValue('vote', value)]) {
        try {
          act()
        } catch (error) {
          if (!isDisruptorError(error)) throw error
          refused.add(error.code)
        }
        settle(step)
      }
    expect([...refused]).toEqual(['DX_TOO_MANY_LOGS'])
    expect(front.logIds.length).toBeGreaterThan(20)
    expect(front.durableLsn).toBe(front.lastLsn)
    front.log(1).setValue('vote', new Uint8Array(0))
    front.dropLog(2)
    front.log(front.logIds.at(-1) as number).setValue('vote', value)
    settle(step)
    expect(front.durableLsn).toBe(front.lastLsn)
  })
})

/** Checks what an opening found. False when the machine stood still before that was done. */
function checked(files: SimulatedFiles, journal: JournalStep, model: Model): boolean {
  try {
    model.check(journal)
    return true
  } catch (error) {
    if (!files.stopped) throw error
    return false
  }
}

/** A run of a model on a journal, until the machine stands still or it was enough. */
function live(files: SimulatedFiles, journal: JournalStep, model: Model, random: SeededRandom): void {
  const { step, front, acting } = bothSides(journal)
  try {
    for (let round = 0; round < 150; round++) {
      for (let i = random.below(8); i > 0; i--) model.act(acting, random)
      for (let i = random.below(4); i > 0; i--) step.step()
      expect(front.durableLsn).toBeLessThanOrEqual(front.lastLsn as number)
      model.promise(front.durableLsn)
    }
    while (front.durableLsn < front.lastLsn) step.step()
    if (random.chance(0.5)) run(journal.close())
  } catch (error) {
    if (!files.stopped) throw error
  } finally {
    model.promise(front.durableLsn)
  }
}

describe('a count of changes', () => {
  it('tells which are in records up to an LSN, when the journal has written others in between', () => {
    const changes = new ChangeCount(10)
    const take = (count: number, lsn: number) => {
      changes.asked += count
      changes.note(lsn)
    }
    take(5, 15)
    changes.note(18)
    take(2, 20)
    changes.note(25)
    changes.note(26)
    take(1, 27)
    const found = Array.from({ length: 18 }, (_, i) => changes.upTo(10 + i))
    expect(found).toEqual([10, 11, 12, 13, 14, 15, 15, 15, 15, 16, 17, 17, 17, 17, 17, 17, 17, 18])
    changes.forget(19)
    expect([19, 20, 26, 27].map(lsn => changes.upTo(lsn))).toEqual([16, 17, 17, 18])
  })
})
