import { ByteRing, ParkingLot } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf } from './support.ts'
import { runWorker } from './workers/run.ts'

describe('a byte ring', () => {
  it('shows records only once they are published, all of them at once', () => {
    const ring = ByteRing.create({ capacityBytes: 1024 })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    const first = producer.tryClaim(3)
    ring.bytes.set([1, 2, 3], first)
    producer.tryClaim(0)
    expect(consumer.peek()).toBe(false)
    producer.publish()
    expect(consumer.peek()).toBe(true)
    expect(Array.from(ring.bytes.subarray(consumer.offset, consumer.offset + consumer.length))).toEqual([1, 2, 3])
    consumer.advance()
    expect([consumer.peek(), consumer.length]).toEqual([true, 0])
    consumer.advance()
    expect(consumer.peek()).toBe(false)
  })

  it('has room again only for what was released', () => {
    const ring = ByteRing.create({ capacityBytes: 64 })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let i = 0; i < 4; i++) expect(producer.tryClaim(8)).toBeGreaterThan(0)
    expect(producer.tryClaim(0)).toBe(-1)
    producer.publish()
    expect(consumer.peek()).toBe(true)
    consumer.advance()
    expect(producer.tryClaim(8)).toBe(-1)
    consumer.release()
    expect(producer.tryClaim(8)).toBeGreaterThan(0)
    expect(producer.tryClaim(0)).toBe(-1)
  })

  it('gives offsets that are multiples of 8', () => {
    const ring = ByteRing.create({ capacityBytes: 1024 })
    const producer = ring.producer()
    for (const length of [1, 7, 8, 9, 0]) expect(producer.tryClaim(length) % 8).toBe(0)
  })

  it('holds records up to a quarter of it less 8, and refuses longer ones for good', () => {
    const ring = ByteRing.create({ capacityBytes: 1024 })
    const producer = ring.producer()
    expect(ring.maxRecordBytes).toBe(248)
    expect(producer.tryClaim(248)).toBeGreaterThan(0)
    expect(codeOf(() => producer.tryClaim(249))).toBe('DX_RECORD_TOO_LARGE')
    for (const length of [-1, 1.5, Number.NaN, 2 ** 40 + 0.5]) expect(codeOf(() => producer.tryClaim(length))).toBe('DX_OPTION')
    expect(codeOf(() => producer.tryClaim(2 ** 40))).toBe('DX_RECORD_TOO_LARGE')
    producer.publish()
    expect(ring.usedBytes).toBe(256)
  })

  it.each([0, 2 ** 31 - 512, 2 ** 32 - 512])('keeps every record whole and in order past byte position %i', initialPosition => {
    const ring = ByteRing.create({ capacityBytes: 256, initialPosition })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    let written = 0
    let read = 0
    while (read < 2000) {
      for (let burst = 0; burst < 1 + (written % 5); burst++) {
        const length = (written * 7) % 57
        const offset = producer.tryClaim(length)
        if (offset < 0) break
        expect(offset + length).toBeLessThanOrEqual(ring.memory.byteLength)
        ring.bytes.fill(written & 0xff, offset, offset + length)
        written++
      }
      producer.publish()
      while (consumer.peek()) {
        expect(consumer.length).toBe((read * 7) % 57)
        const bytes = ring.bytes.subarray(consumer.offset, consumer.offset + consumer.length)
        expect(bytes.every(byte => byte === (read & 0xff))).toBe(true)
        consumer.advance()
        read++
      }
      consumer.release()
    }
    expect(read).toBe(written)
    expect(ring.usedBytes).toBe(0)
  })

  it('gives each side to one holder at a time', () => {
    const ring = ByteRing.create({ capacityBytes: 64 })
    const other = ByteRing.attach(ring.handle)
    const producer = ring.producer()
    const consumer = ring.consumer()
    expect(codeOf(() => other.producer())).toBe('DX_ROLE_TAKEN')
    expect(codeOf(() => other.consumer())).toBe('DX_ROLE_TAKEN')
    producer.tryClaim(4)
    producer.close()
    const next = other.producer()
    next.tryClaim(5)
    next.publish()
    consumer.peek()
    consumer.advance()
    consumer.close()
    const reader = other.consumer()
    expect([reader.peek(), reader.length]).toEqual([true, 5])
  })

  it('refuses memory that is something else, and names both values', () => {
    const { handle } = ByteRing.create({ capacityBytes: 128 })
    expect(() => ByteRing.attach({ ...handle, memory: new SharedArrayBuffer(1024) })).toThrow(
      /magic number is 0x00000000, expected 0x44584252/,
    )
    expect(() => ByteRing.attach({ ...handle, capacityBytes: 64 })).toThrow(/capacity in bytes is 128, expected 64/)
    expect(codeOf(() => ByteRing.attach({ ...handle, capacityBytes: 256 }))).toBe('DX_ATTACH')
  })

  it.each([0, 32, 63, 100, 2 ** 31, -64, Number.NaN])('refuses a capacity of %d bytes', capacityBytes => {
    expect(codeOf(() => ByteRing.create({ capacityBytes }))).toBe('DX_OPTION')
  })

  it('carries 300,000 records of many lengths between two threads that sleep without a limit', async () => {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const ring = ByteRing.create({ capacityBytes: 4096, parkingLot })
    const data = { ring: ring.handle, records: 300_000 }
    const [consumed, produced] = await Promise.all([
      runWorker<{ sum: number; fallbackWakes: number }>('./byte-consumer.ts', data),
      runWorker<{ sum: number; fallbackWakes: number }>('./byte-producer.ts', data),
    ])
    expect(consumed).toEqual(produced)
    expect(consumed.fallbackWakes).toBe(0)
  }, 60_000)
})
