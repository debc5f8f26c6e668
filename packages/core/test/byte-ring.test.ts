import { ByteRing, ParkingLot } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { codeOf } from './support.ts'
import { runWorker } from './workers/run.ts'

const kinds = ['single', 'multi'] as const

describe.each(kinds)('a byte ring for %s producers', producers => {
  it('shows records only once they are published, all of them at once', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers })
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

  it('publishes up to a claim, and gives up the rest', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (const length of [1, 2, 3]) producer.tryClaim(length)
    const upTo = producer.claimed
    for (const length of [4, 5]) producer.tryClaim(length)
    producer.publish(upTo)
    producer.publish(upTo)
    producer.abort()
    producer.abort()
    producer.tryClaim(6)
    producer.publish()
    const lengths: number[] = []
    consumer.poll((_bytes, _offset, length) => lengths.push(length))
    expect(lengths).toEqual([1, 2, 3, 6])
    expect(ring.usedBytes).toBe(0)
  })

  it('has room again only for what was released', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let i = 0; i < 4; i++) expect(producer.tryClaim(8)).toBeGreaterThan(0)
    expect([producer.tryClaim(0), producer.hasRoom(0)]).toEqual([-1, false])
    producer.publish()
    expect(consumer.peek()).toBe(true)
    consumer.advance()
    expect(producer.tryClaim(8)).toBe(-1)
    consumer.release()
    expect(producer.hasRoom(8)).toBe(true)
    expect(producer.tryClaim(8)).toBeGreaterThan(0)
    expect(producer.tryClaim(0)).toBe(-1)
  })

  it('finds nothing behind a whole ring of records that were read and not released', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let i = 0; i < 4; i++) producer.tryClaim(8)
    producer.publish()
    for (let i = 0; i < 4; i++) {
      expect(consumer.peek()).toBe(true)
      consumer.advance()
    }
    expect(consumer.peek()).toBe(false)
    consumer.release()
    expect([consumer.peek(), ring.usedBytes]).toEqual([false, 0])
  })

  it('gives offsets that are multiples of 8', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers })
    const producer = ring.producer()
    for (const length of [1, 7, 8, 9, 0]) expect(producer.tryClaim(length) % 8).toBe(0)
  })

  it('holds records up to a quarter of it less 8, and refuses longer ones for good', async () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers })
    const producer = ring.producer()
    expect(ring.maxRecordBytes).toBe(248)
    expect(producer.tryClaim(248)).toBeGreaterThan(0)
    for (const take of ['tryClaim', 'claim', 'hasRoom'] as const) {
      expect(codeOf(() => producer[take](249))).toBe('DX_RECORD_TOO_LARGE')
      expect(codeOf(() => producer[take](2 ** 40))).toBe('DX_RECORD_TOO_LARGE')
      for (const length of [-1, 1.5, Number.NaN, Infinity, 2 ** 40 + 0.5]) expect(codeOf(() => producer[take](length))).toBe('DX_OPTION')
    }
    expect(codeOf(() => producer.publishBytes(new Uint8Array(249)))).toBe('DX_RECORD_TOO_LARGE')
    producer.publish()
    expect(ring.usedBytes).toBe(256)
  })

  it('pads up to the end where a record does not fit, and not where it just does', () => {
    for (const [length, used] of [
      [8, 16],
      [9, 40],
    ] as const) {
      const ring = ByteRing.create({ capacityBytes: 128, producers, initialPosition: 112 })
      const [producer, consumer] = [ring.producer(), ring.consumer()]
      const at = producer.tryClaim(length)
      producer.publish()
      expect(ring.usedBytes).toBe(used)
      expect(at + length <= ring.memory.byteLength).toBe(true)
      expect([consumer.peek(), consumer.offset, consumer.length]).toEqual([true, at, length])
      consumer.advance()
      consumer.release()
      expect(ring.usedBytes).toBe(0)
    }
  })

  it.each([0, 2 ** 31 - 512, 2 ** 32 - 512, 2 ** 40 - 512])(
    'keeps every record whole and in order past byte position %i',
    initialPosition => {
      const ring = ByteRing.create({ capacityBytes: 256, producers, initialPosition })
      const [producer, consumer] = [ring.producer(), ring.consumer()]
      let written = 0
      let read = 0
      let damaged = 0
      while (read < 2000) {
        for (let burst = 0; burst < 1 + (written % 5); burst++) {
          const length = (written * 7) % 57
          const offset = producer.tryClaim(length)
          if (offset < 0) break
          if (offset + length > ring.memory.byteLength) damaged++
          ring.bytes.fill(written & 0xff, offset, offset + length)
          written++
        }
        producer.publish()
        while (consumer.peek()) {
          const bytes = ring.bytes.subarray(consumer.offset, consumer.offset + consumer.length)
          if (consumer.length !== (read * 7) % 57 || bytes.some(byte => byte !== (read & 0xff))) damaged++
          consumer.advance()
          read++
        }
        consumer.release()
      }
      expect([damaged, read, ring.usedBytes]).toEqual([0, written, 0])
      const { cursor, released } = ring.stats()
      expect([cursor, cursor > initialPosition + 1024]).toEqual([released, true])
    },
  )

  it('knows how far it was written and released in all, however often positions wrap', () => {
    const ring = ByteRing.create({ capacityBytes: 2 ** 20, producers })
    const watching = ByteRing.attach(ring.handle)
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    const records = 2 ** 33 / 2 ** 18
    for (let record = 1; record <= records; record++) {
      producer.tryClaim(ring.maxRecordBytes)
      producer.publish()
      consumer.peek()
      consumer.advance()
      consumer.release()
      if (record % 1000 === 0 || record === records)
        expect(watching.stats()).toMatchObject({ cursor: record * 2 ** 18, released: record * 2 ** 18 })
    }
  })

  it('goes on where a side was given back', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers })
    const other = ByteRing.attach(ring.handle)
    const producer = ring.producer()
    const consumer = ring.consumer()
    expect(codeOf(() => other.consumer())).toBe('DX_ROLE_TAKEN')
    producer.tryClaim(4)
    producer.close()
    producer.close()
    const next = other.producer()
    next.tryClaim(5)
    next.publish()
    consumer.peek()
    consumer.advance()
    consumer.close()
    consumer.close()
    const reader = other.consumer()
    expect([reader.peek(), reader.length]).toEqual([true, 5])
  })

  it('refuses memory that is something else, and names both values', () => {
    const { handle } = ByteRing.create({ capacityBytes: 128, producers })
    expect(() => ByteRing.attach({ ...handle, memory: new SharedArrayBuffer(8192) })).toThrow(
      /magic number is 0x00000000, expected 0x44584252/,
    )
    expect(() => ByteRing.attach({ ...handle, capacityBytes: 64 })).toThrow(/capacity in bytes is 128, expected 64/)
    expect(codeOf(() => ByteRing.attach({ ...handle, capacityBytes: 2 ** 20 }))).toBe('DX_ATTACH')
    const version = new Int32Array(handle.memory)
    version[1] = 1
    expect(() => ByteRing.attach(handle)).toThrow(/version is 1, expected 2/)
  })

  it.each([0, 32, 63, 100, 2 ** 31, -64, Number.NaN])('refuses a capacity of %d bytes', capacityBytes => {
    expect(codeOf(() => ByteRing.create({ capacityBytes, producers }))).toBe('DX_OPTION')
  })

  it.each([-8, 4, 2 ** 60, Number.NaN])('refuses to start at position %d', initialPosition => {
    expect(codeOf(() => ByteRing.create({ capacityBytes: 64, producers, initialPosition }))).toBe('DX_OPTION')
  })

  it('carries 200,000 records of many lengths between two threads that sleep without a limit', async () => {
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const ring = ByteRing.create({ capacityBytes: 4096, producers, parkingLot })
    const data = { ring: ring.handle, records: 200_000 }
    const [consumed, produced] = await Promise.all([
      runWorker<{ sum: number; fallbackWakes: number }>('./byte-consumer.ts', data),
      runWorker<{ sum: number; fallbackWakes: number }>('./byte-producer.ts', data),
    ])
    expect(consumed).toEqual(produced)
    expect(consumed.fallbackWakes).toBe(0)
  }, 240_000)
})

describe('the handle of a byte ring', () => {
  it('says which kind of producers the memory was made for', () => {
    const single = ByteRing.create({ capacityBytes: 4096 })
    const multi = ByteRing.create({ capacityBytes: 4096, producers: 'multi', maxProducers: 2 })
    expect(() => ByteRing.attach({ ...multi.handle, producers: 'single' })).toThrow(/kind of producers is multi, expected single/)
    expect(() => ByteRing.attach({ ...multi.handle, maxProducers: 1 })).toThrow(/number of producers is 2, expected 1/)
    expect(() => ByteRing.attach({ ...single.handle, memory: multi.memory })).toThrow(/kind of producers is multi, expected single/)
  })

  it('limits how many producers there are', () => {
    const single = ByteRing.create({ capacityBytes: 64 })
    single.producer()
    expect(codeOf(() => ByteRing.attach(single.handle).producer())).toBe('DX_ROLE_TAKEN')
    const multi = ByteRing.create({ capacityBytes: 64, producers: 'multi', maxProducers: 2 })
    const first = multi.producer()
    multi.producer()
    expect(codeOf(() => multi.producer())).toBe('DX_TABLE_FULL')
    first.close()
    multi.producer()
    for (const maxProducers of [0, 1025, 1.5])
      expect(codeOf(() => ByteRing.create({ capacityBytes: 64, producers: 'multi', maxProducers }))).toBe('DX_OPTION')
    expect(codeOf(() => ByteRing.create({ capacityBytes: 64, maxProducers: 2 }))).toBe('DX_OPTION')
    expect(codeOf(() => ByteRing.create({ capacityBytes: 64, producers: 'some' as 'multi' }))).toBe('DX_OPTION')
  })
})
