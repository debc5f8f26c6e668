import { CAPACITY, SLOT_BYTES } from './event.ts'
import { consuming, type Part, producing } from './part.ts'

/*
 * The floor: the ring that one would write by hand for just this event, this capacity and this burst. It writes and reads the same fields
 * at the same places of the same slots, with the same atomic stores, and does nothing else: no checks, no waking, no waiting, no 53-bit numbers.
 */

/** In words: how far is published, how far is consumed, and the slots. */
const PUBLISHED = 0
const CONSUMED = 32
const SLOTS = 64
const WORDS = SLOT_BYTES / 4
const MASK = CAPACITY - 1

export function rawMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * SLOTS + CAPACITY * SLOT_BYTES)
}

export function rawProducer(memory: SharedArrayBuffer, burst: number): Part {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  let published = 0
  let consumed = 0
  return producing(events => {
    let next = published
    for (let i = 0; i < events; ) {
      while (((next + burst - consumed) | 0) > CAPACITY) consumed = Atomics.load(words, CONSUMED)
      for (const end = i + burst; i < end; i++) {
        const slot = SLOTS + (next & MASK) * WORDS
        words[slot] = i | 0
        words[slot + 1] = (i / 4294967296) | 0
        words[slot + 2] = i & 0xffff
        words[slot + 3] = 100
        words[slot + 4] = 7
        bytes[(slot + 5) << 2] = i & 1
        next = (next + 1) | 0
      }
      Atomics.store(words, PUBLISHED, next)
    }
    published = next
  })
}

export function rawConsumer(memory: SharedArrayBuffer): Part {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  let consumed = 0
  let total = 0
  const consume = (events: number) => {
    let next = consumed
    let sum = 0
    let seen = 0
    while (seen < events) {
      const published = Atomics.load(words, PUBLISHED)
      if (next === published) continue
      seen += (published - next) | 0
      for (; next !== published; next = (next + 1) | 0) {
        const slot = SLOTS + (next & MASK) * WORDS
        const id = ((words[slot] as number) >>> 0) + (words[slot + 1] as number) * 4294967296
        sum +=
          id + (words[slot + 2] as number) + (words[slot + 3] as number) + (words[slot + 4] as number) + (bytes[(slot + 5) << 2] as number)
      }
      Atomics.store(words, CONSUMED, next)
    }
    consumed = next
    total += sum
    return seen
  }
  return consuming(consume, () => {
    const sum = total
    total = 0
    return sum
  })
}
