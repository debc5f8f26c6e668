import type { DisruptorError } from '@disruptorx/contracts'
import { runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { runStepAsync, SharedFlag } from '@disruptorx/core'
import { nodeFiles } from '@disruptorx/wal'
import type { ResolvedNodeOptions } from '../node/options.ts'
import { HandlerStep, type RecoveredState } from '../partition/handler-step.ts'
import type { Progress } from '../partition/progress.ts'
import { type RecoveredLog, ReplicaStep } from '../partition/replica-step.ts'
import { type PartitionRings, ringHandles } from '../partition/rings.ts'
import { keepAlive } from './keep-alive.ts'
import { startThread } from './thread.ts'
import type { HandlerSetup, JournalSetup } from './thread-messages.ts'

/** The machinery of a running partition. */
export interface RunningPartition {
  readonly log: RecoveredLog
  readonly state: RecoveredState
  /** Ids of the threads that run the journal and the handler, as `worker_threads` counts them. */
  readonly threadIds: { readonly journal: number; readonly handler: number }
  /** Ends both threads; what was published is written first. @throws the first failure of a thread, if there was one */
  stop(): Promise<void>
  /** Ends both threads at once. */
  terminate(): Promise<void>
}

/** What starting a partition needs. */
export interface PartitionParts {
  readonly options: ResolvedNodeOptions
  readonly rings: PartitionRings
  readonly progress: Progress
  /** Called when a thread failed. */
  readonly onFailure: (error: DisruptorError) => void
}

function directories({ dataDir }: ResolvedNodeOptions): { dir: string; snapshotDir: string } {
  return { dir: `${dataDir}/journal`, snapshotDir: `${dataDir}/snapshots` }
}

/** Starts journal and handler on threads of their own. The journal is first: it locks the directory. */
export async function startPartitionThreads({ options, rings, progress, onFailure }: PartitionParts): Promise<RunningPartition> {
  const { dir, snapshotDir } = directories(options)
  const { segmentBytes, durability, intervalMs, snapshotEveryBytes, maxJournalBytes } = options
  const stop = SharedFlag.create(rings.parkingLot)
  let failure: DisruptorError | undefined
  const owner = {
    stopping: () => stop.raised,
    onFailure(error: DisruptorError) {
      failure ??= error
      onFailure(error)
    },
  }
  const shared = { rings: ringHandles(rings), progress: progress.memory, stop: stop.handle }
  const journalSetup: JournalSetup = {
    ...shared,
    journal: { dir, segmentBytes, durability, intervalMs },
    snapshotEveryBytes,
    maxJournalBytes,
  }
  const journal = startThread<RecoveredLog>('journal', new URL('./journal-thread.js', import.meta.url), journalSetup, owner)
  const end = async (...threads: { terminate(): Promise<void>; exited: Promise<void> }[]) => {
    stop.raise()
    await Promise.all(threads.map(({ exited }) => exited))
    if (failure !== undefined) throw failure
  }
  try {
    const { threadId: journalId, ...log } = await journal.ready
    const handlerSetup: HandlerSetup = { ...shared, appUrl: options.app.url, snapshotDir }
    const handler = startThread<RecoveredState>('handler', new URL('./handler-thread.js', import.meta.url), handlerSetup, owner)
    const { threadId: handlerId, ...state } = await handler.ready
    return {
      log,
      state,
      threadIds: { journal: journalId, handler: handlerId },
      stop: () => end(handler, journal),
      async terminate() {
        stop.raise()
        await handler.terminate()
        await journal.exited
      },
    }
  } catch (error) {
    await end(journal).catch(() => undefined)
    throw error
  }
}

/** Runs journal and handler on this event loop, by turns. */
export async function startPartitionInline({ options, rings, progress, onFailure }: PartitionParts): Promise<RunningPartition> {
  const { dir, snapshotDir } = directories(options)
  const { segmentBytes, durability, intervalMs, snapshotEveryBytes, maxJournalBytes, app } = options
  const files = nodeFiles()
  const ports = { rings, progress, clock: systemClock, snapshotEveryBytes, maxJournalBytes }
  const replica = runBlocking(ReplicaStep.open(files, { dir, segmentBytes, durability, intervalMs }, ports))
  let handler: HandlerStep
  try {
    handler = runBlocking(HandlerStep.open({ app, files, snapshotDir, rings, progress, clock: systemClock }))
  } catch (error) {
    runBlocking(replica.close())
    throw error
  }
  let stopped = false
  const both = { step: () => Math.min(replica.step(), handler.step()) }
  const release = keepAlive()
  const running = runStepAsync(both, { parker: rings.parkingLot.parker(), stopped: () => stopped })
    .catch((error: DisruptorError) => onFailure(error))
    .finally(release)
  const stop = async () => {
    if (stopped) return
    stopped = true
    rings.parkingLot.unparkAll()
    await running
    runBlocking(handler.close())
    runBlocking(replica.close())
  }
  return { log: replica.recovered, state: handler.recovered, threadIds: { journal: 0, handler: 0 }, stop, terminate: stop }
}
