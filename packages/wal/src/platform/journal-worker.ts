import { isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { ArchiveGate } from '../archive/archive-gate.ts'
import { openJournalStep } from '../journal/open-journal-step.ts'
import type { RepairSource } from '../segments/repair.ts'
import type { JournalChannel } from '../thread/channel.ts'
import { LogStep } from '../thread/log-step.ts'
import type { ResolvedJournalOptions } from '../thread/options.ts'
import type { Tell } from '../thread/thread-messages.ts'
import { overlappedFiles } from './overlapped-files.ts'
import { OverlappedStep } from './overlapped-step.ts'
import { runJournalThread, type ThreadBody } from './run-journal-thread.ts'
import { startSpareSegments } from './start-spare-segments.ts'

async function open(channel: JournalChannel, options: ResolvedJournalOptions, tell: Tell): Promise<ThreadBody> {
  const {
    journal: journalOptions,
    spareSegments: count,
    spareWorkerUrl,
    syncWorkerUrl,
    repairUrl,
    scrubBytesPerSecond,
    archive: memory,
  } = options
  const url = spareWorkerUrl === undefined ? {} : { workerUrl: new URL(spareWorkerUrl) }
  const repair = repairUrl === undefined ? {} : { repair: ((await import(repairUrl)) as { default: RepairSource }).default }
  const spares = count === 0 ? {} : { spares: startSpareSegments({ ...journalOptions, ...url, count }) }
  const archive = memory === undefined ? {} : { archive: new ArchiveGate(memory) }
  const files = overlappedFiles(syncWorkerUrl === undefined ? {} : { workerUrl: new URL(syncWorkerUrl) })
  const journal = await carryOut(openJournalStep(files, { ...journalOptions, ...spares, ...repair, ...archive }))
  const states = journal.logIds.map(id => journal.log(id).state)
  const step = new LogStep(journal, channel, tell, scrubBytesPerSecond)
  return {
    opened: {
      lastLsn: journal.lastLsn,
      logs: states.map(state => ({ summary: state.summary(), terms: state.terms.starts })),
      mostStateBytes: journal.mostStateBytes,
      recovery: journal.recovery,
    },
    step: new OverlappedStep(step, files),
    sharesItsLoop: repairUrl !== undefined,
    blame,
    close: () => {
      try {
        // When the disk hangs, the lock stays with this thread, which then lives as long: until the disk answers nobody else may write there.
        files.run(journal.close())
      } finally {
        files.close()
        step.close()
      }
    },
  }
}

/** Its files block while it opens, so what it waits for is a repair: that needs the event loop. */
async function carryOut<T>(task: FileTask<T>): Promise<T> {
  for (;;) {
    const { done, value } = task.next()
    if (done) return value
    await new Promise(resolve => setImmediate(resolve))
  }
}

function blame(error: unknown): ReturnType<ThreadBody['blame']> {
  if (isDisruptorError(error, 'DX_JOURNAL_STOPPED')) return { operation: String(error.details.operation), cause: error.cause }
  return { operation: isDisruptorError(error, 'DX_TIMEOUT') ? 'waiting for the disk' : 'taking a change', cause: error }
}

void runJournalThread(open)
