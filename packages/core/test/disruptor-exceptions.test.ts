import { type AnyEventHandler, type EventHandler, isDisruptorError } from '@disruptorx/contracts'
import { handle, type ReadonlyView } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { RewindableError } from '../src/processing/rewind.ts'
import { type Handler, makeDisruptor, messageOf, messageOfAsync, publishTickets, recorder } from './disruptor-support.ts'
import { codeOfAsync, type Ticket } from './support.ts'

type Event = ReadonlyView<Ticket>

/** An exception handler that writes down what it is asked, and skips. */
function noting(name: string, notes: string[]) {
  const note = (error: unknown, more = '') => void notes.push(`${name}: ${(error as Error).message}${more}`)
  return {
    handleEventException(error: unknown, sequence: number) {
      note(error, `@${sequence}`)
      return 'skip' as const
    },
    handleOnStartException: (error: unknown) => note(error),
    handleOnShutdownException: (error: unknown) => note(error),
  }
}

/** A handler that fails at odd numbers. */
function failingAtOdd(seen: number[] = []): Handler {
  return {
    onEvent(event) {
      if (event.number % 2 === 1) throw new Error(`${event.number} is odd`)
      seen.push(event.number)
    },
  }
}

describe('an error of a handler on the event loop', () => {
  const hooks = ['onEvent', 'onBatch', 'onBatchStart', 'onTimeout', 'onShutdown', 'onStart']
  const failing = (hook: string): AnyEventHandler<Event> => {
    const fail = () => {
      throw new RangeError(`broken in ${hook}`)
    }
    return hook === 'onBatch' ? { onBatch: fail } : ({ onEvent() {}, [hook]: fail } as EventHandler<Event>)
  }
  const rejecting = (hook: string): AnyEventHandler<Event> => {
    const fail = () => Promise.reject(new RangeError(`broken in ${hook}`))
    return hook === 'onBatch' ? { onBatch: fail } : ({ onEvent() {}, [hook]: fail } as EventHandler<Event>)
  }

  it.each(hooks.map(hook => [hook, failing(hook)] as const))('thrown in %s is fatal, and tells everybody', async (hook, handler) => {
    const failures: Error[] = []
    const ended: string[] = []
    const disruptor = makeDisruptor({ onFailure: error => failures.push(error) })
    disruptor.handleEventsWith(handle(handler, { timeoutMs: 1 }), { onEvent() {}, onShutdown: () => void ended.push('the other') })
    const started = await messageOfAsync(disruptor.start())
    if (hook === 'onStart') expect(started).toBe('broken in onStart')
    else await publishTickets(disruptor, 1).catch(() => {})
    if (hook === 'onShutdown') await disruptor.halt()
    expect(await messageOfAsync(disruptor.closed)).toBe(`broken in ${hook}`)
    expect([disruptor.state, ended]).toEqual(['failed', ['the other']])
    await expect(disruptor.shutdown()).rejects.toBe(disruptor.failure)
    expect(failures.length).toBe(hook === 'onStart' ? 0 : 1)
  })

  it.each(['onEvent', 'onBatch', 'onStart', 'onShutdown'])('that rejects in %s is fatal as well', async hook => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(rejecting(hook))
    await disruptor.start().catch(() => {})
    await publishTickets(disruptor, 1).catch(() => {})
    if (hook === 'onShutdown') await disruptor.halt()
    expect(await messageOfAsync(disruptor.closed)).toBe(`broken in ${hook}`)
  })

  it('goes to the handler of its own, or to the default, which may come late', async () => {
    const disruptor = makeDisruptor()
    const notes: string[] = []
    const own = failingAtOdd()
    disruptor.handleEventsWith(
      own,
      handle(failingAtOdd(), { name: 'b' }),
      handle(failingAtOdd(), { exceptionHandler: noting('option', notes) }),
    )
    disruptor.handleExceptionsFor(own).with(noting('own', notes))
    disruptor.setDefaultExceptionHandler(noting('default', notes))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.shutdown()
    expect(notes.sort()).toEqual(['default: 1 is odd@1', 'option: 1 is odd@1', 'own: 1 is odd@1'])
  })

  it('goes elsewhere as soon as that is said, while the handler runs', async () => {
    const disruptor = makeDisruptor()
    const notes: string[] = []
    disruptor.handleEventsWith(handle(failingAtOdd(), { name: 'a' }))
    disruptor.handleExceptionsFor('a').with(noting('first', notes))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.barrier('a').waitForAsync(1)
    disruptor.handleExceptionsFor('a').with(noting('second', notes))
    await publishTickets(disruptor, 2, 2)
    await disruptor.barrier('a').waitForAsync(3)
    disruptor.handleExceptionsFor('a').with('fatal')
    await publishTickets(disruptor, 2, 4)
    expect(await messageOfAsync(disruptor.closed)).toBe('5 is odd')
    expect(notes).toEqual(['first: 1 is odd@1', 'second: 3 is odd@3'])
  })

  it('is logged and passed over by the policy ignore', async () => {
    const logged: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void logged.push(message) }
    const disruptor = makeDisruptor({ logger })
    const seen: number[] = []
    disruptor.handleEventsWith(handle(failingAtOdd(seen), { exceptionHandler: 'ignore' }))
    await disruptor.start()
    await publishTickets(disruptor, 5)
    await disruptor.shutdown()
    expect([seen, logged.length]).toEqual([[0, 2, 4], 2])
  })

  it('hides the event from those that come after, where it is poisoned', async () => {
    const disruptor = makeDisruptor({ poison: true })
    const seen: string[] = []
    const policy = { ...noting('', []), handleEventException: () => 'poison' as const }
    disruptor.handleEventsWith(handle(failingAtOdd(), { exceptionHandler: policy })).then(recorder('after', seen))
    await disruptor.start()
    await publishTickets(disruptor, 4)
    await disruptor.shutdown()
    expect(seen).toEqual(['after 0', 'after 2'])
  })

  it('that is a rewind hands the batch over again', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    let thrown = 0
    const handler: Handler = {
      onEvent(event) {
        seen.push(`${event.number}`)
        if (event.number === 1 && thrown++ < 1) throw new RewindableError('not yet')
      },
    }
    disruptor.handleEventsWith(handle(handler, { rewind: { attempts: 3 } }))
    await publishTickets(disruptor, 3)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen).toEqual(['0', '1', '0', '1', '2'])
  })

  it('is told to a publisher that waits for room', async () => {
    const disruptor = makeDisruptor({ capacity: 4 })
    disruptor.handleEventsWith({
      async onEvent() {
        await new Promise(resolve => setImmediate(resolve))
        throw new Error('disk full')
      },
    })
    await disruptor.start()
    expect(await codeOfAsync(publishTickets(disruptor, 100))).toBe('DX_RING_HALTED')
    expect(await messageOfAsync(disruptor.shutdown())).toBe('disk full')
  })

  it('cannot be given a handler from a module, nor for a handler that is not there', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith(handle(failingAtOdd(), { name: 'a' }))
    const policy = { url: new URL('file:///policy.js'), exportName: 'policy' }
    expect(messageOf(() => disruptor.handleExceptionsFor('a').with(policy))).toBe(
      "option exceptionHandler is '{ url, exportName }'; it must be the exception handler itself for 'a', which runs on the event loop",
    )
    disruptor.setDefaultExceptionHandler('ignore')
    expect(messageOf(() => disruptor.handleExceptionsFor('z'))).toContain("'handleExceptionsFor' depends on 'z'")
    const error = await Promise.resolve()
      .then(() => disruptor.setDefaultExceptionHandler({} as 'fatal'))
      .catch((thrown: unknown) => thrown)
    expect(isDisruptorError(error, 'DX_OPTION')).toBe(true)
  })
})
