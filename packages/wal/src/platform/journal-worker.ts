import { isDisruptorError } from '@disruptorx/contracts'
import { runBlocking } from '@disruptorx/contracts/internal'
import { openJournalStep } from '../journal/open-journal-step.ts'
import type { JournalChannel } from '../thread/channel.ts'
import { LogStep } from '../thread/log-step.ts'
import type { ResolvedJournalOptions } from '../thread/options.ts'
import type { Tell } from '../thread/thread-messages.ts'
import { nodeFiles } from './node-files.ts'
import { runJournalThread, type ThreadBody } from './run-journal-thread.ts'
import { startSpareSegments } from './start-spare-segments.ts'

function open(channel: JournalChannel, options: ResolvedJournalOptions, tell: Tell): ThreadBody {
  const { journal: journalOptions, spareSegments: count, spareWorkerUrl } = options
  const url = spareWorkerUrl === undefined ? {} : { workerUrl: new URL(spareWorkerUrl) }
  const spares = count === 0 ? {} : { spares: startSpareSegments({ ...journalOptions, ...url, count }) }
  const journal = runBlocking(openJournalStep(nodeFiles(), { ...journalOptions, ...spares }))
  const logs = journal.logIds.map(id => journal.log(id).state)
  const step = new LogStep(journal, channel, tell)
  return {
    opened: {
      lastLsn: journal.lastLsn,
      logs: logs.map(log => ({ summary: log.summary(), terms: log.terms.starts })),
      mostStateBytes: journal.mostStateBytes,
      recovery: journal.recovery,
    },
    step,
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

function blame(error: unknown): ReturnType<ThreadBody['blame']> {
  if (isDisruptorError(error, 'DX_JOURNAL_STOPPED')) return { operation: String(error.details.operation), cause: error.cause }
  return { operation: 'taking a change', cause: error }
}

runJournalThread(open)
