import { parentPort, threadId } from 'node:worker_threads'
import type { Step } from '@disruptorx/contracts'
import { errorToData, type FileTask, runBlocking } from '@disruptorx/contracts/internal'
import { runStep, SharedFlag } from '@disruptorx/core'
import { createWaitStrategy } from '@disruptorx/wait-strategies'
import { Progress } from '../partition/progress.ts'
import { attachRings, type PartitionRings } from '../partition/rings.ts'
import type { PartitionSetup, ThreadMessage } from './thread-messages.ts'

/** The user's thread, the journal thread and the handler thread: what the wait strategy weighs against the cores. */
const BUSY_THREADS = 3

/** A step that is open, what opening it found, and how it ends. */
export interface OpenStep<Facts> {
  readonly step: Step
  readonly facts: Facts
  readonly close: () => FileTask<void>
}

/** Opens a step on this worker thread and loops it until the partition stops. Says what happened by messages; never throws. */
export async function threadBody<Facts>(
  setup: PartitionSetup,
  open: (rings: PartitionRings, progress: Progress) => Promise<OpenStep<Facts>>,
): Promise<void> {
  const say = (message: ThreadMessage<Facts & { threadId: number }>) => parentPort?.postMessage(message)
  try {
    const rings = attachRings(setup.rings)
    const stop = SharedFlag.attach(setup.stop)
    const { step, facts, close } = await open(rings, Progress.attach(setup.progress))
    say({ kind: 'ready', facts: { ...facts, threadId } })
    const parker = rings.parkingLot.parker()
    const strategy = createWaitStrategy({ kind: 'adaptive', threads: BUSY_THREADS })
    try {
      runStep(step, { parker, strategy, stopped: () => stop.raised })
    } catch (error) {
      say({ kind: 'failed', error: errorToData(error) })
    }
    runBlocking(close())
  } catch (error) {
    say({ kind: 'failed', error: errorToData(error) })
  }
  // What user code left behind, such as a rejection that nobody handles, comes up before the thread says that it is done.
  await nextTurn()
  say({ kind: 'closed' })
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
