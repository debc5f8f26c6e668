/**
 * The worker thread behind `workerHandler`: loads a handler, and hands it the events of a ring until it is told to stop.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { EventHandler } from '@disruptorx/contracts'
import { OptionError } from '@disruptorx/contracts'
import { errorToData } from '@disruptorx/contracts/internal'
import type { ReadonlyView, StructSpec, StructValue } from '@disruptorx/layout'
import { createWaitStrategy } from '@disruptorx/wait-strategies'
import { BatchProcessor } from '../processing/batch-processor.ts'
import { StructRing } from '../ring/struct-ring.ts'
import { SharedFlag } from '../sequences/shared-flag.ts'
import { runStep } from '../steps/run-step.ts'
import type { HandlerWorkerData, HandlerWorkerMessage } from './worker-handler.ts'

type Handler = EventHandler<ReadonlyView<StructValue<StructSpec>>>

function tell(message: HandlerWorkerMessage): void {
  parentPort?.postMessage(message)
}

async function loadHandler(data: HandlerWorkerData): Promise<Handler> {
  const module = (await import(data.url)) as Record<string, unknown>
  const found = module[data.exportName]
  const handler: unknown = typeof found === 'function' ? await found(data.argument) : found
  if (typeof handler !== 'object' || handler === null || !('onEvent' in handler))
    throw new OptionError('exportName', data.exportName, `an export of ${data.url} that is or makes an object with onEvent`)
  return handler as Handler
}

async function run(data: HandlerWorkerData): Promise<void> {
  const handler = await loadHandler(data)
  const ring = StructRing.attach(data.ring)
  const stop = SharedFlag.attach(data.stop)
  const processor = new BatchProcessor({ ring, consumer: ring.attachConsumer(data.consumer), handler })
  const parker = ring.parkingLot.parker()
  processor.start()
  tell({ kind: 'ready' })
  try {
    runStep(processor, { parker, strategy: createWaitStrategy(data.waitStrategy), stopped: () => stop.raised })
  } finally {
    parker.close()
    processor.close()
  }
}

run(workerData as HandlerWorkerData).then(
  () => tell({ kind: 'finished' }),
  error => tell({ kind: 'failed', error: errorToData(error) }),
)
