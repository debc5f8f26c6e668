import { isDisruptorError } from '@disruptorx/contracts'
import { type SeededRandom, SimulatedFiles, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import type { JournalReader, JournalStep } from '../src/index.ts'
import { KIB } from './journals.ts'
import { everything, LAGGING, Model, openOn } from './model.ts'

const small = { segmentBytes: 16 * KIB, maxBatchBytes: 8 * KIB }
const habits = { ...everything, logs: 2, append: 60, cut: 6, trim: 12, longest: 3000, lag: 0.06 }

/** Reads a log while it is changed, and compares what it is shown with the model. */
class Watcher {
  readonly #journal: JournalStep
  readonly #model: Model
  readonly #logId: number
  #reader: JournalReader
  #next: number
  /** What the reader has shown and not taken back. */
  readonly #shown = new Map<number, string>()
  /** How often each thing happened. */
  readonly seen = { entry: 0, DX_LOG_REWOUND: 0, DX_INDEX_TRUNCATED: 0, DX_LOG_DROPPED: 0 }

  constructor(journal: JournalStep, model: Model, logId: number) {
    this.#journal = journal
    this.#model = model
    this.#logId = logId
    this.#next = journal.log(logId).firstIndex
    this.#reader = journal.reader(logId, this.#next)
  }

  /** Takes up to `most` entries. */
  read(most: number): void {
    for (let i = 0; i < most; i++) {
      try {
        const outcome = this.#reader.poll()
        if (outcome === 'end') this.#checkEnd()
        if (outcome !== 'entry') break
        this.#take()
      } catch (error) {
        this.#begin(error)
      }
    }
  }

  #checkEnd(): void {
    const { firstIndex, durableIndex } = this.#journal.log(this.#logId)
    expect(this.#next).toBe(Math.max(firstIndex, durableIndex + 1))
  }

  #take(): void {
    const { index, term, bytes, offset, length } = this.#reader
    expect(index).toBe(this.#next++)
    expect(index).toBeLessThanOrEqual(this.#journal.log(this.#logId).durableIndex)
    expect(term).toBe(this.#journal.log(this.#logId).termAt(index))
    this.#shown.set(index, new TextDecoder().decode(bytes.subarray(offset, offset + length)))
    this.seen.entry++
    this.#check()
  }

  /** What was shown is what the log holds, as far as it holds that. */
  #check(): void {
    const log = this.#model.logs.get(this.#logId)
    for (const [index, text] of this.#shown)
      if (index < (log?.first ?? 1)) this.#shown.delete(index)
      else expect([index, text]).toEqual([index, log?.entries[index - log.first]?.text])
  }

  #begin(error: unknown): void {
    this.#reader.close()
    const { firstIndex, lastIndex } = this.#journal.log(this.#logId)
    if (isDisruptorError(error, 'DX_LOG_REWOUND')) {
      const index = error.details.index as number
      expect(index).toBeLessThan(this.#next - 1)
      for (const shown of this.#shown.keys()) if (shown > index) this.#shown.delete(shown)
      this.#next = Math.max(firstIndex, index + 1)
      this.seen.DX_LOG_REWOUND++
    } else if (isDisruptorError(error, 'DX_INDEX_TRUNCATED')) {
      expect(this.#next).toBeLessThan(firstIndex)
      this.#next = firstIndex
      this.seen.DX_INDEX_TRUNCATED++
    } else if (isDisruptorError(error, 'DX_LOG_DROPPED')) {
      this.#shown.clear()
      this.#next = firstIndex
      this.seen.DX_LOG_DROPPED++
    } else throw error
    expect(this.#next).toBeLessThanOrEqual(lastIndex + 1)
    this.#reader = this.#journal.reader(this.#logId, this.#next)
  }
}

function watch(random: SeededRandom): Watcher[] {
  const files = new SimulatedFiles({ seed: random.u32(), completion: random.pick(['submit', 'poll'] as const) })
  const journal = openOn(files, { random, ...small }) as JournalStep
  const model = new Model(habits)
  const watchers = [0, 7, LAGGING, 0, 7].map(id => new Watcher(journal, model, id))
  for (let round = 0; round < 120; round++) {
    for (let i = random.below(5); i > 0; i--) if (!model.act(journal, random)) break
    for (let i = random.below(3); i > 0; i--) journal.step()
    // Some read at once, some lag.
    for (const [i, watcher] of watchers.entries()) if (random.chance(i < 3 ? 0.8 : 0.1)) watcher.read(random.between(1, 30))
  }
  return watchers
}

describe('readers of logs that are changed meanwhile', () => {
  it('show what the logs hold, in order, and say what was taken back', async () => {
    const seen = { entry: 0, DX_LOG_REWOUND: 0, DX_INDEX_TRUNCATED: 0, DX_LOG_DROPPED: 0 }
    await withSeed(
      'readers',
      random => {
        for (const watcher of watch(random)) for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += watcher.seen[name]
      },
      { count: 100 },
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(50)
  }, 60_000)
})
