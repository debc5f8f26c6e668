import type { DisruptorError } from '@disruptorx/contracts'
import { runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { runStepAsync } from '@disruptorx/core'
import { nodeFiles } from '@disruptorx/wal'
import { HandlerStep } from '../partition/handler-step.ts'
import { ReplicaStep } from '../partition/replica-step.ts'
import { keepAlive } from './keep-alive.ts'
import { ownError } from './rebuild-error.ts'
import { directories, type OpenedPartition, type PartitionParts, type RunningPartition } from './running-partition.ts'

/** Runs journal and handler on this event loop, by turns. */
export function startPartitionInline(parts: PartitionParts): RunningPartition {
  return new PartitionInline(parts)
}

class PartitionInline implements RunningPartition {
  readonly opened: Promise<OpenedPartition>
  readonly #parts: PartitionParts
  #replica: ReplicaStep | undefined
  #handler: HandlerStep | undefined
  #running: Promise<void> | undefined
  #stopped = false
  #failure: DisruptorError | undefined

  constructor(parts: PartitionParts) {
    this.#parts = parts
    this.opened = this.#open()
    this.opened.catch(() => undefined)
  }

  async stop(): Promise<void> {
    await this.#end()
    if (this.#failure !== undefined) throw this.#failure
  }

  async terminate(): Promise<void> {
    await this.#end()
  }

  async #open(): Promise<OpenedPartition> {
    const { options, rings, progress } = this.#parts
    const { dir, snapshotDir } = directories(options)
    const { segmentBytes, durability, intervalMs, snapshotEveryBytes, maxJournalBytes, app } = options
    const files = nodeFiles()
    const ports = { rings, progress, clock: systemClock, snapshotEveryBytes, maxJournalBytes }
    try {
      const replica = runBlocking(ReplicaStep.open(files, { dir, segmentBytes, durability, intervalMs }, ports))
      this.#replica = replica
      const handler = runBlocking(HandlerStep.open({ app, files, snapshotDir, rings, progress, clock: systemClock }))
      this.#handler = handler
      this.#running = this.#run(replica, handler)
      return { log: replica.recovered, state: handler.recovered, threadIds: { journal: 0, handler: 0 } }
    } catch (thrown) {
      throw ownError(thrown)
    }
  }

  async #run(replica: ReplicaStep, handler: HandlerStep): Promise<void> {
    const both = { step: () => Math.min(replica.step(), handler.step()) }
    const release = keepAlive()
    try {
      await runStepAsync(both, { parker: this.#parts.rings.parkingLot.parker(), stopped: () => this.#stopped })
    } catch (thrown) {
      this.#fail(thrown)
    } finally {
      release()
    }
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = ownError(thrown)
    this.#parts.onFailure(this.#failure)
  }

  /** Gives everything back, whatever of it fails. */
  async #end(): Promise<void> {
    this.#stopped = true
    this.#parts.rings.parkingLot.unparkAll()
    await this.#running
    for (const step of [this.#handler, this.#replica]) {
      try {
        if (step !== undefined) runBlocking(step.close())
      } catch (thrown) {
        this.#fail(thrown)
      }
    }
  }
}
