import type { FileTask } from '@disruptorx/contracts/internal'
import type { SeededRandom, SimulatedFiles } from '@disruptorx/testkit'
import { expect } from 'vitest'
import { type Journal, type JournalOptions, openJournal } from '../src/index.ts'
import { KIB } from './journals.ts'

export const DIR = 'd'

/** Runs a task whether or not its files answer at once. */
export function run<T>(task: FileTask<T>): T {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
  }
}

/** Every durable entry from an index on: index to text. */
export function entriesOf(journal: Journal, logId = 0): Map<number, string> {
  const reader = journal.reader(logId, journal.log(logId).firstIndex)
  const found = new Map<number, string>()
  for (let outcome = reader.poll(); outcome !== 'end'; outcome = reader.poll())
    if (outcome === 'entry')
      found.set(reader.index, new TextDecoder().decode(reader.bytes.subarray(reader.offset, reader.offset + reader.length)))
  reader.close()
  return found
}

/** What a user of a journal may rely on, checked against what a journal recovers. */
export class Model {
  /** Everything ever appended and not known to be lost, by index. */
  readonly #entries = new Map<number, string>()
  readonly #resets = new Set<number>()
  /** LSNs of what was appended in this run, by index. */
  readonly #lsns = new Map<number, number>()
  #kept = 0
  #released = 0
  #last = 0
  #serial = 0

  /** Appends something random, or resets. False when the batch is full. */
  append(journal: Journal, random: SeededRandom): boolean {
    const length = random.chance(0.1) ? random.between(2000, 9000) : random.between(0, 600)
    if (!journal.hasRoom(length + 20)) return false
    if (random.chance(0.02)) {
      const index = this.#last + random.below(4)
      this.#lsns.set(index, journal.resetLog(0, index, 1))
      this.#resets.add(index)
      this.#last = index
      return true
    }
    const index = this.#last + 1
    const text = `${index}/${this.#serial++}/`.padEnd(length, '#')
    this.#lsns.set(index, journal.append(0, index, 1, new TextEncoder().encode(text)))
    this.#entries.set(index, text)
    this.#last = index
    return true
  }

  release(journal: Journal, random: SeededRandom): void {
    const { durableIndex } = journal.log(0)
    if (durableIndex === 0) return
    const index = random.between(Math.max(0, durableIndex - 60), durableIndex)
    journal.release(0, index)
    this.#released = Math.max(this.#released, index)
  }

  /** Takes note of what the journal has promised by now. */
  promise(lsn: number): void {
    for (const [index, of] of this.#lsns) if (of <= lsn) this.#kept = Math.max(this.#kept, index)
  }

  /** Checks a journal that was just opened: everything promised is there, and nothing that was never appended. */
  check(journal: Journal): void {
    const { firstIndex, lastIndex, durableIndex } = journal.log(0)
    expect(lastIndex).toBeGreaterThanOrEqual(this.#kept)
    expect(lastIndex).toBeLessThanOrEqual(this.#last)
    expect(durableIndex).toBe(lastIndex)
    const starts = [this.#released, ...[...this.#resets].filter(index => index <= lastIndex)]
    expect(firstIndex).toBeLessThanOrEqual(Math.max(...starts) + 1)
    const found = entriesOf(journal)
    expect([...found.keys()]).toEqual(Array.from({ length: lastIndex + 1 - firstIndex }, (_, i) => firstIndex + i))
    for (const [index, text] of found) expect(text).toBe(this.#entries.get(index))
    for (const index of this.#entries.keys()) if (index > lastIndex) this.#entries.delete(index)
    for (const index of this.#resets) if (index > lastIndex) this.#resets.delete(index)
    this.#lsns.clear()
    this.#kept = this.#last = lastIndex
  }
}

/** Opens the journal of a simulated disk; `undefined` when the machine stood still before that was done. */
export function openOn(files: SimulatedFiles, options: Partial<JournalOptions> = {}): Journal | undefined {
  try {
    return run(openJournal(files, { dir: DIR, segmentBytes: 64 * KIB, ...options }))
  } catch (error) {
    if (files.stopped) return undefined
    throw error
  }
}

/** Uses a journal for a while, until the machine stands still or it was enough. Returns whether it was closed in good order. */
export function use(files: SimulatedFiles, journal: Journal, model: Model, random: SeededRandom, rounds: number): boolean {
  for (let round = 0; round < rounds && journal.failure === undefined; round++) {
    for (let i = random.below(8); i > 0; i--) if (!model.append(journal, random)) break
    for (let i = random.below(3); i > 0; i--) journal.step()
    if (random.chance(0.05)) model.release(journal, random)
    model.promise(journal.durableLsn)
  }
  if (files.stopped || journal.failure !== undefined || random.chance(0.5)) return false
  try {
    run(journal.close())
  } catch (error) {
    if (!files.stopped && journal.failure === undefined) throw error
    return false
  } finally {
    model.promise(journal.durableLsn)
  }
  return true
}
