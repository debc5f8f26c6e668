import type { SeededRandom, SimulatedProcess } from '@disruptorx/testkit'
import { MemoryLog, type Snapshot } from '../../src/index.ts'
import { type Store, type StoreEvents, saveTo, type Write } from './storage/store.ts'

/**
 * What outlives a member's process: a log in memory whose writes take time. They become durable in order. Of those that are under way when the process dies, some
 * from the front are durable after all, and of the next one some from its front: entries without the term and vote that were saved with them.
 */
export class StableStore implements Store {
  readonly durable: MemoryLog
  /** What each write takes longer, in milliseconds. */
  slowerMs = 0
  #waiting: { readonly write: Write; readonly done: (() => void) | undefined }[] = []
  #isWriting = false

  constructor(start: Snapshot | undefined) {
    this.durable = start === undefined ? new MemoryLog() : new MemoryLog(start)
  }

  open(process: SimulatedProcess, { opened }: StoreEvents): void {
    const kept = process.random.below(this.#waiting.length + 1)
    for (const { write } of this.#waiting.slice(0, kept)) saveTo(this.durable, write)
    const torn = this.#waiting[kept]?.write
    if (torn !== undefined) saveTo(this.durable, frontOf(torn, process.random))
    this.#waiting = []
    this.#isWriting = false
    opened({ durable: this.durable, write: (write, done) => this.#write(process, write, done) })
  }

  #write(process: SimulatedProcess, write: Write, done: (() => void) | undefined): void {
    this.#waiting.push({ write, done })
    if (done !== undefined && !this.#isWriting) this.#start(process)
  }

  /** As a journal does: what has gathered goes into one write. */
  #start(process: SimulatedProcess): void {
    const batch = this.#waiting.slice()
    this.#isWriting = true
    process.scheduler.schedule(process.random.below(8) + this.slowerMs, () => {
      for (const { write } of batch) saveTo(this.durable, write)
      this.#waiting = this.#waiting.slice(batch.length)
      this.#isWriting = false
      for (const { done } of batch) if (process.state !== 'gone') done?.()
      if (!this.#isWriting && this.#waiting.some(({ done }) => done !== undefined)) this.#start(process)
    })
  }
}

/** What a crash leaves of a write: a snapshot and some of the entries, in this order, or nothing. */
function frontOf({ snapshot, entries = [] }: Write, random: SeededRandom): Write {
  const parts = random.below((snapshot === undefined ? 0 : 1) + entries.length + 1)
  if (parts === 0) return {}
  return { snapshot, entries: entries.slice(0, snapshot === undefined ? parts : parts - 1) }
}
