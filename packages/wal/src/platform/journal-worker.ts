import { isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { runBlocking } from '@disruptorx/contracts/internal'
import { ArchiveGate } from '../archive/archive-gate.ts'
import { openJournalStep } from '../journal/open-journal-step.ts'
import type { RepairSource } from '../segments/repair.ts'
import type { JournalChannel } from '../thread/channel.ts'
import { LogStep } from '../thread/log-step.ts'
import type { ResolvedJournalOptions } from '../thread/options.ts'
import type { Tell } from '../thread/thread-messages.ts'
import { nodeFiles } from './node-files.ts'
import { runJournalThread, type ThreadBody } from './run-journal-thread.ts'
import { startSpareSegments } from './start-spare-segments.ts'

async function open(channel: JournalChannel, options: ResolvedJournalOptions, tell: Tell): Promise<ThreadBody> {
  const { journal: journalOptions, spareSegments: count, spareWorkerUrl, repairUrl, scrubBytesPerSecond, archive: memory } = options
  const url = spareWorkerUrl === undefined ? {} : { workerUrl: new URL(spareWorkerUrl) }
  const repair = repairUrl === undefined ? {} : { repair: ((await import(repairUrl)) as { default: RepairSource }).default }
  const spares = count === 0 ? {} : { spares: startSpareSegments({ ...journalOptions, ...url, count }) }
  const archive = memory === undefined ? {} : { archive: new ArchiveGate(memory) }
  const journal = await carryOut(openJournalStep(nodeFiles(), { ...journalOptions, ...spares, ...repair, ...archive }))
  const states = journal.logIds.map(id => journal.log(id).state)
  const step = new LogStep(journal, channel, tell, scrubBytesPerSecond)
  return {
    opened: {
      lastLsn: journal.lastLsn,
      logs: states.map(state => ({ summary: state.summary(), terms: state.terms.starts })),
      mostStateBytes: journal.mostStateBytes,
      recovery: journal.recovery,
    },
    step,
    sharesItsLoop: repairUrl !== undefined,
    blame,
    close: () => {
      try {
        runBlocking(journal.close())
      } finally {
        step.close()
      }
    },
  }
}

/** These files block, so what it waits for is a repair: that needs the event loop. */
async function carryOut<T>(task: FileTask<T>): Promise<T> {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
    await new Promise(resolve => setImmediate(resolve))
  }
}

function blame(error: unknown): ReturnType<ThreadBody['blame']> {
  if (isDisruptorError(error, 'DX_JOURNAL_STOPPED')) return { operation: String(error.details.operation), cause: error.cause }
  return { operation: 'taking a change', cause: error }
}

void runJournalThread(open)
