import { parentPort, workerData } from 'node:worker_threads'
import { errorToData, runBlocking } from '@disruptorx/contracts/internal'
import { runStep } from '@disruptorx/core'
import { openJournalStep } from '../journal/open-journal-step.ts'
import { LogChannel } from '../log/channel.ts'
import { LogStep } from '../log/log-step.ts'
import { type JournalThreadData, type JournalThreadMessage, ONLY_LOG } from '../log/thread-messages.ts'
import { nodeFiles } from './node-files.ts'
import { startSpareSegments } from './start-spare-segments.ts'

// The body of a log's journal thread: opens, runs until told to stop, does what was still asked, closes.
function body({ channel: handle, options }: JournalThreadData): void {
  const channel = LogChannel.attach(handle)
  const { journal: journalOptions, spareSegments: count, spareWorkerUrl } = options
  const url = spareWorkerUrl === undefined ? {} : { workerUrl: new URL(spareWorkerUrl) }
  const spares = count === 0 ? {} : { spares: startSpareSegments({ ...journalOptions, ...url, count }) }
  const keys = options.encryption === undefined ? {} : { encryption: options.encryption }
  const journal = runBlocking(openJournalStep(nodeFiles(), { ...journalOptions, ...keys, ...spares, rewrite: false }))
  // Nothing is rewritten: the log counts the journal's records, to know their LSNs.
  const { state } = journal.log(ONLY_LOG)
  const step = new LogStep(journal, channel, ONLY_LOG)
  tell({
    kind: 'opened',
    log: { recovery: journal.recovery, lastLsn: journal.lastLsn, summary: state.summary(), terms: state.terms.starts },
  })
  const parker = channel.parkingLot.parker()
  try {
    runStep(step, { parker, stopped: () => channel.stop.raised })
    step.drain()
  } finally {
    parker.close()
    runBlocking(journal.close())
  }
}

function tell(message: JournalThreadMessage): void {
  parentPort?.postMessage(message)
}

try {
  body(workerData as JournalThreadData)
  tell({ kind: 'closed' })
} catch (error) {
  tell({ kind: 'failed', error: errorToData(error) })
}
