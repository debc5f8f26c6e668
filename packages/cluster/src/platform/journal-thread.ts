import { workerData } from 'node:worker_threads'
import { runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { nodeFiles, startSpareSegments } from '@disruptorx/wal'
import { ReplicaStep } from '../partition/replica-step.ts'
import { threadBody } from './thread-body.ts'
import type { JournalSetup } from './thread-messages.ts'

/** The journal thread: its disk completes inside submit, so it may block. */
const setup = workerData as JournalSetup

void threadBody(setup, async (rings, progress) => {
  const { snapshotEveryBytes, maxJournalBytes } = setup
  const journal = { ...setup.journal, spares: startSpareSegments(setup.journal) }
  const ports = { rings, progress, clock: systemClock, snapshotEveryBytes, maxJournalBytes }
  const step = runBlocking(ReplicaStep.open(nodeFiles(), journal, ports))
  return { step, facts: step.recovered, close: () => step.close() }
})
