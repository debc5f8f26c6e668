import type { Worker } from 'node:worker_threads'
import { Disruptor, handle } from '@disruptorx/core'
import { WorkerGroup, workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { type Handler, holder, makeDisruptor, messageOf, messageOfAsync, publishTickets, recorder, settle } from './disruptor-support.ts'
import { codeOfAsync } from './support.ts'

const odd = new URL('./workers/handlers-odd.ts', import.meta.url)

/** A handler that takes a turn of the event loop for each event, so that others get the next. */
function turning(seen: number[], failAt = -1): Handler {
  return {
    async onEvent(event) {
      const { number } = event
      await new Promise(resolve => setImmediate(resolve))
      if (number === failAt) throw new Error(`no seat ${number}`)
      seen.push(number)
    },
  }
}

const sorted = (lists: number[][]) => lists.flat().sort((a, b) => a - b)
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)

describe('handlers that share the events', () => {
  it('deal with each event once, and none of them with all', async () => {
    const disruptor = makeDisruptor()
    const lists: number[][] = [[], [], []]
    disruptor.handleEventsWithWorkerPool(...lists.map(list => turning(list)))
    await disruptor.start()
    await publishTickets(disruptor, 100)
    await disruptor.shutdown()
    expect(sorted(lists)).toEqual(range(0, 100))
    expect(lists.every(list => list.length > 0 && list.length < 100)).toBe(true)
  })

  it('let through to those that come after only what all of them are done with', async () => {
    const disruptor = makeDisruptor()
    const seen: string[] = []
    const [slow, fast] = [holder(), [] as number[]]
    disruptor.handleEventsWithWorkerPool(slow, turning(fast)).then(recorder('after', seen))
    await disruptor.start()
    await publishTickets(disruptor, 4)
    await settle()
    expect([fast, seen, disruptor.sequenceOf('workPool')]).toEqual([[1, 2, 3], [], -1])
    slow.letGo()
    await disruptor.shutdown()
    expect([slow.handled, seen]).toEqual([1, ['after 0', 'after 1', 'after 2', 'after 3']])
  })

  it('come after others, which they wait for', async () => {
    const disruptor = makeDisruptor()
    const [first, shared] = [holder(), [] as number[]]
    disruptor
      .handleEventsWith(handle(first, { name: 'first', maxBatch: 1 }))
      .thenHandleEventsWithWorkerPool(turning(shared), turning(shared))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await settle()
    expect(shared).toEqual([])
    first.letGo()
    await settle()
    expect(shared).toEqual([0])
    first.letGo()
    await disruptor.shutdown()
    expect(shared).toEqual([0, 1])
  })

  it('are a group by name, which may depend on what is declared later', async () => {
    const disruptor = makeDisruptor()
    const [order, shared]: [string[], number[]] = [[], []]
    disruptor.group('reply', { handlers: [recorder('reply', order)], dependsOn: ['score'] })
    disruptor.group('score', { handlers: [turning(shared), turning(shared)], dependsOn: ['check'], competing: true })
    disruptor.handleEventsWith(handle(recorder('check', order), { name: 'check' }))
    await disruptor.start()
    await publishTickets(disruptor, 2)
    await disruptor.shutdown()
    expect([order, shared.sort()]).toEqual([
      ['check 0', 'check 1', 'reply 0', 'reply 1'],
      [0, 1],
    ])
    const [check, score, reply] = disruptor.describe().nodes
    expect([check?.after, score?.after, reply?.after]).toEqual([[], ['check'], ['score']])
    expect(score).toMatchObject({ name: 'score', kind: 'workPool', sequence: 1 })
    expect(score?.members?.map(({ name, kind, figures }) => [name, kind, figures?.events])).toEqual([
      ['score-1', 'eventLoop', 1],
      ['score-2', 'eventLoop', 1],
    ])
    expect(disruptor.toMermaid()).toContain('{{"score<br/>score-1 or score-2"}}')
  })

  it('may be the same handler several times, named each, with options each', async () => {
    const disruptor = makeDisruptor()
    const seen: number[] = []
    const same = turning(seen)
    disruptor.handleEventsWithWorkerPool(same, handle(same, { name: 'second', maxBatch: 4 }), same)
    disruptor.handleExceptionsFor(same).with('ignore')
    expect(disruptor.describe().nodes[0]?.members?.map(({ name }) => name)).toEqual(['workPool-1', 'second', 'workPool-3'])
    await disruptor.start()
    await publishTickets(disruptor, 50)
    await disruptor.shutdown()
    expect(seen.length).toBe(50)
  })

  it('run on workers and on the event loop alike', async () => {
    await using workers = new WorkerGroup()
    const disruptor = makeDisruptor({ capacity: 64 })
    const memory = new SharedArrayBuffer(64)
    const here: number[] = []
    const counting = workerHandler(odd, 'Counting', { argument: memory, workers })
    disruptor
      .handleEventsWith({ onEvent() {} })
      .thenHandleEventsWithWorkerPool(counting, counting, turning(here))
      .then(workerHandler(odd, 'Counting', { argument: memory, workers }))
    for (let run = 0; run < 2; run++) {
      await disruptor.start()
      await publishTickets(disruptor, 2_000, run * 2_000)
      await disruptor.shutdown({ timeoutMs: 30_000 })
    }
    const [counted = 0, , starts, ends] = new Int32Array(memory)
    expect([counted + here.length, starts, ends]).toEqual([8_000, 6, 6])
  }, 240_000)

  it('go on after a failure and a new start with the event at which one failed, and miss none', async () => {
    const disruptor = makeDisruptor()
    const seen: number[] = []
    let failures = 0
    const failing: Handler = {
      async onEvent(event) {
        const { number } = event
        await new Promise(resolve => setImmediate(resolve))
        if (number === 3 && failures++ === 0) throw new Error('no seat 3')
        seen.push(number)
      },
    }
    disruptor.handleEventsWithWorkerPool(failing, failing, failing)
    await disruptor.start()
    await publishTickets(disruptor, 10)
    expect(await messageOfAsync(disruptor.closed)).toBe('no seat 3')
    expect(disruptor.sequenceOf('workPool')).toBe(2)
    await disruptor.start()
    await disruptor.shutdown()
    expect(seen.sort((a, b) => a - b)).toEqual(range(0, 10))
  })

  it('lose nothing when they are halted in the midst, again and again', async () => {
    const disruptor = makeDisruptor()
    const lists: number[][] = [[], [], []]
    disruptor.handleEventsWithWorkerPool(...lists.map(list => turning(list)))
    for (let round = 0; round < 30; round++) {
      await disruptor.start()
      await publishTickets(disruptor, 5, round * 5)
      for (let turn = 0; turn < round % 4; turn++) await new Promise(resolve => setImmediate(resolve))
      await disruptor.halt()
      if (round * 5 - disruptor.sequenceOf('workPool') > 8) {
        await disruptor.start()
        await disruptor.shutdown()
      }
    }
    await disruptor.start()
    await disruptor.shutdown()
    expect(sorted(lists)).toEqual(range(0, 150))
  })

  it('go on while one of them ends itself', async () => {
    const disruptor = makeDisruptor()
    const seen: number[] = []
    let halt = () => {}
    const ending: Handler = {
      onStart(control) {
        halt = () => control.halt()
      },
      onEvent: () => halt(),
    }
    disruptor.handleEventsWithWorkerPool(ending, turning(seen))
    await disruptor.start()
    await publishTickets(disruptor, 40)
    await disruptor.shutdown()
    expect(seen.length).toBe(39)
  })

  it('are added and removed as one while the others run', async () => {
    const disruptor = makeDisruptor()
    const [all, shared]: [number[], number[]] = [[], []]
    disruptor.handleEventsWith(handle({ onEvent: event => void all.push(event.number) }, { name: 'all' }))
    await disruptor.start()
    await publishTickets(disruptor, 10)
    await disruptor.add({ name: 'pool', handlers: [turning(shared), turning(shared)], competing: true, dependsOn: ['all'] })
    await publishTickets(disruptor, 10, 10)
    await disruptor.barrier('pool').waitForAsync(19)
    expect(await messageOfAsync(disruptor.remove('all'))).toContain("'pool' comes after it")
    await disruptor.remove('pool')
    expect(disruptor.ring.stats().consumers.length).toBe(1)
    await publishTickets(disruptor, 40, 20)
    await disruptor.shutdown()
    expect([all, shared.sort((a, b) => a - b)]).toEqual([range(0, 60), range(10, 20)])
  })

  it('fail the disruptor when the worker of one dies, and then start again with what it left', async () => {
    const disruptor = makeDisruptor()
    const memory = new SharedArrayBuffer(64)
    const seen: number[] = []
    const started: Worker[] = []
    process.on('worker', worker => started.push(worker))
    disruptor.handleEventsWithWorkerPool(workerHandler(odd, 'Counting', { argument: memory }), turning(seen))
    await disruptor.start()
    process.removeAllListeners('worker')
    await publishTickets(disruptor, 10)
    await disruptor.barrier('workPool').waitForAsync(9)
    await started[0]?.terminate()
    expect(await codeOfAsync(disruptor.closed)).toBe('DX_WORKER_EXITED')
    expect(disruptor.ring.stats().consumers.length).toBe(1)
    await disruptor.start()
    await publishTickets(disruptor, 30, 10)
    await disruptor.shutdown()
    expect((new Int32Array(memory)[0] ?? 0) + seen.length).toBe(40)
  })

  it('share a ring of objects, after what was declared before', async () => {
    const disruptor = new Disruptor({ factory: () => ({ id: -1 }), capacity: 8 })
    const [checked, seen]: [number[], number[]] = [[], []]
    const taking = {
      async onEvent(event: { id: number }) {
        const { id } = event
        await new Promise(resolve => setImmediate(resolve))
        if (!checked.includes(id)) throw new Error('came too early')
        seen.push(id)
      },
    }
    expect(messageOf(() => disruptor.group('pool', { handlers: [taking], competing: true, dependsOn: ['check'] }))).toBe(
      "'pool' depends on 'check', which does not exist; there are none",
    )
    disruptor
      .handleEventsWith(handle({ onEvent: event => void checked.push(event.id) }, { name: 'check' }))
      .thenHandleEventsWithWorkerPool(taking, taking)
      .then({ onEvent() {} })
    for (let run = 0; run < 2; run++) {
      await disruptor.start()
      for (let id = 0; id < 4; id++)
        disruptor.publishEvent(event => {
          event.id = run * 4 + id
        })
      await disruptor.shutdown()
    }
    expect([checked.length, seen.sort()]).toEqual([8, range(0, 8)])
    await disruptor.close()
    expect(disruptor.ring.stats().consumers.length).toBe(0)
  })
})
