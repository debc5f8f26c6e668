import type { WaitStrategy } from '@disruptorx/contracts'
import { ByteRing, ParkingLot } from '@disruptorx/core'
import { describe, expect, it } from 'vitest'
import { CONSUMER_THREAD } from '../src/bytes/byte-ring-descriptor.ts'
import { codeOf, codeOfAsync } from './support.ts'

const kinds = ['single', 'multi'] as const
const eight = new Uint8Array(8)

/** Makes it look as if the consumer of the ring were on another thread. */
function consumeElsewhere(ring: ByteRing): void {
  new Int32Array(ring.memory)[CONSUMER_THREAD] = 2 ** 30 - 1
}

/** A strategy that lets something happen in place of waiting. */
function meanwhile(action: () => void): WaitStrategy {
  return {
    waitFor(_sequence, source) {
      action()
      return source.available()
    },
  }
}

/** Nothing but a wake-up ends a sleep there. */
function sleepersLot(): ParkingLot {
  return ParkingLot.create({ fallbackMs: Number.POSITIVE_INFINITY })
}

describe.each(kinds)('waiting for room in a byte ring for %s producers', producers => {
  function fullRing() {
    const ring = ByteRing.create({ capacityBytes: 64, producers, parkingLot: sleepersLot() })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    while (producer.publishBytes(eight));
    const free = () => consumer.poll(() => {}, 1)
    return { ring, producer, consumer, free }
  }

  it('blocks until there is some, and claims it', () => {
    const { ring, producer, free } = fullRing()
    consumeElsewhere(ring)
    const at = producer.claim(8, { strategy: meanwhile(free) })
    expect(at).toBeGreaterThan(0)
    expect(producer.tryClaim(8)).toBe(-1)
    expect(ring.stats().waits).toBe(1)
  })

  it('does not wait where there is some', () => {
    const { ring, producer, free } = fullRing()
    free()
    expect(producer.claim(8)).toBeGreaterThan(0)
    expect(ring.stats().waits).toBe(0)
  })

  it('ends after a time, with nothing claimed', () => {
    const { ring, producer, free } = fullRing()
    consumeElsewhere(ring)
    expect(codeOf(() => producer.claim(8, { timeoutMs: 3 }))).toBe('DX_TIMEOUT')
    expect(codeOf(() => producer.claim(8, { timeoutMs: Number.NaN }))).toBe('DX_OPTION')
    expect(ring.usedBytes).toBe(64)
    free()
    expect(producer.claim(8, { timeoutMs: 0 })).toBeGreaterThan(0)
  })

  it('is refused where the consumer that has to make room is on this thread', () => {
    const { producer, consumer } = fullRing()
    expect(codeOf(() => producer.claim(8))).toBe('DX_WOULD_DEADLOCK')
    const handler = () => producer.claim(8)
    expect(codeOf(() => consumer.poll(handler))).toBe('DX_WOULD_DEADLOCK')
  })

  it('ends when the ring is closed or halted', () => {
    for (const [stop, code] of [
      ['close', 'DX_CLOSED'],
      ['halt', 'DX_RING_HALTED'],
    ] as const) {
      const { ring, producer } = fullRing()
      consumeElsewhere(ring)
      expect(codeOf(() => producer.claim(8, { strategy: meanwhile(() => ring[stop]()) }))).toBe(code)
      expect(codeOf(() => producer.claim(8))).toBe(code)
      expect(codeOf(() => producer.tryClaim(8))).toBe(code)
      expect(codeOf(() => producer.publishBytes(eight))).toBe(code)
      expect(codeOf(() => producer.hasRoom(8))).toBe(code)
    }
  })

  it('publishes first what was claimed before', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let i = 0; i < 4; i++) producer.tryClaim(8)
    consumeElsewhere(ring)
    let seen = 0
    const strategy = meanwhile(() => {
      seen = consumer.poll(() => {})
    })
    expect(producer.claim(8, { strategy })).toBeGreaterThan(0)
    expect(seen).toBe(4)
  })

  it('goes on in an event loop meanwhile', async () => {
    const { producer, consumer, free } = fullRing()
    let ready = false
    const waiting = producer.ready(8).then(() => {
      ready = true
    })
    await new Promise(setImmediate)
    expect(ready).toBe(false)
    free()
    await waiting
    expect(producer.publishBytes(eight)).toBe(true)
    consumer.poll(() => {})
    await producer.ready(8, { timeoutMs: 0 })
  })

  it('publishes first what was claimed before, in an event loop too', async () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (let i = 0; i < 4; i++) producer.tryClaim(8)
    const waiting = producer.ready(8)
    expect(consumer.poll(() => {})).toBe(4)
    await waiting
  })

  it('ends in an event loop by time, by signal, and with the ring', async () => {
    const { ring, producer } = fullRing()
    expect(await codeOfAsync(producer.ready(8, { timeoutMs: 3 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(producer.ready(8, { timeoutMs: -1 }))).toBe('DX_OPTION')
    expect(await codeOfAsync(producer.ready(9))).toBe('DX_RECORD_TOO_LARGE')
    expect(await codeOfAsync(producer.ready(8, { signal: AbortSignal.abort() }))).toBe('DX_ABORTED')
    const controller = new AbortController()
    const aborted = codeOfAsync(producer.ready(8, { signal: controller.signal }))
    const closed = codeOfAsync(producer.ready(8))
    await new Promise(setImmediate)
    controller.abort()
    expect(await aborted).toBe('DX_ABORTED')
    ring.close()
    expect(await closed).toBe('DX_CLOSED')
    ring.halt()
    expect(await codeOfAsync(producer.ready(8))).toBe('DX_RING_HALTED')
    ring.close()
    expect(await codeOfAsync(producer.ready(8))).toBe('DX_RING_HALTED')
  })
})

describe.each(kinds)('waiting for a record of a byte ring for %s producers', producers => {
  function emptyRing() {
    const ring = ByteRing.create({ capacityBytes: 64, producers, parkingLot: sleepersLot() })
    return { ring, producer: ring.producer(), consumer: ring.consumer() }
  }

  it('blocks until there is one', () => {
    const { producer, consumer } = emptyRing()
    expect(consumer.wait({ strategy: meanwhile(() => producer.publishBytes(eight)) })).toBe(true)
    expect(consumer.wait({ timeoutMs: 0 })).toBe(true)
    consumer.poll(() => {})
    expect(codeOf(() => consumer.wait({ timeoutMs: 3 }))).toBe('DX_TIMEOUT')
  })

  it('ends with the ring, after the records that it still holds', async () => {
    const { ring, producer, consumer } = emptyRing()
    const strategy: WaitStrategy = {
      waitFor(_sequence, source) {
        const available = source.available()
        producer.publishBytes(eight)
        ring.close()
        return available
      },
    }
    expect(consumer.wait({ strategy })).toBe(true)
    expect(await consumer.ready()).toBe(true)
    consumer.poll(() => {})
    expect(consumer.wait()).toBe(false)
    expect(await consumer.ready()).toBe(false)
    ring.halt()
    expect(codeOf(() => consumer.wait())).toBe('DX_RING_HALTED')
    expect(await codeOfAsync(consumer.ready())).toBe('DX_RING_HALTED')
  })

  it('goes on in an event loop meanwhile, and ends there by time and by signal', async () => {
    const { producer, consumer } = emptyRing()
    const found = consumer.ready()
    await new Promise(setImmediate)
    producer.publishBytes(eight)
    expect(await found).toBe(true)
    consumer.poll(() => {})
    expect(await codeOfAsync(consumer.ready({ timeoutMs: 3 }))).toBe('DX_TIMEOUT')
    expect(await codeOfAsync(consumer.ready({ signal: AbortSignal.timeout(3) }))).toBe('DX_ABORTED')
  })
})

describe.each(kinds)('polling a byte ring for %s producers', producers => {
  it('hands out so many records and releases them', () => {
    const ring = ByteRing.create({ capacityBytes: 128, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (const first of [1, 2, 3]) producer.publishBytes(Uint8Array.of(first))
    const seen: (number | undefined)[] = []
    const handler = (bytes: Uint8Array, offset: number, length: number) => seen.push(length === 1 ? bytes[offset] : undefined)
    expect(consumer.poll(handler, 2)).toBe(2)
    expect([seen, ring.usedBytes]).toEqual([[1, 2], 16])
    expect([consumer.poll(handler), consumer.poll(handler)]).toEqual([1, 0])
    expect([seen, ring.usedBytes]).toEqual([[1, 2, 3], 0])
    for (const limit of [0, -1, 1.5, Number.NaN]) expect(codeOf(() => consumer.poll(handler, limit))).toBe('DX_OPTION')
  })

  it('keeps the record at which the handler throws, and releases what came before', () => {
    const ring = ByteRing.create({ capacityBytes: 128, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (const length of [1, 2, 3]) producer.publishBytes(new Uint8Array(length))
    const handler = (_bytes: Uint8Array, _offset: number, length: number) => {
      if (length === 2) throw new Error('poison')
    }
    for (let round = 0; round < 2; round++) expect(() => consumer.poll(handler)).toThrow('poison')
    expect([ring.usedBytes, consumer.length]).toEqual([32, 2])
    consumer.advance()
    expect(consumer.poll(handler)).toBe(1)
  })

  it('copies short and long records in whole', () => {
    const ring = ByteRing.create({ capacityBytes: 1024, producers })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    for (const length of [0, 1, 47, 48, 49, 50, 248]) {
      const record = Uint8Array.from({ length }, (_, i) => length + i)
      expect(producer.publishBytes(record)).toBe(true)
      consumer.poll((bytes, offset, size) => expect(bytes.slice(offset, offset + size)).toEqual(record))
    }
    expect(ring.usedBytes).toBe(0)
  })
})

describe('a closed byte ring', () => {
  it('takes no more records: at once from several producers, from a single one when it next looks for room', () => {
    const multi = ByteRing.create({ capacityBytes: 64, producers: 'multi' })
    const single = ByteRing.create({ capacityBytes: 64 })
    const [one, only] = [multi.producer(), single.producer()]
    for (const ring of [multi, single]) {
      expect(ring.stopped).toBe(false)
      ring.close()
      expect(ring.stopped).toBe(true)
    }
    expect(codeOf(() => one.tryClaim(0))).toBe('DX_CLOSED')
    for (let i = 0; i < 8; i++) expect(only.tryClaim(0)).toBeGreaterThan(0)
    expect(codeOf(() => only.tryClaim(0))).toBe('DX_CLOSED')
  })

  it('still shows what was claimed before, once that is published', () => {
    const ring = ByteRing.create({ capacityBytes: 64, producers: 'multi' })
    const [producer, consumer] = [ring.producer(), ring.consumer()]
    producer.tryClaim(1)
    ring.close()
    producer.close()
    expect([consumer.peek(), consumer.length]).toEqual([true, 1])
  })
})
