import { once } from 'node:events'
import { threadId, Worker } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { Disruptor, type HandlerOptions, handle, ParkingLot, type ReadonlyView, StructRing } from '@disruptorx/core'
import { superviseWorker, WorkerGroup, workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { makeDisruptor, messageOf, messageOfAsync, publishTickets, publishToFailing } from './disruptor-support.ts'
import { codeOf, codeOfAsync, type Ticket, ticket } from './support.ts'

const handlers = new URL('./workers/handlers.ts', import.meta.url)
const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

function words(): { memory: SharedArrayBuffer; words: Int32Array } {
  const memory = new SharedArrayBuffer(64)
  return { memory, words: new Int32Array(memory) }
}

/** What start says of a handler that cannot be loaded. */
async function loadError(url: URL, exportName: string, argument?: unknown): Promise<string> {
  const disruptor = makeDisruptor()
  disruptor.handleEventsWith(workerHandler(url, exportName, { argument }))
  const error = await disruptor.start().catch((thrown: unknown) => thrown as Error & { code: string })
  return 'code' in error ? `${error.code}: ${error.message}` : 'nothing thrown'
}

describe('a handler that cannot be loaded on a worker', () => {
  it('says that there is no such module, and which one lacks what it imports', async () => {
    const nowhere = new URL('./workers/nowhere.ts', import.meta.url)
    expect(await loadError(nowhere, 'audit')).toBe(`DX_MODULE_LOAD: cannot load 'audit' of ${nowhere}: there is no such module`)
    const importing = new URL("data:text/javascript,import 'file:///nowhere.mjs'")
    expect(await loadError(importing, 'audit')).toContain(
      `DX_MODULE_LOAD: cannot load 'audit' of ${importing}: its import failed: Cannot find`,
    )
  })

  it('says what its module threw, and where', async () => {
    const throwing = new URL('./workers/handlers-throwing.ts', import.meta.url)
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(workerHandler(throwing, 'audit'))
    const error = await disruptor.start().catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ message: `cannot load 'audit' of ${throwing}: its import failed: no licence for this machine` })
    expect((error as Error).stack).toContain('handlers-throwing.ts:1')
    expect(disruptor.state).toBe('failed')
  })

  it('says which exports there are', async () => {
    expect(await loadError(handlers, 'audit')).toBe(
      `DX_MODULE_LOAD: cannot load 'audit' of ${handlers}: it exports 'counter', 'follower', 'notAHandler', 'quitter', 'stuck', 'thrower'`,
    )
    const nothing = new URL('data:text/javascript,')
    expect(await loadError(nothing, 'audit')).toBe(`DX_MODULE_LOAD: cannot load 'audit' of ${nothing}: it exports nothing`)
  })

  it('says what the export is instead of a handler', async () => {
    const must = 'it must be an object with either onEvent or onBatch, a class of such, or a function that makes one'
    expect(await loadError(odd, 'five')).toBe(`DX_MODULE_LOAD: cannot load 'five' of ${odd}: it is 5; ${must}`)
    expect(await loadError(odd, 'empty')).toContain(`it returns an object with nothing; ${must}`)
    expect(await loadError(odd, 'both')).toContain(`it is an object with onEvent, onBatch; ${must}`)
  })

  it('says what the function that should make it threw', async () => {
    expect(await loadError(odd, 'failingFactory')).toBe('DX_UNEXPECTED: no such customer')
  })

  it('is refused at once for an address or an argument that cannot cross', async () => {
    expect(messageOf(() => workerHandler('./audit.js', 'audit'))).toBe(
      "option url is './audit.js'; it must be an absolute URL, such as new URL('./handlers.js', import.meta.url)",
    )
    expect(codeOf(() => workerHandler('C:\\audit.js', 'audit'))).toBe('DX_OPTION')
    expect(codeOf(() => workerHandler(handlers, ''))).toBe('DX_OPTION')
    expect(await loadError(odd, 'Counting', () => {})).toContain("DX_OPTION: option argument is '() => {} could not be cloned.'")
  })

  it('leaves those out that were added while others ran, and these go on', async () => {
    const disruptor = makeDisruptor()
    const { memory, words: counts } = words()
    disruptor.handleEventsWith(workerHandler(odd, 'Counting', { argument: memory }))
    await disruptor.start()
    expect(await codeOfAsync(disruptor.add({ handlers: [workerHandler(odd, 'five')], name: 'late' }))).toBe('DX_MODULE_LOAD')
    expect([disruptor.state, disruptor.describe().nodes.length]).toEqual(['running', 1])
    await publishTickets(disruptor, 100)
    await disruptor.shutdown()
    expect(counts[0]).toBe(100)
  })
})

describe('a handler on a worker', () => {
  it('may be asynchronous where the worker has an event loop', async () => {
    const disruptor = makeDisruptor()
    const { memory, words: counts } = words()
    disruptor.handleEventsWith(workerHandler(odd, 'patient', { argument: memory, eventLoop: true }))
    await disruptor.start()
    await publishTickets(disruptor, 20)
    await disruptor.shutdown()
    expect(counts[0]).toBe(20)
  })

  it('that returns a promise where the worker blocks is told so', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(workerHandler(odd, 'patient', { argument: words().memory }))
    await disruptor.start()
    await publishToFailing(disruptor, 1)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_PROMISE_FORBIDDEN')
  })

  it('that waits for room in its own full ring is told so', async () => {
    const disruptor = makeDisruptor({ producers: 'multi' })
    disruptor.handleEventsWith(workerHandler(odd, 'greedy'))
    await disruptor.start()
    await publishToFailing(disruptor, 1)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WOULD_DEADLOCK')
    expect(disruptor.failure?.name).toBe('WouldDeadlockError')
  })

  it.each(['onEvent', 'onBatchStart', 'onTimeout'])('that fails in %s fails the disruptor', async hook => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(handle(workerHandler(odd, 'failingIn', { argument: hook }), { timeoutMs: 1 }))
    await disruptor.start()
    await publishToFailing(disruptor, 1)
    expect(await messageOfAsync(disruptor.closed)).toBe(`broken in ${hook}`)
    expect(disruptor.failure).toMatchObject({ code: 'DX_UNEXPECTED', name: 'RangeError' })
  })

  it('that fails in onStart fails the start, and in onShutdown the shutdown', async () => {
    const starting = makeDisruptor()
    starting.handleEventsWith(workerHandler(odd, 'failingIn', { argument: 'onStart' }))
    expect(await messageOfAsync(starting.start())).toBe('broken in onStart')
    const ending = makeDisruptor()
    ending.handleEventsWith(workerHandler(odd, 'failingIn', { argument: 'onShutdown' }))
    await ending.start()
    expect(await messageOfAsync(ending.shutdown())).toBe('broken in onShutdown')
  })

  it('has options, and figures that others read', async () => {
    const disruptor = makeDisruptor()
    const { memory, words: counts } = words()
    const options: HandlerOptions<ReadonlyView<Ticket>> = {
      name: 'count',
      maxBatch: 2,
      timeoutMs: 1,
      batchSize: { most: 2 },
      rewind: { attempts: 3, pauseMs: 1 },
      exceptionHandler: 'ignore',
      waitStrategy: { kind: 'custom', url: odd.href, exportName: 'telling', argument: memory },
    }
    disruptor.handleEventsWith(handle(workerHandler(odd, 'Counting', { argument: memory }), options))
    await disruptor.start()
    await publishTickets(disruptor, 10)
    await disruptor.barrier('count').waitForAsync(9)
    await Atomics.waitAsync(counts, 4, 0).value
    await disruptor.shutdown()
    const [node] = disruptor.describe().nodes
    expect(node).toMatchObject({ kind: 'worker', url: odd.href, exportName: 'Counting', sequence: 9, figures: { events: 10 } })
    expect(node?.figures?.batches).toBeGreaterThanOrEqual(5)
    expect([counts[0], counts[8]]).toEqual([10, counts[1]])
    expect(disruptor.toMermaid()).toContain('[["count<br/>handlers-odd.ts#Counting"]]')
  })

  it('is told when its wait strategy gives up', async () => {
    const disruptor = makeDisruptor()
    const { memory, words: counts } = words()
    const waitStrategy = { kind: 'timeoutBlocking', timeoutMs: 2 } as const
    disruptor.handleEventsWith(handle(workerHandler(odd, 'Counting', { argument: memory }), { waitStrategy }))
    await disruptor.start()
    while (Atomics.load(counts, 4) < 2) await new Promise(resolve => setImmediate(resolve))
    await disruptor.shutdown()
    expect(disruptor.describe().nodes[0]?.figures?.timeouts).toBeGreaterThanOrEqual(2)
  })

  it('shows by its figures that it was the one that failed', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(workerHandler(handlers, 'thrower', { argument: 0 }), workerHandler(handlers, 'thrower', { argument: 7 }))
    await disruptor.start()
    await publishToFailing(disruptor, 1)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_UNEXPECTED')
    expect(disruptor.describe().nodes.map(({ figures }) => figures?.exceptions)).toEqual([1, 0])
  })

  it.each([
    ['ignore', 'ignore' as const],
    ['an exported exception handler', { url: odd, exportName: 'skipping' }],
  ])('goes on after errors by the policy %s', async (_name, policy) => {
    const disruptor = makeDisruptor()
    const failing = workerHandler(odd, 'odd')
    disruptor.handleEventsWith(failing)
    disruptor.handleExceptionsFor(failing).with(policy)
    await disruptor.start()
    await publishTickets(disruptor, 3)
    await disruptor.shutdown()
    expect(disruptor.describe().nodes[0]?.figures).toMatchObject({ events: 3, exceptions: 1, skipped: 1 })
  })

  it('takes the default policy, unless that cannot cross to it', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(handle(workerHandler(odd, 'odd'), { name: 'audit' }))
    const handler = { handleEventException: () => 'skip' as const, handleOnStartException() {}, handleOnShutdownException() {} }
    disruptor.setDefaultExceptionHandler(handler)
    expect(await messageOfAsync(disruptor.start())).toBe(
      "option exceptionHandler is 'an object'; it must be 'fatal', 'ignore' or { url, exportName } of one for 'audit', which runs on a worker",
    )
    disruptor.setDefaultExceptionHandler({ url: odd, exportName: 'five' })
    expect(await messageOfAsync(disruptor.start())).toContain(
      'it is 5; it must be an exception handler, an object with handleEventException',
    )
    disruptor.setDefaultExceptionHandler({ url: odd, exportName: 'skipping' })
    await disruptor.start()
    await publishTickets(disruptor, 4)
    await disruptor.shutdown()
  })

  it('cannot be over a ring of objects', async () => {
    const disruptor = new Disruptor({ factory: () => ({ number: 0 }), capacity: 8 })
    disruptor.handleEventsWith(handle(workerHandler(odd, 'Counting'), { name: 'count' }))
    expect(await messageOfAsync(disruptor.start())).toBe(
      "option handler is 'count'; it must be a handler for the event loop: an object ring cannot leave its thread, a ring with a layout can",
    )
  })
})

describe('a group of workers', () => {
  it('runs one handler after the other on one worker, over restarts and disruptors', async () => {
    await using workers = new WorkerGroup({ threads: 1 })
    const { memory, words: counts } = words()
    const threads = new Set<number>()
    for (const runs of [2, 1]) {
      await using disruptor = makeDisruptor()
      disruptor.handleEventsWith(workerHandler(odd, 'Counting', { argument: memory, workers }))
      for (let run = 0; run < runs; run++) {
        await disruptor.start()
        expect([workers.size, workers.idle]).toEqual([1, 0])
        await publishTickets(disruptor, 100)
        await disruptor.shutdown()
        expect([workers.size, workers.idle]).toEqual([1, 1])
        threads.add(counts[1] ?? 0)
      }
    }
    expect([counts[0], counts[2], counts[3], threads.size]).toEqual([300, 3, 3, 1])
    expect(threads.has(threadId)).toBe(false)
  })

  it('refuses more handlers at a time than it has workers, and keeps no more idle ones than it may', async () => {
    await using workers = new WorkerGroup({ threads: 2, idle: 1 })
    const disruptor = makeDisruptor()
    const counting = () => workerHandler(odd, 'Counting', { argument: words().memory, workers })
    disruptor.handleEventsWith(counting(), counting())
    await disruptor.start()
    expect(await codeOfAsync(disruptor.add({ handlers: [counting()] }))).toBe('DX_TABLE_FULL')
    await disruptor.shutdown()
    expect([workers.size, workers.idle]).toEqual([1, 1])
    expect(codeOf(() => new WorkerGroup({ threads: 0 }))).toBe('DX_OPTION')
    expect(codeOf(() => new WorkerGroup({ threads: 1, idle: 2 }))).toBe('DX_OPTION')
    expect(codeOf(() => workerHandler(odd, 'Counting', { workers, workerUrl: odd }))).toBe('DX_OPTION')
  })

  it('does not use a worker again whose handler failed', async () => {
    await using workers = new WorkerGroup()
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(workerHandler(handlers, 'thrower', { argument: 0, workers }))
    await disruptor.start()
    await publishToFailing(disruptor, 1)
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_UNEXPECTED')
    expect(workers.size).toBe(0)
  })

  it('ends what it runs when it is closed, and runs nothing more', async () => {
    const workers = new WorkerGroup()
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(workerHandler(odd, 'Counting', { argument: words().memory, workers }))
    await disruptor.start()
    await workers.close()
    await workers.close()
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WORKER_EXITED')
    expect(await codeOfAsync(disruptor.start())).toBe('DX_CLOSED')
  })
})

describe('a worker that ends from outside', () => {
  /** The worker threads that start while this runs. */
  async function workersOf<T>(action: () => Promise<T>): Promise<Worker[]> {
    const started: Worker[] = []
    const note = (worker: Worker) => started.push(worker)
    process.on('worker', note)
    await action()
    process.off('worker', note)
    return started
  }

  it('fails the disruptor; what its thread held is taken back, and the handler goes on after a new start', async () => {
    const disruptor = makeDisruptor()
    const { memory, words: counts } = words()
    disruptor.handleEventsWith(handle(workerHandler(odd, 'Counting', { argument: memory }), { name: 'count' }))
    const [worker] = await workersOf(() => disruptor.start())
    await publishTickets(disruptor, 10)
    await disruptor.barrier('count').waitForAsync(9)
    const before = disruptor.ring.parkingLot.stats().threads
    await worker?.terminate()
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WORKER_EXITED')
    expect(disruptor.ring.parkingLot.stats().threads).toBe(before - 1)
    expect([disruptor.sequenceOf('count'), disruptor.ring.stats().consumers.length]).toEqual([9, 1])
    await disruptor.start()
    await publishTickets(disruptor, 20, 10)
    await disruptor.shutdown()
    expect(counts[0]).toBe(30)
  })

  it('while its handler is loaded fails the start', async () => {
    const disruptor = makeDisruptor({ graceMs: 1 })
    const forever = new URL('data:text/javascript,await new Promise(() => setInterval(() => {}, 1000))')
    disruptor.handleEventsWith(workerHandler(forever, 'audit'))
    const starting = codeOfAsync(disruptor.start())
    await disruptor.halt()
    expect(await starting).toBe('DX_START_INTERRUPTED')
  })

  it('is ended by force where its handler left a timer behind', async () => {
    // All of it passes. Its handler ends at once, on a machine that lets it run.
    const disruptor = makeDisruptor({ graceMs: 3000 })
    disruptor.handleEventsWith(workerHandler(odd, 'leaving'))
    const [worker] = await workersOf(() => disruptor.start())
    await disruptor.halt()
    expect([worker?.threadId, disruptor.state]).toEqual([-1, 'stopped'])
  })

  it('is looked after by its program, too: what it held in rings is taken back', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers: 'multi' })
    const lot = ParkingLot.create()
    const consumer = ring.addConsumer()
    const worker = new Worker(new URL('./workers/handlers-claiming.ts', import.meta.url), { workerData: ring.handle })
    const exit = superviseWorker(worker, [ring, lot])
    await once(worker, 'message')
    expect(ring.cursor.get()).toBe(2)
    const thread = worker.threadId + 1
    await worker.terminate()
    expect(await exit).toEqual({ exitCode: 1, thread, reclaimed: [{ producers: 1, consumers: 1, halted: false }, 0] })
    ring.producer().publishEvent(event => event.set({ number: 7, producer: 0, square: 0, check: 0 }))
    expect([consumer.available(), consumer.next, consumer.skipped]).toEqual([3, 3, 3])
    expect(codeOf(() => superviseWorker(worker, []))).toBe('DX_OPTION')
  })

  it('takes what it published into another ring along, if that ring is named', async () => {
    const other = StructRing.create({ layout: ticket, capacity: 8 })
    const disruptor = makeDisruptor()
    const holding = new URL('./workers/handlers-claiming.ts', import.meta.url)
    disruptor.handleEventsWith(workerHandler(holding, 'holding', { argument: other.handle, rings: [other] }))
    const [worker] = await workersOf(() => disruptor.start())
    expect(codeOf(() => other.producer())).toBe('DX_ROLE_TAKEN')
    await worker?.terminate()
    const error = await disruptor.closed.catch((thrown: unknown) => thrown)
    expect(isDisruptorError(error, 'DX_WORKER_EXITED')).toBe(true)
    other.producer().close()
  })
})
