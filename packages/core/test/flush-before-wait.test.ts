import { ByteRing, ParkingLot, runStep, SequenceBarrier, StructRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf, ticket, ticketOf } from './support.ts'

/** A ring to which a publisher has given one event that nobody sees yet. */
function gathered(producers: 'single' | 'multi') {
  const ring = StructRing.create({ layout: ticket, capacity: 64, producers })
  ring.addConsumer()
  ring.publisher().publish(ticketOf(0, 0))
  expect(ring.cursor.get()).toBe(-1)
  return ring
}

describe.each(['single', 'multi'] as const)('what a publisher holds back (%s)', producers => {
  it('is visible before its thread waits for an answer at a barrier', () => {
    const ring = gathered(producers)
    const parkingLot = ParkingLot.create()
    const barrier = new SequenceBarrier({ cells: [{ get: () => -1, set: () => {} }], parkingLot })
    expect(codeOf(() => barrier.waitFor(0, 0))).toBe('DX_TIMEOUT')
    expect(ring.cursor.get()).toBe(0)
  })

  it('is visible before its thread waits for room in another ring', () => {
    const ring = gathered(producers)
    const full = StructRing.create({ layout: ticket, capacity: 2 })
    const consumer = full.addConsumer()
    expect(consumer.handle.index).toBe(0)
    const producer = full.producer()
    producer.next(2)
    expect(codeOf(() => producer.next(1, { timeoutMs: 0 }))).toBe('DX_TIMEOUT')
    expect(ring.cursor.get()).toBe(0)
  })

  it('is visible before its thread waits for room in a byte ring', () => {
    const ring = gathered(producers)
    const producer = ByteRing.create({ capacityBytes: 64 }).producer()
    while (producer.tryClaim(8) >= 0);
    expect(codeOf(() => producer.claim(8, { timeoutMs: 0 }))).toBe('DX_TIMEOUT')
    expect(ring.cursor.get()).toBe(0)
  })

  it('is visible before its thread sleeps between two calls of a step', () => {
    const ring = gathered(producers)
    const seen: number[] = []
    const strategy = {
      waitFor() {
        seen.push(ring.cursor.get())
        return 0
      },
    }
    const parker = ParkingLot.create().parker()
    runStep({ step: () => Number.POSITIVE_INFINITY }, { parker, strategy, stopped: () => seen.length > 0 })
    expect(seen).toEqual([0])
  })
})
