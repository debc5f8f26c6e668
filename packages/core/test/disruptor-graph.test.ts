import { type EventProcessorFactory, handle, type ReadonlyView } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { type Handler, holder, makeDisruptor, messageOf, messageOfAsync, publishTickets, recorder, settle } from './disruptor-support.ts'
import { codeOf, type Ticket } from './support.ts'

const nothing = (): Handler => ({ onEvent() {} })

/** What comes after what, as `NAME < NAME NAME`. */
function edges(disruptor: ReturnType<typeof makeDisruptor>): string[] {
  return disruptor.describe().nodes.map(({ name, after }) => [name, ...(after.length > 0 ? ['<', ...after] : [])].join(' '))
}

describe('the graph of a disruptor', () => {
  it('is a chain by then', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.handleEventsWith(recorder('a', seen)).then(recorder('b', seen)).then(recorder('c', seen))
    expect(edges(disruptor)).toEqual(['handler', 'handler-2 < handler', 'handler-3 < handler-2'])
    await disruptor.start()
    await publishTickets(disruptor, 1)
    await disruptor.shutdown()
    expect(seen).toEqual(['a 0', 'b 0', 'c 0'])
  })

  it('is a diamond: the last stage waits for the slowest of those before it', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    const slow = holder()
    disruptor
      .handleEventsWith(slow, handle(recorder('fast', seen), { name: 'fast' }))
      .then(handle(recorder('last', seen), { name: 'last' }))
    expect(edges(disruptor)).toEqual(['handler', 'fast', 'last < handler fast'])
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await settle()
    expect(seen).toEqual(['fast 0', 'fast 1'])
    expect([disruptor.sequenceOf(slow), disruptor.sequenceOf('fast'), disruptor.sequenceOf('last')]).toEqual([-1, 1, -1])
    slow.letGo()
    await settle()
    slow.letGo()
    await disruptor.shutdown()
    expect(seen).toEqual(['fast 0', 'fast 1', 'last 0', 'last 1'])
  })

  it('has handlers side by side that do not wait for each other, and publishers wait for all of them', async () => {
    const disruptor = makeDisruptor({ capacity: 4, graceMs: 5 })
    const seen: string[] = []
    const slow = holder()
    disruptor.handleEventsWith(recorder('a', seen), slow, recorder('b', seen))
    await disruptor.start()
    await publishTickets(disruptor, 4)
    await settle()
    expect([...seen].sort()).toEqual(['a 0', 'a 1', 'a 2', 'a 3', 'b 0', 'b 1', 'b 2', 'b 3'])
    expect([disruptor.ring.remainingCapacity(), disruptor.tryPublishEvent(() => {})]).toEqual([0, false])
    await disruptor.halt()
  })

  it('joins groups by and, and finds handlers by after: objects, names, and both', () => {
    const disruptor = makeDisruptor()
    const [a, b] = [nothing(), nothing()]
    const first = disruptor.handleEventsWith(a)
    const second = disruptor.handleEventsWith(handle(b, { name: 'b' }))
    first.and(second, first).then(handle(nothing(), { name: 'c' }))
    disruptor.after(a, 'c').then(handle(nothing(), { name: 'd' }))
    expect(edges(disruptor)).toEqual(['handler', 'b', 'c < handler b', 'd < handler c'])
  })

  it('tells handlers by identity, and means all places of one that was added twice', () => {
    const disruptor = makeDisruptor()
    class Same {
      onEvent() {}
      equals() {
        return true
      }
    }
    const [a, b] = [new Same(), new Same()]
    disruptor.handleEventsWith(a, b, a)
    disruptor.after(a).then(handle(nothing(), { name: 'last' }))
    expect(edges(disruptor).at(-1)).toBe('last < Same Same-3')
    expect(messageOf(() => disruptor.after(new Same()))).toBe(
      "'after' depends on 'a handler that was not added', which does not exist; there are 'Same', 'Same-2', 'Same-3', 'last'",
    )
  })

  it('has groups by name, declared in any order', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    disruptor.group('reply', { handlers: [recorder('reply', seen)], dependsOn: ['apply'] })
    const journal = disruptor.group('journal', { handlers: [recorder('disk', seen), recorder('copy', seen)], dependsOn: ['check'] })
    const check = recorder('check', seen)
    disruptor.group('apply', { handlers: [handle(recorder('apply', seen), { name: 'state' })], dependsOn: ['journal', check].slice(0, 1) })
    disruptor.handleEventsWith(handle(check, { name: 'check' }))
    journal.then(handle(nothing(), { name: 'metrics' }))
    expect(edges(disruptor)).toEqual([
      'check',
      'journal-1 < check',
      'journal-2 < check',
      'state < journal-1 journal-2',
      'reply < state',
      'metrics < journal-1 journal-2',
    ])
    await disruptor.start()
    await publishTickets(disruptor, 1)
    await disruptor.shutdown()
    expect([seen[0], ...seen.slice(1, 3).sort(), ...seen.slice(3)]).toEqual(['check 0', 'copy 0', 'disk 0', 'apply 0', 'reply 0'])
  })

  it('refuses to start with names that nobody has, and with circles, and starts nothing', async () => {
    const disruptor = makeDisruptor()
    let started = 0
    const handler: Handler = { onStart: () => void started++, onEvent() {} }
    disruptor.group('journal', { handlers: [handler], dependsOn: ['replicate'] })
    expect(await messageOfAsync(disruptor.start())).toBe("'journal' depends on 'replicate', which does not exist; there are 'journal'")
    disruptor.group('replicate', { handlers: [handler], dependsOn: ['journal'] })
    expect(await messageOfAsync(disruptor.start())).toBe(
      "handlers depend on each other in a circle: 'journal' after 'replicate' after 'journal'; take one of these out",
    )
    expect([started, disruptor.state]).toEqual([0, 'new'])
  })

  it('refuses names that are taken, by a handler or a group, and then adds nothing', () => {
    const disruptor = makeDisruptor()
    disruptor.group('journal', { handlers: [nothing(), nothing()] })
    expect(messageOf(() => disruptor.handleEventsWith(nothing(), handle(nothing(), { name: 'journal' })))).toBe(
      "option name is 'journal'; it must be a name that no other handler and no group has",
    )
    expect(messageOf(() => disruptor.group('journal-2', { handlers: [nothing()] }))).toBe(
      "option group is 'journal-2'; it must be a name that no other handler and no group has",
    )
    expect(codeOf(() => disruptor.group('', { handlers: [nothing()] }))).toBe('DX_OPTION')
    expect(codeOf(() => disruptor.group('empty', { handlers: [] }))).toBe('DX_OPTION')
    expect(edges(disruptor)).toEqual(['journal-1', 'journal-2'])
  })

  it('refuses more handlers than the ring has places for, and then adds none of them', () => {
    const disruptor = makeDisruptor({ maxConsumers: 2 })
    disruptor.handleEventsWith(nothing())
    expect(codeOf(() => disruptor.handleEventsWith(nothing(), nothing()))).toBe('DX_TABLE_FULL')
    expect(edges(disruptor)).toEqual(['handler'])
    disruptor.handleEventsWith(nothing())
  })

  it('is described as data, and drawn', async () => {
    const disruptor = makeDisruptor({ capacity: 8, producers: 'multi' })
    disruptor
      .handleEventsWith(handle(nothing(), { name: 'journal' }))
      .and(disruptor.group('checks', { handlers: [nothing(), nothing()] }))
      .then(handle(nothing(), { name: 'apply' }))
    await disruptor.start()
    await publishTickets(disruptor, 3)
    await disruptor.barrier('apply').waitForAsync(2)
    const figures = { events: 3, rewinds: 0, exceptions: 0, skipped: 0, poisoned: 0, passedOver: 0, timeouts: 0 }
    const handler = { kind: 'eventLoop', sequence: 2, figures: expect.objectContaining(figures) }
    expect(JSON.parse(JSON.stringify(disruptor.describe()))).toEqual({
      state: 'running',
      ring: { kind: 'struct', capacity: 8, producers: 'multi', cursor: 2 },
      nodes: [
        { ...handler, name: 'journal', after: [] },
        { ...handler, name: 'checks-1', after: [], group: 'checks' },
        { ...handler, name: 'checks-2', after: [], group: 'checks' },
        { ...handler, name: 'apply', after: ['journal', 'checks-1', 'checks-2'] },
      ],
    })
    expect(disruptor.toMermaid()).toBe(`flowchart LR
  ring[("struct ring<br/>8 slots")]
  n0["journal"]
  n1["checks-1"]
  n2["checks-2"]
  n3["apply"]
  ring --> n0
  ring --> n1
  ring --> n2
  n0 --> n3
  n1 --> n3
  n2 --> n3
`)
    await disruptor.halt()
  })

  it('says where its handlers are, and lets a program wait for them', async () => {
    const disruptor = makeDisruptor()
    const slow = holder()
    disruptor.handleEventsWith(handle(slow, { name: 'slow' }), handle(nothing(), { name: 'fast' }))
    await disruptor.start()
    await publishTickets(disruptor, 1)
    expect(await disruptor.barrier('fast').waitForAsync(0)).toBe(0)
    expect(disruptor.sequenceOf('slow')).toBe(-1)
    const both = disruptor.barrier(slow, 'fast').waitForAsync(0)
    slow.letGo()
    expect(await both).toBe(0)
    const never = disruptor.barrier('slow').waitForAsync(9)
    await disruptor.shutdown()
    expect(await never).toBe(0)
    expect(messageOf(() => disruptor.sequenceOf('nobody'))).toContain("'sequenceOf' depends on 'nobody'")
    expect(codeOf(() => disruptor.barrier())).toBe('DX_OPTION')
  })
})

describe('options of a handler', () => {
  it('are checked when they are given', () => {
    const handler = nothing()
    for (const options of [{ name: '' }, { maxBatch: 0 }, { timeoutMs: 0 }, { batchSize: { targetUs: 0 } }, { rewind: { attempts: 0 } }])
      expect(codeOf(() => handle(handler, options))).toBe('DX_OPTION')
    expect(messageOf(() => handle(handler, { exceptionHandler: 'loud' as 'fatal' }))).toBe(
      "option exceptionHandler is 'loud'; it must be 'fatal', 'ignore', an exception handler, or { url, exportName } of one",
    )
    expect(messageOf(() => handle(handler, { waitStrategy: { kind: 'blocking' } }))).toBe(
      "option waitStrategy is 'blocking'; it must be left out for a handler on an event loop, which never blocks",
    )
    expect(messageOf(() => handle({} as Handler, {}))).toBe(
      "option handler is 'an object with nothing'; it must be an object with either onEvent or onBatch, or what workerHandler returns",
    )
    expect(codeOf(() => handle({ onEvent() {}, onBatch() {} } as unknown as Handler, {}))).toBe('DX_OPTION')
  })
})

describe('processors of a program of its own', () => {
  it('stand in the graph like others: before them, after them, and shared by several', async () => {
    const disruptor = makeDisruptor()
    const steps: string[] = []
    const own = (name: string): EventProcessorFactory<ReadonlyView<Ticket>> => ({
      createEventProcessor({ ring, consumer, canAwait }) {
        const reader = ring.reader()
        steps.push(`${name} made, ${canAwait ? 'may wait' : 'blocks'}`)
        return {
          step() {
            const available = consumer.available()
            if (available < consumer.next) return Number.POSITIVE_INFINITY
            for (let sequence = consumer.next; sequence <= available; sequence++) steps.push(`${name} ${reader.at(sequence).number}`)
            consumer.advance(available)
            return 0
          },
          start: () => void steps.push(`${name} starts`),
          close: () => void steps.push(`${name} ends`),
        }
      },
    })
    disruptor
      .handleEventsWith(own('first'))
      .then(handle(recorder('middle', steps), { name: 'middle' }))
      .then(own('last'))
    await disruptor.start()
    await publishTickets(disruptor, 1)
    await disruptor.shutdown()
    expect(steps.filter(step => /\d/.test(step))).toEqual(['first 0', 'middle 0', 'last 0'])
    expect(steps.filter(step => step.startsWith('first'))).toEqual(['first made, may wait', 'first starts', 'first 0', 'first ends'])
    expect(disruptor.describe().nodes[0]).toEqual({ name: 'handler', kind: 'eventLoop', after: [], sequence: 0 })
  })

  it('that are handlers with a field called handler are handlers all the same', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    class Logging {
      readonly handler = recorder('inner', seen)
      readonly options = { name: 'not this' }
      onEvent(...event: Parameters<Handler['onEvent']>) {
        this.handler.onEvent(...event)
      }
    }
    disruptor.handleEventsWith(new Logging())
    expect(edges(disruptor)).toEqual(['Logging'])
    await publishTickets(disruptor, 1)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen).toEqual(['inner 0'])
  })
})
