import { ByteRing, type ByteRingHandle } from '@disruptorx/core'
import { CAPACITY, SLOT_BYTES } from './event.ts'
import type { Reader, Writer } from './part.ts'

/** Records between two stores of the producer's position, and the most between two of the consumer's. */
const BURST = 32
const RELEASE = 256

/** What both threads of a byte ring share. */
export function shareBytes(): ByteRingHandle {
  return ByteRing.create({ capacityBytes: CAPACITY * SLOT_BYTES }).handle
}

/** Writes records of the size of a slot. */
export function bytesWriter(handle: ByteRingHandle): Writer {
  const ring = ByteRing.attach(handle)
  const producer = ring.producer()
  const words = new Int32Array(ring.memory)
  return {
    write(events) {
      for (let i = 0; i < events; ) {
        for (const end = i + BURST; i < end; i++) {
          let offset = producer.tryClaim(SLOT_BYTES)
          while (offset < 0) {
            producer.publish()
            offset = producer.tryClaim(SLOT_BYTES)
          }
          const word = offset >> 2
          words[word] = i | 0
          words[word + 1] = (i / 4294967296) | 0
          words[word + 2] = i & 0xffff
          words[word + 3] = 100
          words[word + 4] = 7
          ring.bytes[offset + 20] = i & 1
        }
        producer.publish()
      }
    },
    close: () => producer.close(),
  }
}

/** Reads them in place. */
export function bytesReader(handle: ByteRingHandle): Reader {
  const ring = ByteRing.attach(handle)
  const consumer = ring.consumer()
  const words = new Int32Array(ring.memory)
  const tally = { seen: 0, sum: 0 }
  return {
    tally,
    read(events) {
      let seen = 0
      let sum = 0
      while (seen < events) {
        for (let batch = 0; batch < RELEASE && consumer.peek(); batch++) {
          const word = consumer.offset >> 2
          const id = ((words[word] as number) >>> 0) + (words[word + 1] as number) * 4294967296
          sum += id + (words[word + 2] as number) + (words[word + 3] as number) + (words[word + 4] as number)
          sum += ring.bytes[consumer.offset + 20] as number
          consumer.advance()
          seen++
        }
        consumer.release()
      }
      tally.seen = seen
      tally.sum = sum
    },
    close: () => consumer.close(),
  }
}
