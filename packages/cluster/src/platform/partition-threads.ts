import type { DisruptorError } from '@disruptorx/contracts'
import { SharedFlag } from '@disruptorx/core'
import { limited } from '../client/limited.ts'
import type { RecoveredState } from '../partition/handler-step.ts'
import type { RecoveredLog } from '../partition/replica-step.ts'
import { ringHandles } from '../partition/rings.ts'
import { ownError } from './rebuild-error.ts'
import { directories, type OpenedPartition, type PartitionParts, type RunningPartition } from './running-partition.ts'
import { startThread, type Thread } from './thread.ts'
import type { HandlerSetup, JournalSetup } from './thread-messages.ts'
import { systemScheduler } from './timer.ts'

/** Longer than a disk that still works takes for what a thread has to write before it ends. */
const ENDING_MS = 30_000

/** Starts journal and handler on threads of their own. */
export function startPartitionThreads(parts: PartitionParts): RunningPartition {
  return new PartitionThreads(parts)
}

/** The threads of a partition. The journal is first: it locks the directory. */
class PartitionThreads implements RunningPartition {
  readonly opened: Promise<OpenedPartition>
  readonly #parts: PartitionParts
  readonly #stop: SharedFlag
  readonly #opening = Promise.withResolvers<OpenedPartition>()
  #journal: Thread<RecoveredLog> | undefined
  #handler: Thread<RecoveredState> | undefined
  #journalIsOpen = false
  #failure: DisruptorError | undefined

  constructor(parts: PartitionParts) {
    this.#parts = parts
    this.#stop = SharedFlag.create(parts.rings.parkingLot)
    this.opened = this.#opening.promise
    this.opened.catch(() => undefined)
    this.#open().then(this.#opening.resolve, thrown => this.#fail(ownError(thrown)))
  }

  async stop(): Promise<void> {
    this.#stop.raise()
    await this.#ended(false)
    if (this.#failure !== undefined) throw this.#failure
  }

  async terminate(): Promise<void> {
    this.#stop.raise()
    this.#handler?.terminate()
    await this.#ended(!this.#journalIsOpen)
  }

  async #open(): Promise<OpenedPartition> {
    const { options, rings, progress } = this.#parts
    const { dir, snapshotDir } = directories(options)
    const { segmentBytes, durability, intervalMs, snapshotEveryBytes, maxJournalBytes } = options
    const shared = { rings: ringHandles(rings), progress: progress.memory, stop: this.#stop.handle }
    const onFailure = (error: DisruptorError) => this.#fail(error)
    const journal = { dir, segmentBytes, durability, intervalMs }
    const journalSetup: JournalSetup = { ...shared, journal, snapshotEveryBytes, maxJournalBytes }
    this.#journal = startThread<RecoveredLog>('journal', new URL('./journal-thread.js', import.meta.url), journalSetup, onFailure)
    const { threadId: journalId, ...log } = await this.#journal.ready
    this.#journalIsOpen = true
    // Whoever ended the opening meanwhile waits for no handler.
    if (this.#stop.raised) return await new Promise<never>(() => undefined)
    const handlerSetup: HandlerSetup = { ...shared, appUrl: options.app.url, snapshotDir }
    this.#handler = startThread<RecoveredState>('handler', new URL('./handler-thread.js', import.meta.url), handlerSetup, onFailure)
    const { threadId: handlerId, ...state } = await this.#handler.ready
    return { log, state, threadIds: { journal: journalId, handler: handlerId } }
  }

  #fail(error: DisruptorError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#opening.reject(error)
    this.#parts.onFailure(error)
  }

  /** Resolves when no thread is left. One that does not end in time is ended by force, which only a system call that hangs can outlast. */
  async #ended(journalByForce: boolean): Promise<void> {
    const threads = [this.#handler, this.#journal].filter(thread => thread !== undefined)
    if (journalByForce) this.#journal?.terminate()
    const all = Promise.all(threads.map(({ exited }) => exited)).then(() => undefined)
    try {
      await limited('ending the threads of the node', all, { timeoutMs: ENDING_MS }, systemScheduler)
    } catch (error) {
      for (const thread of threads) thread.terminate()
      throw this.#failure ?? error
    }
  }
}
