import type { SeededRandom } from '@disruptorx/testkit'
import { type Entry, type HardState, MemoryLog, type Snapshot } from '../../src/index.ts'

/** Something to be saved. All of it becomes durable at once, or none. */
export interface Write {
  readonly snapshot?: Snapshot | undefined
  readonly entries?: readonly Entry[]
  readonly hardState?: HardState | undefined
  /** A snapshot that the member made itself, and up to where its log is freed. */
  readonly compaction?: { readonly snapshot: Snapshot; readonly upTo: number }
}

/** Calls something after a time, in milliseconds. */
export type Later = (delayMs: number, task: () => void) => void

/**
 * What outlives a member's process: a log in memory whose writes take time. They become durable in order. Of those that are under way when the process dies, some
 * from the front are durable after all.
 */
export class StableStore {
  readonly durable: MemoryLog
  /** What each write takes longer, in milliseconds. */
  slowerMs = 0
  #waiting: { readonly write: Write; readonly done: (() => void) | undefined }[] = []
  #isWriting = false

  constructor(start: Snapshot | undefined) {
    this.durable = start === undefined ? new MemoryLog() : new MemoryLog(start)
  }

  /** A new life begins: decides what came of the writes under way. */
  open(random: SeededRandom): void {
    const kept = random.below(this.#waiting.length + 1)
    for (const { write } of this.#waiting.slice(0, kept)) this.#save(write)
    this.#waiting = []
    this.#isWriting = false
  }

  /** Saves something. Without `done` nobody waits for it: it becomes durable with the next write for which somebody does. */
  write(write: Write, later: Later, delayMs: () => number, done?: () => void): void {
    this.#waiting.push({ write, done })
    if (done !== undefined && !this.#isWriting) this.#start(later, delayMs)
  }

  /** As a journal does: what has gathered goes into one write. */
  #start(later: Later, delayMs: () => number): void {
    const batch = this.#waiting.slice()
    this.#isWriting = true
    later(delayMs() + this.slowerMs, () => {
      for (const { write } of batch) this.#save(write)
      this.#waiting = this.#waiting.slice(batch.length)
      this.#isWriting = false
      for (const { done } of batch) done?.()
      if (!this.#isWriting && this.#waiting.some(({ done }) => done !== undefined)) this.#start(later, delayMs)
    })
  }

  #save({ snapshot, entries, hardState, compaction }: Write): void {
    if (snapshot !== undefined) this.durable.applySnapshot(snapshot)
    if (entries !== undefined) this.durable.append(entries)
    if (hardState !== undefined) this.durable.setHardState(hardState)
    if (compaction === undefined || this.durable.term(compaction.snapshot.index) !== compaction.snapshot.term) return
    this.durable.createSnapshot(compaction.snapshot.index, compaction.snapshot.confState, compaction.snapshot.data)
    this.durable.compact(compaction.upTo)
  }
}
