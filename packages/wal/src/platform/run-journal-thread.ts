import { parentPort, workerData } from 'node:worker_threads'
import type { Step } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import { runStep, runStepAsync } from '@disruptorx/core'
import { JournalChannel } from '../thread/channel.ts'
import type { JournalThreadData, OpenedJournal, Tell } from '../thread/thread-messages.ts'

/** A journal that is open on its thread. */
export interface ThreadBody {
  readonly opened: OpenedJournal
  /** Takes requests. What it throws has stopped the journal for good. */
  readonly step: Step & {
    /** Does everything that was asked, up to the last request. */
    drain(): void
  }
  /** Whether something else has to run on this thread's event loop between steps. @default false: the thread sleeps between them */
  readonly sharesItsLoop?: boolean
  /** In which operation an error stopped the journal, and why. */
  blame(error: unknown): { readonly operation: string; readonly cause: unknown }
  /** Gives everything back. @throws why that was not possible */
  close(isWell: boolean): void
}

/** Runs a journal on this worker thread until it is told to stop, does what was still asked, and closes it. */
export async function runJournalThread<Options>(
  open: (channel: JournalChannel, options: Options, tell: Tell) => ThreadBody | Promise<ThreadBody>,
  explain: (error: unknown, options: Options) => unknown = error => error,
): Promise<void> {
  const { channel: handle, options } = workerData as JournalThreadData<Options>
  const tell: Tell = (message, memory = []) => parentPort?.postMessage(message, [...memory])
  try {
    const channel = JournalChannel.attach(handle)
    const body = await open(channel, options, tell)
    tell({ kind: 'opened', journal: body.opened })
    const stopped = await run(body, channel)
    if (stopped === undefined) tell({ kind: 'closed' })
    else tell({ kind: 'stopped', operation: stopped.operation, error: errorToData(explain(stopped.cause, options)) })
  } catch (error) {
    tell({ kind: 'failed', error: errorToData(explain(error, options)) })
  }
}

/** Returns what stopped the journal, if that is not that it was told to. */
async function run(body: ThreadBody, channel: JournalChannel): Promise<ReturnType<ThreadBody['blame']> | undefined> {
  const parker = channel.parkingLot.parker()
  const options = { parker, stopped: () => channel.stop.raised }
  // The thread lives while its loop has something to wait for.
  const alive = body.sharesItsLoop ? setInterval(() => {}, 2 ** 30) : undefined
  let stopped: ReturnType<ThreadBody['blame']> | undefined
  try {
    if (body.sharesItsLoop) await runStepAsync(body.step, options)
    else runStep(body.step, options)
    body.step.drain()
  } catch (error) {
    stopped = body.blame(error)
  }
  clearInterval(alive)
  parker.close()
  try {
    body.close(stopped === undefined)
  } catch (error) {
    // What stopped it first is what to tell.
    stopped ??= body.blame(error)
  }
  return stopped
}
