import { rmSync } from 'node:fs'
import { BatchProcessor, Disruptor, ObjectRing } from '@disruptorx/core'
import { SimulatedFiles, temporaryDirectory } from '@disruptorx/testkit'
import { openJournal, openLog } from '@disruptorx/wal'
import { describe, expect, it } from 'vitest'
import { type JournalStep, journaling } from '../src/index.ts'
import { KIB, rejection } from './journals.ts'
import { entriesOf, openOn, run } from './model.ts'

interface Order {
  size: number
}

const encode = ({ size }: Order) => new TextEncoder().encode(`${size}`.padEnd(700, '.'))

const nothing = () => {}
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing }

function ringOf(capacity: number): ObjectRing<Order> {
  return ObjectRing.create({ capacity, factory: () => ({ size: 0 }) })
}

function publish(ring: ObjectRing<Order>, count: number): void {
  const producer = ring.producer()
  for (let i = 0; i < count; i++) {
    const sequence = producer.next()
    ring.get(sequence).size = sequence
    producer.publish(sequence)
  }
}

describe('journaling', () => {
  it('moves its sequence when entries are durable, over a journal of its own thread', () => {
    const files = new SimulatedFiles({ seed: 1 })
    const journal = openOn(files, { maxBatchBytes: 16 * KIB }) as JournalStep
    const ring = ringOf(256)
    const consumer = ring.addConsumer()
    const processor = new BatchProcessor({
      ring,
      consumer,
      handler: journaling(journal.log(0), { encode }),
      maxBatch: 100,
      canAwait: false,
    })
    publish(ring, 200)
    for (let released = -1; released < 199; ) {
      processor.step()
      const { durableIndex } = journal.log(0)
      released = consumer.released()
      expect(released + 1).toBeLessThanOrEqual(durableIndex)
    }
    const texts = [...entriesOf(openOn(files.crash()) as JournalStep).values()]
    expect(texts).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(700, '.')))
    processor.close()
  })

  it('ends its processor when the journal stops, with nothing released that is not durable', () => {
    const files = new SimulatedFiles({
      seed: 1,
      fault: ({ operation }, nth) => (operation === 'datasync' && nth === 4 ? 'EIO' : undefined),
    })
    const journal = openOn(files) as JournalStep
    const ring = ringOf(64)
    const consumer = ring.addConsumer()
    const processor = new BatchProcessor({ ring, consumer, handler: journaling(journal.log(0), { encode }), maxBatch: 8 })
    publish(ring, 60)
    expect(() => {
      for (;;) processor.step()
    }).toThrow('the journal stopped')
    expect(consumer.released() + 1).toBeLessThanOrEqual(journal.log(0).durableIndex)
    run(journal.close())
  })

  it.each(['openLog', 'openJournal'] as const)(
    'waits by promise for a log of %s, whose thread is another, also when that is full',
    async how => {
      using dir = temporaryDirectory()
      const options = { segmentBytes: 1024 * KIB, bufferBytes: 64 * KIB, maxRecordBytes: 4 * KIB }
      await using opened = how === 'openLog' ? await openLog(dir.path, options) : await openJournal(dir.path, options)
      const log = 'log' in opened ? opened.log(7) : opened
      const ring = ringOf(512)
      const consumer = ring.addConsumer()
      const processor = new BatchProcessor({ ring, consumer, handler: journaling(log, { encode, term: () => 7 }), maxBatch: 256 })
      publish(ring, 400)
      while (consumer.released() < 399) {
        processor.step()
        await new Promise(resolve => setImmediate(resolve))
        expect(consumer.released() + 1).toBeLessThanOrEqual(log.durableIndex)
      }
      expect([log.lastIndex, log.lastTerm]).toEqual([400, 7])
      processor.close()
    },
  )

  it('is a stage of a disruptor, before which no other stage sees an event, and which ends it when the journal stops', async () => {
    using dir = temporaryDirectory()
    const journal = await openJournal(dir.path, { segmentBytes: 64 * KIB, spareSegments: 0 })
    const log = journal.log(1)
    const disruptor = new Disruptor({ factory: (): Order => ({ size: 0 }), capacity: 64, logger: silent })
    const seen: [size: number, isDurable: boolean][] = []
    disruptor
      .handleEventsWith(journaling(log, { encode }))
      .then({ onEvent: ({ size }, sequence) => void seen.push([size, log.durableIndex > sequence]) })
    const failed = Promise.withResolvers<unknown>()
    await disruptor.start()
    const publishNext = (i: number) => disruptor.tryPublishEvent(order => Object.assign(order, { size: i }))
    for (let i = 0; i < 200; ) {
      if (publishNext(i)) i++
      else await new Promise(resolve => setImmediate(resolve))
    }
    while (seen.length < 200) await new Promise(resolve => setImmediate(resolve))
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => [i, true]))
    rmSync(dir.path, { recursive: true })
    disruptor.closed.then(failed.resolve, failed.resolve)
    for (let i = 200; journal.failure === undefined; i++) {
      publishNext(i)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(await failed.promise).toMatchObject({ code: 'DX_JOURNAL_STOPPED' })
    expect(seen.every(([, isDurable]) => isDurable)).toBe(true)
    await rejection(journal.close())
  })
})
