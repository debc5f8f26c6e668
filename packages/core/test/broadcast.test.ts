import { describe, expect, it } from 'vitest'
import { PRODUCER_THREAD } from '../src/bytes/broadcast-descriptor.ts'
import { BroadcastRing } from '../src/bytes/broadcast-ring.ts'
import { ParkingLot } from '../src/parking/parking-lot.ts'
import { receiveAll, recordOf } from './broadcast-record.ts'
import { codeOf, codeOfAsync } from './support.ts'

const positions = [0, 2 ** 31 - 512, 2 ** 32 - 512, 2 ** 40 - 512]

describe('a broadcast ring', () => {
  it('shows every receiver every record, once it is published', () => {
    const ring = BroadcastRing.create({ capacityBytes: 1024 })
    const [first, second] = [ring.receiver(), ring.receiver()]
    const producer = ring.producer()
    ring.bytes.set([1, 2, 3], producer.claim(3))
    producer.claim(0)
    expect([first.receive(), first.number, first.behindBytes]).toEqual([false, -1, 0])
    producer.publish()
    for (const receiver of [first, second]) {
      expect(receiver.receive()).toBe(true)
      expect([...receiver.copy(), receiver.number]).toEqual([1, 2, 3, 0])
      expect([receiver.receive(), receiver.length, receiver.number]).toEqual([true, 0, 1])
      expect([receiver.receive(), receiver.missed, receiver.laps]).toEqual([false, 0, 0])
    }
    expect(ring.stats()).toEqual({ next: 2, tail: 16 + 32 + 16, waits: 0 })
  })

  it('keeps what a receiver shows while the ring is written over', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    producer.publishBytes(Uint8Array.of(1, 2, 3))
    expect(receiver.receive()).toBe(true)
    for (let i = 0; i < 100; i++) producer.publishBytes(Uint8Array.of(9, 9, 9))
    expect([...receiver.copy()]).toEqual([1, 2, 3])
  })

  it('holds records up to an eighth of it less 16, and refuses longer ones', () => {
    const ring = BroadcastRing.create({ capacityBytes: 1024 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    expect(ring.maxRecordBytes).toBe(112)
    for (const length of [113, 2 ** 40]) expect(codeOf(() => producer.claim(length))).toBe('DX_RECORD_TOO_LARGE')
    for (const length of [-1, 1.5, Number.NaN]) expect(codeOf(() => producer.claim(length))).toBe('DX_OPTION')
    for (let number = 0; number < 200; number++) {
      expect(producer.publishBytes(recordOf(number * 16, 112))).toBe(number)
      expect(receiver.receive()).toBe(true)
      expect(receiver.copy()).toEqual(recordOf(number * 16, 112))
    }
    expect(receiver.missed).toBe(0)
  })

  it.each(positions)('loses nothing to a receiver that keeps up, past byte position %i', initialPosition => {
    const initialNumber = initialPosition
    const ring = BroadcastRing.create({ capacityBytes: 512, initialPosition, initialNumber })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    let received = 0
    for (let number = initialNumber; number < initialNumber + 2000; ) {
      for (let burst = 0; burst < 1 + (number % 4); burst++) {
        const record = recordOf(number, ring.maxRecordBytes)
        const at = producer.claim(record.length)
        expect(at % 8).toBe(0)
        expect(at + record.length + 8).toBeLessThanOrEqual(ring.memory.byteLength)
        ring.bytes.set(record, at)
        number++
      }
      producer.publish()
      received += receiveAll(receiver, ring.maxRecordBytes)
    }
    expect([received, receiver.missed, receiver.laps]).toEqual([ring.stats().next - initialNumber, 0, 0])
    expect(ring.stats().tail).toBeGreaterThan(initialPosition + 1024)
  })

  it.each(positions)('counts exactly what a receiver missed that was lapped, past byte position %i', initialPosition => {
    for (const afterLap of ['newest', 'oldest'] as const) {
      const ring = BroadcastRing.create({ capacityBytes: 256, initialPosition, initialNumber: 2 ** 32 - 100 })
      const [producer, receiver] = [ring.producer(), ring.receiver({ afterLap })]
      let received = 0
      for (let round = 0; round < 60; round++) {
        for (let i = 0; i < round; i++) producer.publishBytes(recordOf(producer.next, 16))
        received += receiveAll(receiver, 16)
        expect(received + receiver.missed).toBe(producer.next - (2 ** 32 - 100))
        expect(receiver.behindBytes).toBe(0)
      }
      expect(receiver.laps).toBeGreaterThan(30)
      // With the oldest it gets most of a ring after each lap, with the newest one record.
      expect(received > 400).toBe(afterLap === 'oldest')
    }
  })

  it('begins with the next record, the newest, or the oldest still there', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const producer = ring.producer()
    for (const from of ['next', 'newest', 'oldest'] as const) expect(ring.receiver({ from }).receive()).toBe(false)
    const fresh = ring.receiver({ from: 'oldest' })
    producer.publishBytes(recordOf(0, 16))
    for (const receiver of [fresh, ring.receiver({ from: 'newest' }), ring.receiver({ from: 'oldest' })])
      expect([receiver.receive(), receiver.number, receiver.receive()]).toEqual([true, 0, false])
    for (let number = 1; number < 100; number++) producer.publishBytes(recordOf(number, 16))
    const newest = ring.receiver({ from: 'newest' })
    const oldest = ring.receiver({ from: 'oldest' })
    const next = ring.receiver()
    expect([newest.receive(), newest.number, newest.receive(), newest.missed]).toEqual([true, 99, false, 0])
    const count = receiveAll(oldest, 16)
    expect([oldest.number, oldest.missed]).toEqual([99, 0])
    // A record takes 16 to 32 bytes; up to a sixteenth of the ring and a record are given up ahead.
    expect(count).toBeGreaterThanOrEqual((256 - 16 - 32 - 32) / 32)
    producer.publishBytes(recordOf(100, 16))
    expect([next.receive(), next.number, next.missed]).toEqual([true, 100, 0])
  })

  it('counts what was missed before the first record, too', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const producer = ring.producer()
    for (let number = 0; number < 10; number++) producer.publishBytes(recordOf(number, 16))
    const receivers = (['next', 'newest', 'oldest'] as const).map(from => ring.receiver({ from }))
    const [next, newest, oldest] = receivers
    const firstDue = 10 - receiveAll(ring.receiver({ from: 'oldest' }), 16)
    for (let number = 10; number < 50; number++) producer.publishBytes(recordOf(number, 16))
    for (const receiver of receivers) expect([receiver.receive(), receiver.number]).toEqual([true, 49])
    expect([next?.missed, newest?.missed, oldest?.missed]).toEqual([39, 40, 49 - firstDue])
  })

  it('tells a receiver that slept for more than 2^32 bytes what it missed, wherever the position has wrapped to', () => {
    // So that the first record begins with the ring and none needs padding.
    const ring = BroadcastRing.create({ capacityBytes: 2 ** 20, initialPosition: 2 ** 20 - 16 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    const length = ring.maxRecordBytes
    const records = 2 ** 32 / (length + 16)
    for (let number = 0; number < records; number++) {
      producer.claim(length)
      producer.publish()
    }
    // The tail is where it was when the receiver began, modulo 2^32.
    expect([receiver.behindBytes, receiver.wait({ timeoutMs: 0 })]).toEqual([2 ** 32, true])
    expect([receiver.receive(), receiver.number, receiver.missed]).toEqual([true, records - 1, records - 1])
    expect([receiver.receive(), receiver.laps]).toEqual([false, 1])
  })

  it('publishes by itself when a quarter of it is claimed, and never overwrites what it has not published', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    for (let number = 0; number < 100; number++) {
      const record = recordOf(number, 16)
      ring.bytes.set(record, producer.claim(record.length))
      receiveAll(receiver, 16)
    }
    expect(receiver.number).toBeGreaterThan(90)
    producer.publish()
    receiveAll(receiver, 16)
    expect([receiver.number, receiver.missed]).toEqual([99, 0])
  })

  it('takes claims back', () => {
    const ring = BroadcastRing.create({ capacityBytes: 1024 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    producer.publishBytes(recordOf(0, 16))
    for (let i = 0; i < 3; i++) {
      producer.claim(50)
      producer.claim(20)
      producer.abort()
    }
    producer.publish()
    expect(producer.publishBytes(recordOf(1, 16))).toBe(1)
    expect([receiveAll(receiver, 16), receiver.number, receiver.missed]).toEqual([2, 1, 0])
  })

  it('copies records that are longer than what it copies at a time', () => {
    const ring = BroadcastRing.create({ capacityBytes: 2 ** 20 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    for (const length of [10, 16_384 - 16, 16_384, 100_000, 20]) {
      const number = producer.publishBytes(new Uint8Array(length).fill(length))
      expect(receiver.receive()).toBe(true)
      expect([receiver.number, receiver.length, receiver.copy().every(byte => byte === (length & 0xff))]).toEqual([number, length, true])
    }
    for (let i = 0; i < 60; i++) producer.publishBytes(new Uint8Array(1000 * (i % 20)).fill(i))
    for (let i = 0; i < 60; i++) {
      expect(receiver.receive()).toBe(true)
      expect([receiver.length, receiver.copy().every(byte => byte === i)]).toEqual([1000 * (i % 20), true])
    }
  })
})

describe('the sides of a broadcast ring', () => {
  it('are one producer at a time, who goes on where the last one ended', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const receiver = ring.receiver()
    for (let number = 0; number < 60; number++) {
      const producer = BroadcastRing.attach(ring.handle).producer()
      expect(codeOf(() => ring.producer())).toBe('DX_ROLE_TAKEN')
      expect(producer.next).toBe(number)
      ring.bytes.set(recordOf(number, 16), producer.claim(recordOf(number, 16).length))
      producer.close()
      producer.close()
      expect([receiveAll(receiver, 16), receiver.number]).toEqual([1, number])
    }
  })

  it('are freed when their thread is gone, and what it had not published is written over', () => {
    const ring = BroadcastRing.create({ capacityBytes: 256 })
    const [dead, receiver] = [ring.producer(), ring.receiver()]
    dead.publishBytes(recordOf(0, 16))
    dead.claim(16)
    dead.claim(16)
    new Int32Array(ring.memory)[PRODUCER_THREAD] = 12_345
    expect([ring.reclaim(12_344), ring.reclaim(12_345), ring.reclaim(12_345)]).toEqual([0, 1, 0])
    const producer = ring.producer()
    for (let number = 1; number < 5; number++) producer.publishBytes(recordOf(number, 16))
    expect([receiveAll(receiver, 16), receiver.missed]).toEqual([5, 0])
  })

  it('refuse memory that is something else, and options that cannot be', () => {
    const ring = BroadcastRing.create({ capacityBytes: 512 })
    const { handle } = ring
    expect(() => BroadcastRing.attach({ ...handle, memory: new SharedArrayBuffer(8192) })).toThrow(/magic number is 0x00000000/)
    expect(() => BroadcastRing.attach({ ...handle, capacityBytes: 256 })).toThrow(/capacity in bytes is 512, expected 256/)
    for (const capacityBytes of [0, 128, 300, 2 ** 31, Number.NaN])
      expect(codeOf(() => BroadcastRing.create({ capacityBytes }))).toBe('DX_OPTION')
    for (const initialPosition of [-16, 8, 1.5])
      expect(codeOf(() => BroadcastRing.create({ capacityBytes: 256, initialPosition }))).toBe('DX_OPTION')
    expect(codeOf(() => BroadcastRing.create({ capacityBytes: 256, initialNumber: -1 }))).toBe('DX_OPTION')
    expect(codeOf(() => ring.receiver({ from: 'first' as 'next' }))).toBe('DX_OPTION')
    expect(codeOf(() => ring.receiver({ afterLap: 'next' as 'newest' }))).toBe('DX_OPTION')
  })

  it('come to an end with the ring, after what it still holds', async () => {
    const ring = BroadcastRing.create({ capacityBytes: 512 })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    producer.publishBytes(recordOf(0, 16))
    producer.claim(1)
    ring.close()
    expect(codeOf(() => producer.claim(0))).toBe('DX_CLOSED')
    producer.close()
    expect([ring.stopped, receiver.wait(), receiver.receive(), receiver.receive(), receiver.wait()]).toEqual([
      true,
      true,
      true,
      true,
      false,
    ])
    expect(await receiver.ready()).toBe(false)
    ring.halt()
    expect(codeOf(() => receiver.wait())).toBe('DX_RING_HALTED')
    expect(await codeOfAsync(receiver.ready())).toBe('DX_RING_HALTED')
  })

  it('wait for a record, for so long', async () => {
    // Nothing but the producer ends a sleep here.
    const parkingLot = ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
    const ring = BroadcastRing.create({ capacityBytes: 512, parkingLot })
    const [producer, receiver] = [ring.producer(), ring.receiver()]
    expect(codeOf(() => receiver.wait({ timeoutMs: 2 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(receiver.ready({ timeoutMs: 2 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(receiver.ready({ signal: AbortSignal.timeout(2) }))).toBe('DX_ABORTED')
    const found = receiver.ready()
    await new Promise(setImmediate)
    producer.publishBytes(recordOf(0, 16))
    expect([await found, receiver.wait(), receiver.receive()]).toEqual([true, true, true])
    receiver.close()
    receiver.close()
  })

  it('are iterated as copies, until the ring is closed', async () => {
    const ring = BroadcastRing.create({ capacityBytes: 512 })
    const producer = ring.producer()
    const seen: number[] = []
    const reading = (async () => {
      for await (const record of ring.receiver()) seen.push(...record)
    })()
    for (let i = 0; i < 5; i++) {
      await new Promise(setImmediate)
      producer.publishBytes(Uint8Array.of(i, i))
    }
    ring.close()
    await reading
    expect(seen).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
  })
})
