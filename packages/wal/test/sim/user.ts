import type { Step } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import { SeededRandom } from '@disruptorx/testkit'
import type { JournalLog, JournalStep } from '../../src/index.ts'
import { logOf } from '../model-logs.ts'
import type { Ledger } from './ledger.ts'
import type { Habits } from './profile.ts'
import { VALUE_NAMES } from './reading.ts'

const encoder = new TextEncoder()
const noise = new SeededRandom(1)
/** Text that can hardly be compressed, to cut entries from. */
const NOISE = Buffer.from(Array.from({ length: 48 * 1024 }, () => noise.below(256))).toString('base64')

/** What is told of a user. */
export interface UserEvents {
  did(what: string, log: number, lsn: number): void
}

/** Makes the texts of entries: each is another one, and says whose it is. */
export class Texts {
  #serial = 0

  next(log: number, length: number, random: SeededRandom): string {
    const head = `${log}/${this.#serial++}/`
    if (random.chance(0.3)) return head.padEnd(length, '#')
    const from = random.below(NOISE.length - length)
    return head + NOISE.slice(from, from + Math.max(0, length - head.length))
  }
}

/** Does everything that a journal allows, at random, and keeps the books. */
export class User implements Step {
  /** Does nothing more. */
  isQuiet = false
  readonly #journal: JournalStep
  readonly #ledger: Ledger
  readonly #habits: Habits
  readonly #texts: Texts
  readonly #random: SeededRandom
  readonly #events: UserEvents
  readonly #kinds: readonly (keyof typeof acts)[]
  /** How busy it is, for a while. */
  #burst = 1
  #pauseMs = 1

  constructor(journal: JournalStep, ledger: Ledger, habits: Habits, texts: Texts, random: SeededRandom, events: UserEvents) {
    this.#journal = journal
    this.#ledger = ledger
    this.#habits = habits
    this.#texts = texts
    this.#random = random
    this.#events = events
    this.#kinds = (Object.keys(acts) as (keyof typeof acts)[]).flatMap(kind => Array.from({ length: Math.ceil(habits[kind]) }, () => kind))
  }

  step(): number {
    if (this.isQuiet || this.#journal.failure !== undefined) return Number.POSITIVE_INFINITY
    const random = this.#random
    if (random.chance(0.1)) {
      this.#burst = random.pick([1, 2, 2, 10])
      this.#pauseMs = random.pick([0.5, 3, 12])
    }
    for (let i = random.between(1, this.#burst); i > 0; i--) if (!this.#act()) break
    return this.#pauseMs * random.float()
  }

  /** Does one thing. False when the journal has no room for it yet. */
  #act(): boolean {
    const { logs, lag } = this.#habits
    const random = this.#random
    const lags = random.chance(lag)
    const kind = lags ? 'append' : random.pick(this.#kinds)
    const id = lags || logs.length === 1 ? (logs[0] as number) : random.pick(lag > 0 ? logs.slice(1) : logs)
    const log = this.#journal.log(id)
    // Mostly it asks first; what it is told otherwise is an error, which costs time to make.
    if (!this.#journal.hasRoom(this.#habits.longest) && random.chance(0.9)) return false
    try {
      acts[kind](this, log)
    } catch (error) {
      if (isDisruptorError(error, 'DX_JOURNAL_FULL')) return false
      throw error
    }
    const now = this.#ledger.logs.get(id)
    if (now !== undefined && (log.firstIndex !== now.first || log.lastIndex !== now.last || log.lastTerm !== now.lastTerm))
      throw new Error(`after ${kind} log ${id} holds ${log.firstIndex} to ${log.lastIndex}, not ${now.first} to ${now.last}`)
    return true
  }

  append(log: JournalLog): void {
    const text = this.#text(log.id)
    const term = this.#term(log)
    const { index, lsn } = log.append(encoder.encode(text), term)
    this.#ledger.noteEntry(log.id, index, term, text, lsn)
    this.#done('append', log, lsn, model => model.append(text, term))
  }

  appendBatch(log: JournalLog): void {
    const most = Math.ceil(this.#habits.longest / 8)
    const random = this.#random
    const texts = Array.from({ length: random.between(1, 5) }, () => this.#texts.next(log.id, random.below(most), random))
    const term = this.#term(log)
    const { index, lsn } = log.appendBatch(
      texts.map(text => encoder.encode(text)),
      term,
    )
    for (const [i, text] of texts.entries()) {
      const back = texts.length - 1 - i
      this.#ledger.noteEntry(log.id, (index as number) - back, term, text, (lsn as number) - back)
    }
    // One write carries them: a crash leaves all of them or none.
    this.#done('append', log, lsn, model => {
      for (const text of texts) model.append(text, term)
    })
  }

  cut(log: JournalLog): void {
    const index = this.#random.between(Math.max(log.firstIndex - 1, log.lastIndex - 20), log.lastIndex)
    this.#done('cut', log, log.truncateAfter(index), model => model.cut(index))
  }

  trim(log: JournalLog): void {
    const index = this.#random.between(log.firstIndex, log.lastIndex + 1)
    const trims = index > log.firstIndex
    const lsn = log.truncateBefore(index)
    if (trims) this.#done('trim', log, lsn, model => model.trim(index))
  }

  reset(log: JournalLog): void {
    const index = this.#random.between(Math.max(log.firstIndex - 1, log.lastIndex - 3), log.lastIndex + 4)
    const term = log.lastTerm + 1
    this.#done('reset', log, log.reset(index, term), model => model.reset(index, term))
  }

  mark(log: JournalLog): void {
    const least = Math.max(log.snapshot?.index ?? 0, log.firstIndex - 1)
    const index = this.#random.between(least, Math.max(least, log.lastIndex))
    const term = log.termAt(index) ?? 0
    this.#done('mark', log, log.markSnapshot(index, term), model => {
      model.snapshot = index === 0 ? undefined : { index, term }
    })
  }

  value(log: JournalLog): void {
    const name = this.#random.pick(VALUE_NAMES)
    const text = this.#random.chance(0.2) ? '' : `${this.#random.u32()}`
    this.#done('value', log, log.setValue(name, encoder.encode(text)), ({ values }) => {
      if (text === '') values.delete(name)
      else values.set(name, text)
    })
  }

  drop(log: JournalLog): void {
    const { id } = log
    if (!this.#ledger.logs.has(id)) return
    const lsn = this.#journal.dropLog(id)
    this.#ledger.note(lsn, logs => logs.delete(id))
    this.#events.did('drop', id, lsn)
  }

  #done(what: string, { id }: JournalLog, lsn: number, act: (log: ReturnType<typeof logOf>) => void): void {
    this.#ledger.note(lsn, logs => act(logOf(logs, id)), what === 'trim')
    this.#events.did(what, id, lsn)
  }

  #term({ lastTerm }: JournalLog): number {
    return this.#random.chance(0.1) ? lastTerm + 1 : Math.max(1, lastTerm)
  }

  #text(log: number): string {
    const { longest } = this.#habits
    const random = this.#random
    const length = random.chance(0.1) ? random.between(Math.floor(longest / 5), longest) : random.between(0, Math.ceil(longest / 15))
    return this.#texts.next(log, length, random)
  }
}

/** What a user can do, by the name of the habit. */
const acts = {
  append: (user: User, log: JournalLog) => user.append(log),
  appendBatch: (user: User, log: JournalLog) => user.appendBatch(log),
  cut: (user: User, log: JournalLog) => user.cut(log),
  trim: (user: User, log: JournalLog) => user.trim(log),
  reset: (user: User, log: JournalLog) => user.reset(log),
  mark: (user: User, log: JournalLog) => user.mark(log),
  value: (user: User, log: JournalLog) => user.value(log),
  drop: (user: User, log: JournalLog) => user.drop(log),
}
