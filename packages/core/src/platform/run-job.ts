import type { AnyEventHandler, Step } from '@disruptorx/contracts'
import type { StructSpec, StructValue } from '@disruptorx/layout'
import { loadWaitStrategy, onEventLoop } from '@disruptorx/wait-strategies'
import { isExceptionHandler, type ThreadExceptionPolicy } from '../disruptor/exception-policy.ts'
import { type EventProcessor, type EventProcessorFactory, isProcessorFactory, makeProcessor } from '../disruptor/make-processor.ts'
import { closeProcessor } from '../disruptor/run-on-event-loop.ts'
import { type ProcessorFigures, SharedStats } from '../disruptor/shared-stats.ts'
import { isHandler } from '../processing/batch-processor-options.ts'
import { type ExceptionHandler, fatalExceptionHandler, ignoreExceptionHandler } from '../processing/exception-handler.ts'
import { PoisonSet } from '../processing/poison-set.ts'
import { WorkPool } from '../processing/work-pool.ts'
import type { EventView } from '../ring/event-view.ts'
import { StructRing } from '../ring/struct-ring.ts'
import { SharedFlag } from '../sequences/shared-flag.ts'
import { runStep, runStepAsync } from '../steps/run-step.ts'
import { consoleLogger } from './console-logger.ts'
import type { HandlerJob } from './handler-thread.ts'
import { loadExport, ModuleLoadError } from './load-export.ts'

type Event = EventView<StructValue<StructSpec>>
type Loaded = AnyEventHandler<Event> | EventProcessorFactory<Event>

/** What a function that makes a handler on a worker gets beside its argument. */
export interface WorkerContext {
  /** The handler's name in the disruptor. */
  readonly name: string
  /** The ring on the worker: to publish into it, say, which only `tryNext` and its like can do without waiting for the handler itself. */
  readonly ring: StructRing<StructValue<StructSpec>>
}

/** A processor whose figures other threads can read. */
class ReportingStep implements Step {
  readonly #processor: EventProcessor
  readonly #figures: ProcessorFigures
  readonly #stats: SharedStats

  constructor(processor: EventProcessor, figures: ProcessorFigures, memory: SharedArrayBuffer) {
    this.#processor = processor
    this.#figures = figures
    this.#stats = SharedStats.attach(memory)
  }

  // Hot: once per batch.
  step(): number {
    try {
      return this.#processor.step()
    } finally {
      // Also when it threw: what failed is what somebody wants to know.
      this.#stats.write(this.#figures)
    }
  }
}

/** Loads a handler, says that it is ready, and hands it events until its stop flag goes up. @throws what loading it and the handler throw */
export async function runJob(job: HandlerJob, ready: () => void): Promise<void> {
  const ring = StructRing.attach(job.ring)
  const stop = SharedFlag.attach(job.stop)
  const strategy = await loadWaitStrategy(job.waitStrategy)
  const exceptionHandler = await loadPolicy(job.exceptionPolicy)
  const handler = await loadHandler(job, { name: job.name, ring })
  const worker = job.pool && WorkPool.attach(job.pool, ring).worker(job.maxBatch === undefined ? {} : { claim: job.maxBatch })
  const consumer = worker ?? ring.attachConsumer(job.consumer)
  const poisonSet = job.poisonSet && PoisonSet.attach(job.poisonSet)
  // A strategy that gives up after a time does so for the sake of the handler's onTimeout.
  const timeoutMs = job.timeoutMs ?? onEventLoop(job.waitStrategy).timeoutMs
  const processor = makeProcessor({ ...job, timeoutMs, ring, consumer, handler, exceptionHandler, poisonSet, canAwait: job.eventLoop })
  const parker = ring.parkingLot.parker()
  const step = processor.stats === undefined ? processor : new ReportingStep(processor, processor.stats, job.stats)
  const stopped = () => stop.raised || processor.ended === true
  let isReady = false
  try {
    processor.start?.()
    isReady = true
    ready()
    if (job.eventLoop) await runStepAsync(step, { parker, stopped, strategy: onEventLoop(job.waitStrategy) })
    else runStep(step, { parker, stopped, strategy })
  } catch (error) {
    SharedStats.attach(job.stats).fail(consumer.next)
    // At once: a thread that blocks for room cannot be told otherwise. A handler that was never ready fails only its start.
    if (isReady) ring.halt()
    throw error
  } finally {
    parker.close()
    try {
      if (job.eventLoop) await closeProcessor(processor)
      else processor.close?.()
    } finally {
      worker?.close()
    }
  }
}

async function loadHandler({ url, exportName, argument }: HandlerJob, context: WorkerContext): Promise<Loaded> {
  const found = await loadExport(url, exportName)
  const handler = await make(found, argument, context)
  if (isHandler(handler) || isProcessorFactory(handler)) return handler
  const what = typeof found === 'function' ? 'it returns' : 'it is'
  throw new ModuleLoadError(
    url,
    exportName,
    `${what} ${shown(handler)}; it must be an object with either onEvent or onBatch, a class of such, or a function that makes one`,
  )
}

async function loadPolicy(policy: ThreadExceptionPolicy): Promise<ExceptionHandler<Event>> {
  if (policy === 'fatal') return fatalExceptionHandler
  if (policy === 'ignore') return ignoreExceptionHandler(consoleLogger)
  const { url, exportName } = policy
  const found = await loadExport(url, exportName)
  if (isExceptionHandler(found)) return found
  throw new ModuleLoadError(url, exportName, `it is ${shown(found)}; it must be an exception handler, an object with handleEventException`)
}

/** A class is told from a function by what its objects have. */
function make(found: unknown, argument: unknown, context: WorkerContext): unknown {
  if (typeof found !== 'function') return found
  if (isHandler(found.prototype) || isProcessorFactory(found.prototype)) return Reflect.construct(found, [argument, context])
  return found(argument, context)
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return `an object with ${Object.keys(value).join(', ') || 'nothing'}`
}
