import { type DisruptorOptions, handle, isDisruptorError, type Logger, RingHaltedError } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Handler, holder, makeDisruptor, messageOfAsync, publishTickets, publishToFailing, settle } from './disruptor-support.ts'
import { codeOf, codeOfAsync, ticketOf } from './support.ts'

const handlers = new URL('./workers/handlers.ts', import.meta.url)
const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

/** Fails at the event with this number. */
function failingAt(number: number, error: unknown): Handler {
  return {
    onEvent(event) {
      if (event.number === number) throw error
    },
  }
}

/** Lets a handler called `journal` fail at event 3, and waits until the disruptor has ended. */
async function failAt3(error: unknown, options: DisruptorOptions): Promise<void> {
  const disruptor = makeDisruptor({ logger: undefined, ...options } as DisruptorOptions)
  disruptor.handleEventsWith(handle(failingAt(3, error), { name: 'journal' }), { onEvent() {} })
  await publishTickets(disruptor, 5)
  await disruptor.start()
  await disruptor.closed.catch(() => {})
}

/** A handler that throws `error` once `turns` turns of the event loop have gone by. */
function failingAfter(turns: number, error: unknown): Handler {
  return {
    async onEvent() {
      for (let turn = 0; turn < turns; turn++) await settle()
      throw error
    },
  }
}

function loggerTo(lines: unknown[]): Logger {
  return { debug() {}, info() {}, warn() {}, error: (message, fields) => void lines.push([message, fields]) }
}

describe('a failure of which nobody wants to be told', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is written to the console once, with the handler, the sequence and the error', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {})
    const error = new Error('disk full')
    await failAt3(error, {})
    const line = "handler 'journal' failed at sequence 3; the disruptor ends"
    expect(written.mock.calls).toEqual([[line, { handler: 'journal', sequence: 3, error }]])
  })

  it('is written to the logger where there is one, and nowhere where onFailure is told', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {})
    const [lines, told]: [unknown[], unknown[]] = [[], []]
    const error = new Error('disk full')
    await failAt3(error, { logger: loggerTo(lines) })
    expect(lines.length).toBe(1)
    await failAt3(error, { logger: loggerTo(lines), onFailure: (...failure) => told.push(failure) })
    expect([lines.length, told]).toEqual([1, [[error, { handler: 'journal', sequence: 3 }]]])
    expect(written).not.toHaveBeenCalled()
  })

  it('is one even if nothing was thrown', async () => {
    const lines: unknown[] = []
    await failAt3(undefined, { logger: loggerTo(lines) })
    expect(lines).toMatchObject([[{}, { error: { message: "handler 'journal' threw undefined at sequence 3" } }]])
  })
})

describe('where a disruptor has failed', () => {
  it('is the event that the next start begins with, and forgotten then', async () => {
    const disruptor = makeDisruptor()
    let broken = true
    const failing: Handler = {
      onEvent(event) {
        if (event.number === 6 && broken) throw new Error('disk full')
      },
    }
    disruptor.handleEventsWith(handle({ onEvent() {} }, { name: 'check' })).then(handle(failing, { name: 'journal' }))
    await disruptor.start()
    expect(disruptor.failedAt).toBe(undefined)
    await publishTickets(disruptor, 10)
    expect(await messageOfAsync(disruptor.closed)).toBe('disk full')
    expect([disruptor.failedAt, disruptor.sequenceOf('journal')]).toEqual([{ handler: 'journal', sequence: 6 }, 5])
    broken = false
    await disruptor.start()
    expect(disruptor.failedAt).toBe(undefined)
    await disruptor.shutdown()
  })

  it('is told of a handler of batches, of one that waits, of one that shares the events', async () => {
    const batches = { onBatch: () => Promise.reject(new Error('no')) }
    for (const [handler, competing] of [
      [batches, false],
      [failingAt(0, new Error('no')), true],
    ] as const) {
      const disruptor = makeDisruptor()
      disruptor.group('g', { handlers: [handle(handler, { name: 'a' })], competing })
      await disruptor.start()
      await publishTickets(disruptor, 1)
      expect(await messageOfAsync(disruptor.closed)).toBe('no')
      expect(disruptor.failedAt).toEqual({ handler: 'a', sequence: 0 })
    }
  })

  it('is the event of its own for one of several that share the events, whatever the others hold', async () => {
    const disruptor = makeDisruptor()
    const slow = holder()
    disruptor.handleEventsWithWorkerPool(
      handle(slow, { name: 'slow', maxBatch: 1 }),
      handle(failingAt(2, new Error('no')), { name: 'failing', maxBatch: 1 }),
    )
    await publishTickets(disruptor, 3)
    await disruptor.start()
    await settle()
    slow.letGo()
    expect(await messageOfAsync(disruptor.closed)).toBe('no')
    expect(disruptor.failedAt).toEqual({ handler: 'failing', sequence: 2 })
  })

  it('is told of a start, of a handler that is stuck, and of the end', async () => {
    const starting = makeDisruptor()
    const fail = () => {
      throw new Error('no')
    }
    starting.handleEventsWith(handle({ onEvent() {}, onStart: fail }, { name: 'a' }))
    expect(await messageOfAsync(starting.start())).toBe('no')
    const stuck = makeDisruptor({ graceMs: 1 })
    stuck.handleEventsWith(handle({ onEvent: () => new Promise(() => {}) }, { name: 'b' }))
    await publishTickets(stuck, 1)
    await stuck.start()
    await settle()
    await stuck.halt()
    const ending = makeDisruptor()
    ending.handleEventsWith(handle({ onEvent() {}, onShutdown: fail }, { name: 'c' }))
    await publishTickets(ending, 2)
    await ending.start()
    expect(await messageOfAsync(ending.shutdown())).toBe('no')
    const at = [starting, stuck, ending].map(({ failedAt }) => failedAt)
    expect(at).toEqual([
      { handler: 'a', sequence: 0 },
      { handler: 'b', sequence: 0 },
      { handler: 'c', sequence: 2 },
    ])
  })

  it('is told of a handler on a worker, in the error, too, which has kept its message, its name and its stack', async () => {
    const disruptor = makeDisruptor({ capacity: 64 })
    disruptor.handleEventsWith(handle({ onEvent() {} }, { name: 'check' }))
    disruptor.handleEventsWith(handle(workerHandler(handlers, 'thrower', { argument: 7 }), { name: 'journal' }))
    await publishTickets(disruptor, 20)
    await disruptor.start()
    expect(await codeOfAsync(disruptor.shutdown())).toBe('DX_UNEXPECTED')
    const at = { handler: 'journal', sequence: 7 }
    expect(disruptor.failedAt).toEqual(at)
    expect(disruptor.failure).toMatchObject({ name: 'RangeError', message: 'no seat 7', details: at })
    expect(disruptor.failure?.stack).toMatch(/RangeError: no seat 7\n.*handlers\.ts/)
  })

  it('is told of a worker, too, for the room of which this thread blocks', async () => {
    const disruptor = makeDisruptor({ capacity: 4 })
    disruptor.handleEventsWith(handle(workerHandler(handlers, 'thrower', { argument: 0 }), { name: 'journal' }))
    await disruptor.start()
    const publish = async () => {
      for (let number = 0; number < 10; number++) disruptor.publishEvent(event => event.set(ticketOf(number, 1)), { timeoutMs: 60_000 })
    }
    expect(await codeOfAsync(publish())).toBe('DX_RING_HALTED')
    expect(await messageOfAsync(disruptor.closed)).toBe('no seat 0')
    expect(disruptor.failedAt).toEqual({ handler: 'journal', sequence: 0 })
  })

  it('is told by a shutdown that finds the ring halted by a worker of which it has not heard yet', async () => {
    const disruptor = makeDisruptor({ capacity: 4 })
    disruptor.handleEventsWith(handle(workerHandler(handlers, 'thrower', { argument: 0 }), { name: 'journal' }))
    await disruptor.start()
    const publisher = disruptor.publisher()
    // This thread does not return to its event loop before, so it cannot have heard why.
    const publish = () => {
      for (let number = 0; number < 4; number++) publisher.publish(ticketOf(number, 1))
      publisher.flush()
    }
    expect(['nothing thrown', 'DX_RING_HALTED']).toContain(codeOf(publish))
    while (!disruptor.ring.stopped);
    expect(await messageOfAsync(disruptor.shutdown())).toBe('no seat 0')
  })

  it('is told of a worker that ended, or whose module cannot be used', async () => {
    const ended = makeDisruptor()
    ended.handleEventsWith(handle(workerHandler(handlers, 'quitter'), { name: 'a' }))
    await ended.start()
    await publishToFailing(ended, 1)
    expect(await codeOfAsync(ended.closed)).toBe('DX_WORKER_EXITED')
    expect(ended.failedAt).toEqual({ handler: 'a', sequence: 0 })
    const broken = makeDisruptor()
    broken.handleEventsWith(handle(workerHandler(odd, 'failingFactory'), { name: 'b' }))
    const error = await broken.start().catch((thrown: unknown) => thrown)
    expect(isDisruptorError(error, 'DX_UNEXPECTED') && error.details).toEqual({ handler: 'b' })
    expect(broken.failedAt).toEqual({ handler: 'b', sequence: 0 })
  })
})

describe('a handler that fails because its ring was halted', () => {
  it('is not blamed where another says why it was, be it later', async () => {
    const told: unknown[] = []
    const disruptor = makeDisruptor({ onFailure: (error, { handler }) => told.push([error, handler]) })
    const error = new Error('disk full')
    disruptor.handleEventsWith(
      handle(failingAfter(0, new RingHaltedError()), { name: 'victim' }),
      handle(failingAfter(5, error), { name: 'cause' }),
    )
    await publishTickets(disruptor, 1)
    await disruptor.start()
    expect(await messageOfAsync(disruptor.closed)).toBe('disk full')
    expect(told).toEqual([[error, 'cause']])
    expect(disruptor.failedAt?.handler).toBe('cause')
    await disruptor.close()
  })

  it('is blamed where nobody else is to blame', async () => {
    const told: unknown[] = []
    const disruptor = makeDisruptor({ onFailure: (_, { handler }) => told.push(handler) })
    disruptor.handleEventsWith(handle(failingAfter(0, new RingHaltedError()), { name: 'victim' }), { onEvent() {} })
    await publishTickets(disruptor, 1)
    await disruptor.start()
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_RING_HALTED')
    expect([told, disruptor.state]).toEqual([['victim'], 'failed'])
    await disruptor.close()
  })
})
