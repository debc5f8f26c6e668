import { Worker } from 'node:worker_threads'
import {
  BatchProcessor,
  BroadcastRing,
  ByteRing,
  Disruptor,
  EventPoller,
  type EventRing,
  eventBatches,
  handle,
  ObjectRing,
  SlotPool,
  StructRing,
  struct,
  type WaitStrategyHandle,
} from '@disruptorx/core'
import { superviseWorker, workerHandler } from '@disruptorx/core/threads'
import { describe, expect, it } from 'vitest'
import { messageOf, messageOfAsync } from './disruptor-support.ts'
import { codeOf, ticket } from './support.ts'

/** What a caller without types, or with wrong ones, may pass. */
const wrong = <T>(value: unknown): T => value as T

const handlers = new URL('./workers/handlers.ts', import.meta.url)

describe('what is passed in place of a layout', () => {
  it.each([{ id: 'u53' }, undefined, 3, 'order'])('is refused with the remedy: %o', layout => {
    const options = { layout: wrong<typeof ticket>(layout), capacity: 8 }
    expect(messageOf(() => StructRing.create(options))).toContain('it must be what struct({ ... }) returns')
    expect(codeOf(() => SlotPool.create(options))).toBe('DX_OPTION')
    expect(codeOf(() => new Disruptor(options))).toBe('DX_OPTION')
  })

  it('is refused when a ring or a pool is attached', () => {
    const layout = wrong<typeof ticket>({ id: 'u53' })
    expect(codeOf(() => StructRing.attach(StructRing.create({ layout: ticket, capacity: 8 }).handle, layout))).toBe('DX_OPTION')
    expect(codeOf(() => SlotPool.attach(SlotPool.create({ layout: ticket, capacity: 8 }).handle, layout))).toBe('DX_OPTION')
  })
})

describe('what is passed in place of a handle', () => {
  it.each([
    ['struct ring', StructRing, StructRing.create({ layout: ticket, capacity: 8 })],
    ['slot pool', SlotPool, SlotPool.create({ layout: ticket, capacity: 8 })],
    ['byte ring', ByteRing, ByteRing.create({ capacityBytes: 1024 })],
    ['broadcast ring', BroadcastRing, BroadcastRing.create({ capacityBytes: 1024 })],
  ])('of a %s is refused: the thing itself, or nothing', (what, kind, thing) => {
    const attach = (handle: unknown) => messageOf(() => kind.attach(wrong(handle)))
    expect(attach(thing)).toContain(`option handle is 'a ${what}'; it must be the handle of a ${what}`)
    expect(attach(undefined)).toContain('option handle is undefined')
    expect(() => kind.attach(wrong(thing.handle))).not.toThrow()
  })

  it('names the fields of both layouts where they differ', () => {
    const pool = SlotPool.create({ layout: ticket, capacity: 8 })
    const other = struct({ id: 'u53', price: 'u32' })
    expect(messageOf(() => SlotPool.attach(pool.handle, other))).toContain(
      `its layout is ${ticket.description}, expected ${other.description}`,
    )
  })
})

describe('what is passed in place of a ring', () => {
  it('is refused by all that read one, a disruptor with a hint', () => {
    const disruptor = new Disruptor({ layout: ticket, capacity: 8 })
    const ring = wrong<EventRing<unknown>>(disruptor)
    expect(messageOf(() => eventBatches(ring))).toContain('option ring is')
    expect(messageOf(() => eventBatches(ring))).toContain('disruptor.ring')
    expect(codeOf(() => new EventPoller({ ring }))).toBe('DX_OPTION')
    const consumer = disruptor.ring.addConsumer()
    expect(codeOf(() => new BatchProcessor({ ring, consumer, handler: { onEvent: () => {} } }))).toBe('DX_OPTION')
  })

  it('is refused by superviseWorker before the worker ends', async () => {
    const worker = new Worker('', { eval: true })
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    expect(codeOf(() => superviseWorker(worker, wrong<[typeof ring]>(ring)))).toBe('DX_OPTION')
    expect(codeOf(() => superviseWorker(worker, wrong<[typeof ring]>(undefined)))).toBe('DX_OPTION')
    expect(codeOf(() => superviseWorker(worker, wrong<[typeof ring]>([ring.handle])))).toBe('DX_OPTION')
    expect((await superviseWorker(worker, [ring])).exitCode).toBe(0)
  })
})

describe('a consumer that has left', () => {
  it.each(['single', 'multi'] as const)('moves nobody who has its place now, with producers: %s', producers => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, producers })
    const gone = ring.addConsumer()
    gone.close()
    const heir = ring.addConsumer()
    expect(heir.index).toBe(gone.index)
    const producer = ring.producer()
    producer.publishEvents(8, () => {})
    const last = gone.available()
    for (const sequence of [last, 0, 7, -1]) expect(codeOf(() => gone.advance(sequence))).toBe('DX_CLOSED')
    expect([heir.released(), producer.remainingCapacity(), heir.available()]).toEqual([-1, 0, 7])
    heir.advance(7)
    expect(producer.remainingCapacity()).toBe(8)
  })

  it('does so beyond 2^31, too', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8, initialSequence: 2 ** 31 + 5 })
    const gone = ring.addConsumer()
    gone.close()
    const heir = ring.addConsumer()
    ring.producer().publishEvents(8, () => {})
    expect(codeOf(() => gone.advance(gone.available()))).toBe('DX_CLOSED')
    expect(heir.released()).toBe(2 ** 31 + 4)
  })
})

describe('the factory of an object ring', () => {
  it('has to make an object for every slot', () => {
    const factory = (slot: number) => (slot === 5 ? undefined : {})
    expect(messageOf(() => ObjectRing.create({ factory, capacity: 8 }))).toContain('made nothing for slot 5')
  })
})

describe('records', () => {
  it('are bytes: text has a length as well', () => {
    const text = wrong<Uint8Array>('text')
    const ring = ByteRing.create({ capacityBytes: 1024 })
    expect(messageOf(() => ring.producer().publishBytes(text))).toContain("option record is 'string'; it must be a Uint8Array")
    expect(ring.usedBytes).toBe(0)
    const broadcast = BroadcastRing.create({ capacityBytes: 1024 })
    expect(codeOf(() => broadcast.producer().publishBytes(text))).toBe('DX_OPTION')
    expect(broadcast.stats().next).toBe(0)
  })
})

describe('a second of what there is one of', () => {
  it('is refused with what there is instead', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    ring.producer()
    expect(messageOf(() => ring.producer())).toContain("close that one first, or create the ring with producers: 'multi'")
    const bytes = ByteRing.create({ capacityBytes: 1024 })
    bytes.consumer()
    expect(messageOf(() => bytes.consumer())).toContain('or use a BroadcastRing')
  })
})

describe('a disruptor', () => {
  it('says what its options are', () => {
    expect(codeOf(() => new Disruptor(wrong<{ layout: typeof ticket; capacity: number }>(undefined)))).toBe('DX_OPTION')
  })

  it('checks how its workers shall wait before it starts any', () => {
    const make = (choice: unknown) => {
      const waitStrategy = wrong<WaitStrategyHandle>(choice)
      const ofAll = messageOf(() => new Disruptor({ layout: ticket, capacity: 8, waitStrategy }))
      expect(messageOf(() => handle(workerHandler(handlers, 'counter'), { waitStrategy }))).toBe(ofAll)
      return ofAll
    }
    expect(make({ waitFor: () => 0 })).toContain("it must be { kind: 'custom', url, exportName } of it: code does not cross threads")
    expect(make({ kind: 'blokcing' })).toContain("option kind is 'blokcing'")
    expect(make({ kind: 'yielding', spins: -1 })).toContain('option spins is -1')
    expect(make('blocking')).toContain('option wait strategy is')
  })

  it('says of a group that is awaited what is wrong', async () => {
    const disruptor = new Disruptor({ layout: ticket, capacity: 8 })
    const awaited = Promise.resolve(disruptor.handleEventsWith({ onEvent: () => {} }))
    expect(await messageOfAsync(awaited)).toContain('then() return no promise to await')
  })

  it('says where the file of its workers was looked for, and how to say where it is', async () => {
    const workerUrl = new URL('./nowhere/handler-worker.js', import.meta.url)
    const disruptor = new Disruptor({ layout: ticket, capacity: 8 })
    disruptor.handleEventsWith(workerHandler(handlers, 'counter', { workerUrl }))
    const message = await messageOfAsync(disruptor.start())
    expect(message).toContain(`the file that workers run is not at ${workerUrl}`)
    expect(message).toContain('workerUrl to say where that is')
    await disruptor.close()
  })
})
