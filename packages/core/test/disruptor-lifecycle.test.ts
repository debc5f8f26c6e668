import { Disruptor, handle, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { type Handler, holder, makeDisruptor, messageOf, messageOfAsync, publishTickets, recorder, settle } from './disruptor-support.ts'
import { codeOf, codeOfAsync, ticket, ticketOf } from './support.ts'

/** A handler that writes down its hooks, too. */
function diary(seen: string[]): Handler {
  return {
    onStart: () => void seen.push('starts'),
    onEvent: event => void seen.push(`${event.number}`),
    onShutdown: () => void seen.push('ends'),
  }
}

describe('a disruptor that is started again', () => {
  it('goes on where each handler stopped, after a shutdown', async () => {
    const disruptor = makeDisruptor()
    const [a, b]: [string[], string[]] = [[], []]
    disruptor.handleEventsWith(diary(a)).then(diary(b))
    for (const first of [0, 20, 40]) {
      await disruptor.start()
      await publishTickets(disruptor, 20, first)
      await disruptor.shutdown()
      expect(disruptor.state).toBe('stopped')
    }
    const run = (first: number) => ['starts', ...Array.from({ length: 20 }, (_, index) => `${first + index}`), 'ends']
    expect(a).toEqual([...run(0), ...run(20), ...run(40)])
    expect(b).toEqual(a)
  })

  it('hands over after a halt what had not been handled before it', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    const slow = holder()
    disruptor.handleEventsWith(slow).then(recorder('b', seen))
    await disruptor.start()
    await publishTickets(disruptor, 3)
    await settle()
    const halted = disruptor.halt()
    slow.letGo()
    await halted
    expect([seen, disruptor.sequenceOf(slow)]).toEqual([[], 0])
    await disruptor.start()
    for (let event = 1; event < 3; event++) {
      await settle()
      slow.letGo()
    }
    await disruptor.shutdown()
    expect([seen, slow.handled]).toEqual([['b 0', 'b 1', 'b 2'], 3])
  })

  it('after a failure begins with the event at which a handler failed', async () => {
    const failures: string[] = []
    const disruptor = makeDisruptor({ onFailure: error => failures.push(error.message) })
    const seen: string[] = []
    let attempts = 0
    disruptor.handleEventsWith({
      onEvent(event) {
        if (event.number === 1 && attempts++ < 2) throw new Error(`attempt ${attempts}`)
        seen.push(`${event.number}`)
      },
    })
    await disruptor.start()
    await publishTickets(disruptor, 3)
    for (const attempt of ['attempt 1', 'attempt 2']) {
      if (attempt === 'attempt 2') await disruptor.start()
      await expect(disruptor.closed).rejects.toThrow(attempt)
      expect([disruptor.state, disruptor.failure?.message]).toEqual(['failed', attempt])
      await expect(disruptor.shutdown()).rejects.toThrow(attempt)
    }
    await disruptor.start()
    expect(disruptor.failure).toBe(undefined)
    await disruptor.shutdown()
    expect([seen, failures]).toEqual([
      ['0', '1', '2'],
      ['attempt 1', 'attempt 2'],
    ])
    await disruptor.closed
  })

  it('may get more handlers between two runs; they see what comes after', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(handle(recorder('a', seen), { name: 'a' }))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.shutdown()
    disruptor.after('a').then(recorder('b', seen))
    await disruptor.start()
    await publishTickets(disruptor, 1, 2)
    await disruptor.shutdown()
    expect(seen).toEqual(['a 0', 'a 1', 'a 2', 'b 2'])
  })

  it('starts though it was halted before its first start, and has lost nothing', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(diary(seen))
    await publishTickets(disruptor, 1)
    await disruptor.halt()
    expect(disruptor.state).toBe('stopped')
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen).toEqual(['starts', '0', 'ends'])
  })

  it('needs a new publisher: the old one ended with its run', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    await disruptor.start()
    const publisher = disruptor.publisher()
    publisher.publish(ticketOf(1, 1))
    await disruptor.halt()
    expect(disruptor.ring.cursor.get()).toBe(0)
    await disruptor.start()
    expect(codeOf(() => publisher.publish(ticketOf(2, 1)))).toBe('DX_CLOSED')
    await publishTickets(disruptor, 1)
    await disruptor.shutdown()
  })
})

describe('a disruptor that is stopped', () => {
  it('before, during and after its start always stops', async () => {
    for (let round = 0; round < 100; round++) {
      const seen: string[] = []
      const disruptor = makeDisruptor()
      disruptor.handleEventsWith(diary(seen), { onEvent() {} })
      const order = [() => disruptor.start(), () => disruptor.halt()]
      if (round % 3 === 0) order.reverse()
      const calls = order.map(async (call, index) => {
        for (let turn = 0; turn < index * (round % 5); turn++) await Promise.resolve()
        return call()
      })
      const outcome = await codeOfAsync(Promise.all(calls))
      expect(['nothing thrown', 'DX_START_INTERRUPTED']).toContain(outcome)
      await disruptor.halt()
      expect(disruptor.state).toBe('stopped')
      expect(seen.filter(line => line === 'starts').length).toBe(seen.filter(line => line === 'ends').length)
    }
  })

  it('during its start tells so', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    const starting = disruptor.start()
    await disruptor.halt()
    expect(await messageOfAsync(starting)).toBe('the disruptor was stopped while it started; what had started has ended again')
    await disruptor.start()
    await disruptor.halt()
  })

  it('by the signal of its start tells that', async () => {
    const disruptor = makeDisruptor()
    const controller = new AbortController()
    disruptor.handleEventsWith({ onEvent() {} })
    const starting = codeOfAsync(disruptor.start({ signal: controller.signal }))
    controller.abort()
    expect(await starting).toBe('DX_ABORTED')
    expect(await codeOfAsync(disruptor.start({ signal: controller.signal }))).toBe('DX_ABORTED')
    expect(disruptor.state).toBe('stopped')
    await disruptor.start({ signal: new AbortController().signal })
    await disruptor.halt()
  })

  it('by shutdown while it starts has handled everything', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(diary(seen))
    await publishTickets(disruptor, 2)
    await Promise.all([disruptor.start(), disruptor.shutdown()])
    expect(seen).toEqual(['starts', '0', '1', 'ends'])
  })

  it('by shutdown has handled what was published while it looked for the last time', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(recorder('a', seen))
    await disruptor.start()
    const { ring } = disruptor
    const producer = ring.producer()
    const sequence = producer.tryNext()
    producer.at(sequence).set(ticketOf(7, 1))
    const halt = ring.halt.bind(ring)
    ring.halt = () => {
      if (ring.cursor.get() < sequence) producer.publish(sequence)
      halt()
    }
    await disruptor.shutdown()
    expect(seen).toEqual(['a 7'])
  })

  it('resolves closed, for each run', async () => {
    const disruptor = makeDisruptor()
    disruptor.handleEventsWith({ onEvent() {} })
    await disruptor.start()
    const { closed } = disruptor
    await disruptor.halt()
    await closed
    await disruptor.start()
    let again = false
    void disruptor.closed.then(() => {
      again = true
    })
    await settle()
    expect(again).toBe(false)
    await disruptor.halt()
    await disruptor.closed
  })

  it('for good leaves the ring, and refuses everything else', async () => {
    const ring = StructRing.create({ layout: ticket, capacity: 4 })
    const disruptor = new Disruptor({ ring })
    disruptor.handleEventsWith({ onEvent() {} })
    {
      await using _scope = disruptor
      await disruptor.start()
      expect(ring.stats().consumers.length).toBe(1)
    }
    expect([disruptor.state, ring.stats().consumers.length]).toEqual(['closed', 0])
    await disruptor.close()
    await disruptor.halt()
    expect(await codeOfAsync(disruptor.start())).toBe('DX_CLOSED')
    expect(await codeOfAsync(disruptor.add({ handlers: [{ onEvent() {} }] }))).toBe('DX_CLOSED')
    expect(codeOf(() => disruptor.handleEventsWith({ onEvent() {} }))).toBe('DX_CLOSED')
    expect(messageOf(() => disruptor.publishEvent(() => {}))).toContain('it was closed; make a new one')
  })

  it('while a handler waits for a promise that never settles gives up, says which, and cannot start again', async () => {
    const disruptor = makeDisruptor({ graceMs: 10 })
    disruptor.handleEventsWith(handle({ onEvent: () => new Promise(() => {}) }, { name: 'journal' }))
    await disruptor.start()
    await publishTickets(disruptor, 1)
    await settle()
    await disruptor.halt()
    expect(disruptor.failure?.message).toBe("'journal' did not end within 10 ms: it waits for a promise that does not settle")
    expect(await messageOfAsync(disruptor.start())).toContain('a handler never ended, so make a new one')
  })

  it('by a handler that ends itself goes on without it, and shuts down', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    let halt = () => {}
    disruptor
      .handleEventsWith({
        onStart(control) {
          halt = () => control.halt()
        },
        onEvent(event) {
          seen.push(`a ${event.number}`)
          if (event.number === 1) halt()
        },
      })
      .then(recorder('after', seen))
    disruptor.handleEventsWith(recorder('beside', seen))
    await publishTickets(disruptor, 10)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen.filter(line => line.startsWith('beside')).length).toBe(10)
    // The batch in hand was a quarter of the ring.
    expect([disruptor.sequenceOf('handler'), disruptor.sequenceOf('handler-2')]).toEqual([3, 3])
  })
})
