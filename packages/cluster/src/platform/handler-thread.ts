import { workerData } from 'node:worker_threads'
import { runBlocking, systemClock } from '@disruptorx/contracts/internal'
import { nodeFiles } from '@disruptorx/wal'
import { HandlerStep } from '../partition/handler-step.ts'
import { loadApp } from './load-app.ts'
import { threadBody } from './thread-body.ts'
import type { HandlerSetup } from './thread-messages.ts'

/** The handler thread: the user's state machine, which may take as long as it likes. */
const setup = workerData as HandlerSetup

void threadBody(setup, async (rings, progress) => {
  const app = await loadApp(setup.appUrl)
  const files = nodeFiles()
  const { snapshotDir } = setup
  const step = runBlocking(HandlerStep.open({ app, files, snapshotDir, rings, progress, clock: systemClock }))
  return { step, facts: step.recovered, close: () => step.close() }
})
