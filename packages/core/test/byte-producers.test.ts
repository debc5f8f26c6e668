import { ByteRing } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { PRODUCER_LINES, PRODUCER_THREAD } from '../src/bytes/byte-ring-descriptor.ts'
import { codeOf } from './support.ts'

/** A thread that does not exist any more. */
const GONE = 2 ** 30 - 1

/** Makes it look as if the newest producer of the ring belonged to a thread that is gone. */
function disown(ring: ByteRing, line: number): void {
  new Int32Array(ring.memory)[PRODUCER_LINES + 32 * line + PRODUCER_THREAD] = GONE
}

function lengthsOf(consumer: ReturnType<ByteRing['consumer']>): number[] {
  const lengths: number[] = []
  consumer.poll((_bytes, _offset, length) => lengths.push(length))
  return lengths
}

describe('several producers of a byte ring', () => {
  it('are seen in the order of their claims: one that is slow holds back what was claimed after it', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers: 'multi' })
    const [slow, fast, consumer] = [ring.producer(), ring.producer(), ring.consumer()]
    fast.tryClaim(1)
    slow.tryClaim(2)
    fast.tryClaim(3)
    fast.publish()
    expect(lengthsOf(consumer)).toEqual([1])
    slow.publish()
    expect(lengthsOf(consumer)).toEqual([2, 3])
    expect(ring.usedBytes).toBe(0)
  })

  it('may have more outstanding than fits their first list', () => {
    const ring = ByteRing.create({ capacityBytes: 2 ** 14, producers: 'multi' })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    const lengths = Array.from({ length: 300 }, (_, i) => i % 7)
    for (const length of lengths) expect(producer.tryClaim(length)).toBeGreaterThan(0)
    producer.publish()
    expect(lengthsOf(consumer)).toEqual(lengths)
  })

  it('give up room that nobody has to release', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers: 'multi' })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let round = 0; round < 20; round++) {
      expect(producer.tryClaim(8)).toBeGreaterThan(0)
      producer.abort()
      expect(consumer.peek()).toBe(false)
    }
    expect(ring.usedBytes).toBe(0)
  })

  it('give up room behind a record that is still held, which is released with that', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers: 'multi' })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    ring.bytes[producer.tryClaim(1)] = 7
    producer.publish()
    producer.tryClaim(8)
    producer.abort()
    consumer.peek()
    const at = consumer.offset
    consumer.advance()
    expect(consumer.peek()).toBe(false)
    expect([ring.usedBytes, ring.bytes[at]]).toEqual([32, 7])
    consumer.release()
    expect(ring.usedBytes).toBe(0)
  })
})

describe('a producer that died', () => {
  it('leaves a gap that is passed only after it was reclaimed, and counted', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers: 'multi', maxProducers: 3 })
    const [dead, alive, consumer] = [ring.producer(), ring.producer(), ring.consumer()]
    alive.publishBytes(new Uint8Array(1))
    dead.tryClaim(2)
    dead.tryClaim(50)
    alive.publishBytes(new Uint8Array(3))
    disown(ring, 0)
    expect(lengthsOf(consumer)).toEqual([1])
    expect(consumer.skipped).toBe(0)
    expect(ring.reclaim(GONE)).toBe(1)
    expect(lengthsOf(consumer)).toEqual([3])
    expect([consumer.skipped, ring.usedBytes]).toEqual([1, 0])
    expect(ring.stats()).toMatchObject({ skipped: 1, skippedBytes: 16 + 64 })
    expect(ring.reclaim(GONE)).toBe(0)
    for (let i = 0; i < 2; i++) ring.producer()
  })

  it('hides nothing that a live one has claimed before, between, or after what it claimed', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers: 'multi' })
    const [dead, alive, consumer] = [ring.producer(), ring.producer(), ring.consumer()]
    alive.tryClaim(1)
    dead.tryClaim(2)
    alive.tryClaim(3)
    dead.tryClaim(4)
    const upTo = alive.claimed
    alive.tryClaim(5)
    disown(ring, 0)
    ring.reclaim(GONE)
    expect([lengthsOf(consumer), consumer.skipped]).toEqual([[], 0])
    alive.publish(upTo)
    expect([lengthsOf(consumer), consumer.skipped]).toEqual([[1, 3], 2])
    expect(ring.usedBytes).toBe(16)
    alive.publish()
    expect([lengthsOf(consumer), ring.usedBytes]).toEqual([[5], 0])
  })

  it('frees a ring that it had filled, padding at the end included', () => {
    const ring = ByteRing.create({ capacityBytes: 128, producers: 'multi', initialPosition: 2 ** 32 - 8 })
    const [dead, consumer] = [ring.producer(), ring.consumer()]
    let claims = 0
    while (dead.tryClaim(24) >= 0) claims++
    expect(claims).toBe(3)
    disown(ring, 0)
    const alive = ring.producer()
    expect(alive.tryClaim(24)).toBe(-1)
    ring.reclaim(GONE)
    expect(consumer.peek()).toBe(false)
    expect([consumer.skipped, ring.usedBytes]).toEqual([1, 0])
    for (let round = 0; round < 10; round++) {
      expect(alive.publishBytes(new Uint8Array(24))).toBe(true)
      expect(lengthsOf(consumer)).toEqual([24])
    }
  })

  it('leaves a side that the next one takes, in a ring for one: what it had not published was never there', () => {
    const ring = ByteRing.create({ capacityBytes: 64 })
    const dead = ring.producer()
    const consumer = ring.consumer()
    dead.publishBytes(new Uint8Array(1))
    dead.tryClaim(2)
    disown(ring, 0)
    expect(codeOf(() => ring.producer())).toBe('DX_ROLE_TAKEN')
    expect(ring.reclaim(GONE)).toBe(1)
    ring.producer().publishBytes(new Uint8Array(3))
    expect(lengthsOf(consumer)).toEqual([1, 3])
  })

  it('is never the calling thread', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers: 'multi' })
    ring.producer()
    const self = new Int32Array(ring.memory)[PRODUCER_LINES + PRODUCER_THREAD] as number
    for (const thread of [self, 0, -1, 1.5, 2 ** 31]) expect(codeOf(() => ring.reclaim(thread))).toBe('DX_OPTION')
    ring.reclaim(GONE)
  })
})

describe('a consumer that died', () => {
  it.each(['single', 'multi'] as const)('is followed by one that finds what was not released (%s)', producers => {
    const ring = ByteRing.create({ capacityBytes: 256, producers })
    const [producer, dead] = [ring.producer(), ring.consumer()]
    for (const length of [1, 2, 3]) producer.publishBytes(new Uint8Array(length))
    expect(dead.poll(() => {}, 1)).toBe(1)
    dead.peek()
    dead.advance()
    new Int32Array(ring.memory)[7] = GONE
    expect(codeOf(() => ring.consumer())).toBe('DX_ROLE_TAKEN')
    expect(ring.reclaim(GONE)).toBe(1)
    const next = ring.consumer()
    expect(lengthsOf(next)).toEqual([2, 3])
    expect([next.skipped, ring.usedBytes]).toEqual([0, 0])
  })
})
