import { handle } from '@disruptorx/core'
import { workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { makeDisruptor, messageOfAsync, publishTickets } from './disruptor-support.ts'
import { codeOfAsync } from './support.ts'

const forever = new URL('data:text/javascript,await new Promise(() => setInterval(() => {}, 1000))')

describe('a handler on the event loop', () => {
  it.each(['halt', 'shutdown', 'close'] as const)('that waits for %s is told at once that this would never end', async end => {
    const disruptor = makeDisruptor({ graceMs: 3_600_000 })
    const seen: number[] = []
    const handler = {
      async onEvent(event: { readonly number: number }) {
        seen.push(event.number)
        // The second event comes when the promise of the first has settled, and not out of a step.
        if (event.number === 1) await disruptor[end]()
      },
    }
    disruptor.handleEventsWith(handle(handler, { name: 'journal' }))
    await publishTickets(disruptor, 3)
    await disruptor.start()
    expect(await messageOfAsync(disruptor.closed)).toContain(`handler 'journal' would wait for ${end}(), which waits for that handler`)
    expect([await codeOfAsync(disruptor.closed), seen]).toEqual(['DX_WOULD_DEADLOCK', [0, 1]])
  })

  it.each(['halt', 'shutdown', 'close'] as const)('may call %s and not wait for it', async end => {
    const disruptor = makeDisruptor()
    let handled = 0
    disruptor.handleEventsWith({
      onEvent(event) {
        handled++
        if (event.number === 0) void disruptor[end]()
      },
    })
    await publishTickets(disruptor, 3)
    await disruptor.start()
    await disruptor.closed
    expect([disruptor.failure, handled]).toEqual([undefined, 3])
  })

  it('may wait for the end of another disruptor, and others for its own while it waits for something else', async () => {
    const [first, other] = [makeDisruptor(), makeDisruptor()]
    const gate = Promise.withResolvers<void>()
    other.handleEventsWith({ onEvent() {} })
    first.handleEventsWith({
      async onEvent() {
        await other.halt()
        gate.resolve()
        await Promise.resolve()
      },
    })
    await other.start()
    await publishTickets(first, 1)
    await first.start()
    await gate.promise
    await first.shutdown()
    expect([first.state, other.state]).toEqual(['stopped', 'stopped'])
  })
})

describe('a start with a limit', () => {
  it('that passes ends, without the grace of a handler that runs, and can be tried again', async () => {
    const disruptor = makeDisruptor({ graceMs: 3_600_000 })
    let hangs = true
    const slow = workerHandler(forever, 'audit')
    disruptor.handleEventsWith({
      ...slow,
      startThread: (job, start) => (hangs ? slow.startThread(job, start) : Promise.reject(new Error('tried again'))),
    })
    expect(await messageOfAsync(disruptor.start({ timeoutMs: 20 }))).toBe('the start of the disruptor did not finish within 20 ms')
    expect(disruptor.state).toBe('stopped')
    const controller = new AbortController()
    const starting = codeOfAsync(disruptor.start({ timeoutMs: 3_600_000, signal: controller.signal }))
    controller.abort()
    expect(await starting).toBe('DX_ABORTED')
    hangs = false
    expect(await messageOfAsync(disruptor.start({ timeoutMs: 3_600_000 }))).toBe('tried again')
  })

  it('that does not pass changes nothing, and one that cannot be is refused', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    for (const timeoutMs of [-1, Number.NaN, 2 ** 31]) expect(await codeOfAsync(disruptor.start({ timeoutMs }))).toBe('DX_OPTION')
    for (const timeoutMs of [2 ** 31 - 1, Infinity]) {
      await disruptor.start({ timeoutMs })
      await publishTickets(disruptor, 1)
      await disruptor.shutdown()
    }
    expect(disruptor.sequenceOf('handler')).toBe(1)
  })
})
