import { describe, expect, it } from 'vitest'
import type { BroadcastReceiver } from '../src/bytes/broadcast-receiver.ts'
import { BroadcastRing } from '../src/bytes/broadcast-ring.ts'
import { receiveAll, recordOf } from './broadcast-record.ts'

describe('a receiver that the producer overtakes in the middle of a call', () => {
  const real = globalThis.Atomics

  /** Runs `action` in place of the `step`th atomic operation of `body`, before it. False when `body` has fewer. */
  function interrupt(step: number, action: () => void, body: () => void): boolean {
    let left = step
    const stop =
      <A extends unknown[], R>(operation: (...args: A) => R) =>
      (...args: A) => {
        if (left-- === 0) {
          globalThis.Atomics = real
          action()
        }
        return operation(...args)
      }
    const load = stop(real.load as (words: Int32Array, index: number) => number)
    const store = stop(real.store as (words: Int32Array, index: number, value: number) => number)
    globalThis.Atomics = Object.assign(Object.create(real), { load, store }) as Atomics
    try {
      body()
    } finally {
      globalThis.Atomics = real
    }
    return left < 0
  }

  it.each(['newest', 'oldest'] as const)('shows nothing but intact records, and counts the others (%s)', afterLap => {
    let overtaken = 0
    for (const before of [1, 5, 12])
      for (const meanwhile of [1, 3, 8, 9, 10, 20, 40])
        for (let step = 0, more = true; more; step++) {
          const ring = BroadcastRing.create({ capacityBytes: 256 })
          const [producer, receiver] = [ring.producer(), ring.receiver({ afterLap })]
          const write = (records: number) => {
            for (let i = 0; i < records; i++) producer.publishBytes(recordOf(producer.next, 16))
          }
          write(before)
          let received = 0
          const body = () => {
            received += receiveAll(receiver, 16)
          }
          more = interrupt(step, () => write(meanwhile), body)
          body()
          expect(received + receiver.missed).toBe(producer.next)
          if (before === 1 && receiver.laps > 0) overtaken++
        }
    expect(overtaken).toBeGreaterThan(10)
  })

  it.each(['next', 'newest', 'oldest'] as const)('begins where it can count from (%s)', from => {
    for (const meanwhile of [1, 3, 8, 9, 10, 20, 40])
      for (let step = 0, more = true; more; step++) {
        const ring = BroadcastRing.create({ capacityBytes: 256 })
        const producer = ring.producer()
        const write = (records: number) => {
          for (let i = 0; i < records; i++) producer.publishBytes(recordOf(producer.next, 16))
        }
        write(5)
        let receiver: BroadcastReceiver | undefined
        more = interrupt(
          step,
          () => write(meanwhile),
          () => {
            receiver = ring.receiver({ from })
          },
        )
        if (receiver === undefined) throw new Error('no receiver')
        write(1)
        const received = receiveAll(receiver, 16)
        const first = producer.next - received - receiver.missed
        // What the step was decides on which side of the writing it begins.
        const begins = from === 'oldest' ? [0, 5 + meanwhile] : from === 'newest' ? [4, 4 + meanwhile] : [5, 5 + meanwhile]
        expect(first).toBeGreaterThanOrEqual(begins[0] as number)
        expect(first).toBeLessThanOrEqual(begins[1] as number)
      }
  })
})
