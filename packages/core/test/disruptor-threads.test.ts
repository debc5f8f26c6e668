import { threadId } from 'node:worker_threads'
import { isDisruptorError } from '@disruptorx/contracts'
import { Disruptor } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync, damageOf, type Ticket, ticket, ticketOf } from './support.ts'
import { runWorker } from './workers/run.ts'

const handlers = new URL('./workers/handlers.ts', import.meta.url)
const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

function make(producers: 'single' | 'multi' = 'single'): Disruptor<Ticket> {
  return new Disruptor({ layout: ticket, capacity: 256, producers })
}

async function publish(disruptor: Disruptor<Ticket>, count: number): Promise<void> {
  const publisher = disruptor.publisher()
  for (let number = 0; number < count; number++) while (!publisher.publish(ticketOf(number, 1))) await publisher.ready()
}

describe('a disruptor with handlers on threads', () => {
  it('runs each handler on a thread of its own, and hands it every event', async () => {
    const disruptor = make()
    const [first, second] = [new SharedArrayBuffer(64), new SharedArrayBuffer(64)]
    disruptor.handleEventsWith(
      workerHandler(handlers, 'counter', { argument: first }),
      workerHandler(handlers.href, 'counter', { argument: second }),
    )
    await disruptor.start()
    await publish(disruptor, 20_000)
    await disruptor.shutdown({ timeoutMs: 30_000 })
    const [a, b] = [new Int32Array(first), new Int32Array(second)]
    expect([a[0], a[2], b[0], b[2]]).toEqual([20_000, 2, 20_000, 2])
    expect(new Set([a[1], b[1], threadId]).size).toBe(3)
  }, 240_000)

  it('keeps stages in order across threads and event loop', async () => {
    const disruptor = make()
    const memory = new SharedArrayBuffer(64)
    const words = new Int32Array(memory)
    let last = 0
    disruptor
      .handleEventsWith(workerHandler(handlers, 'counter', { argument: memory }))
      .then(workerHandler(handlers, 'follower', { argument: memory }))
      .then({
        onEvent(_event, sequence) {
          if (Atomics.load(words, 8) <= sequence) throw new Error(`event ${sequence} came too early`)
          last++
        },
      })
    await disruptor.start()
    await publish(disruptor, 5_000)
    await disruptor.shutdown({ timeoutMs: 30_000 })
    expect([words[0], words[8], last]).toEqual([5_000, 5_000, 5_000])
  }, 240_000)

  it('takes events from several threads, and hands all of them, whole and in order, to handlers on every kind of thread', async () => {
    const disruptor = make('multi')
    const memories = [new SharedArrayBuffer(64), new SharedArrayBuffer(64), new SharedArrayBuffer(64)]
    const due: number[] = []
    const damage: string[] = []
    const [first, second, pool] = memories
    disruptor
      .handleEventsWith(workerHandler(handlers, 'counter', { argument: first }), workerHandler(handlers, 'counter', { argument: second }))
      .then({
        onEvent(event) {
          const found = damageOf(event, due[event.producer] ?? 0)
          if (found !== undefined) damage.push(found)
          due[event.producer] = event.number + 1
        },
      })
      .thenHandleEventsWithWorkerPool(
        workerHandler(odd, 'Counting', { argument: pool }),
        workerHandler(odd, 'Counting', { argument: pool }),
      )
    await disruptor.start()
    const { handle } = disruptor.ring
    const write = (id: number) => runWorker('./ring-producer.ts', { handle, id, events: 5_000, by: 'publisher' })
    await Promise.all([write(0), write(1), write(2)])
    await disruptor.shutdown({ timeoutMs: 30_000 })
    expect(memories.map(memory => new Int32Array(memory)[0])).toEqual([15_000, 15_000, 15_000])
    expect([due, damage]).toEqual([[5_000, 5_000, 5_000], []])
  }, 240_000)

  it('fails with what a handler threw on its thread, and a producer that waits is told', async () => {
    const disruptor = make()
    disruptor.handleEventsWith(workerHandler(handlers, 'thrower', { argument: 100 }))
    await disruptor.start()
    expect(await codeOfAsync(publish(disruptor, 5_000))).toBe('DX_RING_HALTED')
    const error = await disruptor.shutdown().catch((thrown: unknown) => thrown)
    expect(isDisruptorError(error, 'DX_UNEXPECTED')).toBe(true)
    expect(error).toMatchObject({ name: 'RangeError', message: 'no seat 100' })
    expect((error as Error).stack).toContain('handlers.ts')
  }, 240_000)

  it('fails when a worker ends by itself', async () => {
    const disruptor = make()
    disruptor.handleEventsWith(workerHandler(handlers, 'quitter'))
    await disruptor.start()
    expect(await codeOfAsync(publish(disruptor, 5_000))).toBe('DX_RING_HALTED')
    expect(await codeOfAsync(disruptor.shutdown())).toBe('DX_WORKER_EXITED')
  }, 240_000)

  it('gives a handler that never comes back its time, and then ends it by force', async () => {
    const disruptor = new Disruptor({ layout: ticket, capacity: 8, graceMs: 100 })
    const memory = new SharedArrayBuffer(64)
    disruptor.handleEventsWith(workerHandler(handlers, 'stuck', { argument: memory }))
    await disruptor.start()
    await publish(disruptor, 1)
    while (Atomics.load(new Int32Array(memory), 0) === 0) await new Promise(resolve => setImmediate(resolve))
    expect(await codeOfAsync(disruptor.shutdown({ timeoutMs: 50 }))).toBe('DX_TIMEOUT')
    await disruptor.halt()
    expect(isDisruptorError(disruptor.failure, 'DX_WORKER_EXITED')).toBe(true)
  }, 240_000)

  it('rejects start when a handler cannot be loaded, and leaves no thread', async () => {
    const disruptor = make()
    const memory = new SharedArrayBuffer(64)
    disruptor.handleEventsWith(workerHandler(handlers, 'counter', { argument: memory }), workerHandler(handlers, 'missing'))
    expect(await codeOfAsync(disruptor.start())).toBe('DX_MODULE_LOAD')
    expect([new Int32Array(memory)[2], disruptor.state]).toEqual([2, 'failed'])
  }, 240_000)

  it('takes its worker file from where it is told to', async () => {
    const disruptor = make()
    const workerUrl = new URL('./workers/elsewhere.js', import.meta.url)
    disruptor.handleEventsWith(workerHandler(handlers, 'counter', { workerUrl }))
    await expect(disruptor.start()).rejects.toThrow('elsewhere.js')
    expect(codeOf(() => workerHandler(handlers, ''))).toBe('DX_OPTION')
  }, 240_000)
})
