import {
  BatchProcessor,
  ParkingLot,
  runStep,
  runStepAsync,
  SequenceBarrier,
  SharedFlag,
  SharedSequence,
  StructRing,
} from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, codeOfAsync, ticket, ticketOf } from './support.ts'

/** A step that returns what the list says, one after the other, and 0 from then on. */
function scripted(returns: readonly number[]) {
  const step = { calls: 0, step: () => returns[step.calls++] ?? 0 }
  return step
}

describe('runStep', () => {
  it('calls the step until it is stopped, and not once more', () => {
    const parker = ParkingLot.create().parker()
    const step = scripted([])
    runStep(step, { parker, stopped: () => step.calls === 5 })
    expect(step.calls).toBe(5)
  })

  it('sleeps no longer than the step asks for', () => {
    const parker = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY }).parker()
    const step = scripted([5, 5, 5, Number.POSITIVE_INFINITY, 5, 0])
    const sleeps: number[] = []
    const recording = {
      raise: () => parker.raise(),
      lower: () => parker.lower(),
      park: (timeoutMs: number) => sleeps.push(timeoutMs),
      parkAsync: async () => {},
    }
    const parkAtOnce = {
      waitFor(sequence: number, source: { parker: typeof recording; available(): number }) {
        for (;;) {
          if (source.available() >= sequence) return sequence
          source.parker.park(Number.POSITIVE_INFINITY)
        }
      },
    }
    runStep(step, { parker: recording, strategy: parkAtOnce as never, stopped: () => step.calls >= 6 })
    expect(sleeps).toEqual([5, 5, Number.POSITIVE_INFINITY, 5])
  })

  it('looks once more after it has said that it will sleep', () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const parker = lot.parker()
    let raised = false
    let calls = 0
    const watched = {
      raise() {
        parker.raise()
        raised = true
      },
      lower: () => parker.lower(),
      park: () => expect.unreachable('the event came before the sleep'),
      parkAsync: () => expect.unreachable('not asked for'),
    }
    const step = () => {
      calls++
      return raised ? 0 : Number.POSITIVE_INFINITY
    }
    runStep({ step }, { parker: watched as never, stopped: () => raised && calls > 0 })
    expect(raised).toBe(true)
  })

  it('throws what the step throws, and takes its flag down', () => {
    const lot = ParkingLot.create()
    const step = () => {
      throw new Error('broken')
    }
    expect(() => runStep({ step }, { parker: lot.parker(), stopped: () => false })).toThrow('broken')
    expect(lot.stats().sleeping).toBe(0)
  })
})

describe('runStepAsync', () => {
  it('lets the event loop do other things while the step always has work', async () => {
    const parker = ParkingLot.create().parker()
    let stopped = false
    setImmediate(() => setImmediate(() => (stopped = true)))
    const step = scripted([])
    await runStepAsync(step, { parker, stopped: () => stopped })
    expect(step.calls).toBeGreaterThan(10)
  })

  it('sleeps until it is woken, and ends when the flag that woke it says so', async () => {
    const lot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const flag = SharedFlag.create(lot)
    const step = scripted(new Array(100).fill(Number.POSITIVE_INFINITY))
    const run = runStepAsync(step, { parker: lot.parker(), stopped: () => flag.raised })
    await new Promise(resolve => setTimeout(resolve, 10))
    const calls = step.calls
    expect(calls).toBeLessThan(25)
    flag.raise()
    await run
    expect(step.calls).toBeLessThanOrEqual(calls + 1)
  })
})

describe('a batch processor', () => {
  it('handles at most maxBatch events a step, and releases them', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const consumer = ring.addConsumer()
    const seen: string[] = []
    const handler = { onEvent: (event: { number: number }, _sequence: number, end: boolean) => seen.push(`${event.number} ${end}`) }
    const processor = new BatchProcessor({ ring, consumer, handler, maxBatch: 2 })
    expect(processor.step()).toBe(Number.POSITIVE_INFINITY)
    const publisher = ring.publisher({ burst: 1 })
    for (let number = 0; number < 3; number++) publisher.publish(ticketOf(number, 1))
    expect([processor.step(), consumer.released()]).toEqual([0, 1])
    expect([processor.step(), consumer.released()]).toEqual([0, 2])
    expect(processor.step()).toBe(Number.POSITIVE_INFINITY)
    expect(seen).toEqual(['0 false', '1 false', '2 true'])
    expect(codeOf(() => new BatchProcessor({ ring, consumer, handler, maxBatch: 0 }))).toBe('DX_OPTION')
  })

  it('releases what came before an event whose handler threw, and not that event', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const consumer = ring.addConsumer()
    const handler = {
      onEvent(_event: unknown, sequence: number) {
        if (sequence === 2) throw new Error('broken')
      },
    }
    const processor = new BatchProcessor({ ring, consumer, handler, maxBatch: 8 })
    const publisher = ring.publisher({ burst: 2 })
    for (let number = 0; number < 4; number++) publisher.publish(ticketOf(number, 1))
    expect(() => processor.step()).toThrow('broken')
    expect(consumer.released()).toBe(1)
  })

  it('starts and ends its handler once', () => {
    const ring = StructRing.create({ layout: ticket, capacity: 8 })
    const calls: string[] = []
    const handler = { onEvent() {}, onStart: () => void calls.push('start'), onShutdown: () => void calls.push('end') }
    const processor = new BatchProcessor({ ring, consumer: ring.addConsumer(), handler })
    processor.step()
    processor.step()
    processor.close()
    processor.close()
    ring.publisher({ burst: 1 }).publish(ticketOf(1, 1))
    expect(processor.step()).toBe(Number.POSITIVE_INFINITY)
    expect(calls).toEqual(['start', 'end'])
  })
})

describe('a sequence barrier', () => {
  function setUp() {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const memory = new SharedArrayBuffer(2 * SharedSequence.BYTES)
    const cells = [new SharedSequence(memory, 0, -1), new SharedSequence(memory, 128, -1)] as const
    const move = (cell: 0 | 1, sequence: number) => {
      cells[cell].set(sequence)
      parkingLot.unparkAll()
    }
    return { parkingLot, cells, move }
  }

  it('is where the slowest of its cells is', () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    move(0, 7)
    expect(barrier.available()).toBe(-1)
    move(1, 5)
    expect(barrier.waitFor(5)).toBe(5)
    expect(codeOf(() => barrier.waitFor(6, 2))).toBe('DX_TIMEOUT')
    barrier.close()
  })

  it('resolves when the last cell has arrived, and rejects in time or by its signal', async () => {
    const { parkingLot, cells, move } = setUp()
    const barrier = new SequenceBarrier({ cells, parkingLot })
    const waiting = barrier.waitForAsync(3)
    move(0, 3)
    expect(await codeOfAsync(barrier.waitForAsync(3, { timeoutMs: 2 }))).toBe('DX_TIMEOUT')
    move(1, 4)
    expect(await waiting).toBe(3)
    const controller = new AbortController()
    const aborted = codeOfAsync(barrier.waitForAsync(9, { signal: controller.signal }))
    controller.abort()
    expect(await aborted).toBe('DX_ABORTED')
    expect(await codeOfAsync(barrier.waitForAsync(9, { signal: controller.signal }))).toBe('DX_ABORTED')
  })

  it('ends every wait early when it is alerted', async () => {
    const { parkingLot, cells } = setUp()
    let alert = false
    const barrier = new SequenceBarrier({ cells, parkingLot, alerted: () => alert })
    const waiting = barrier.waitForAsync(3)
    alert = true
    parkingLot.unparkAll()
    expect(await waiting).toBe(-1)
    expect(barrier.waitFor(3)).toBe(-1)
  })
})
