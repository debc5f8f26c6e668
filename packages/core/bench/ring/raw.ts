import { CAPACITY, SLOT_BYTES } from './event.ts'
import { alone, type Part, type Reader, type Writer } from './part.ts'

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

/** Memory of a raw ring. */
export function rawMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * SLOTS + CAPACITY * SLOT_BYTES)
}

/** Makes `burst` events visible at a time. */
export function rawWriter(memory: SharedArrayBuffer, burst: number): Writer {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  let published = 0
  let consumed = 0
  return {
    write(events) {
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
    },
  }
}

/** Reads whatever there is, and releases it together. */
export function rawReader(memory: SharedArrayBuffer): Reader {
  const words = new Int32Array(memory)
  const bytes = new Uint8Array(memory)
  let consumed = 0
  const tally = { seen: 0, sum: 0 }
  return {
    tally,
    read(events) {
      let seen = 0
      let sum = 0
      let next = consumed
      while (seen < events) {
        const published = Atomics.load(words, PUBLISHED)
        if (next === published) continue
        seen += (published - next) | 0
        for (; next !== published; next = (next + 1) | 0) {
          const slot = SLOTS + (next & MASK) * WORDS
          const id = ((words[slot] as number) >>> 0) + (words[slot + 1] as number) * 4294967296
          const price = words[slot + 2] as number
          const rest = (words[slot + 3] as number) + (words[slot + 4] as number) + (bytes[(slot + 5) << 2] as number)
          sum += id + price + rest
        }
        Atomics.store(words, CONSUMED, next)
      }
      consumed = next
      tally.seen = seen
      tally.sum = sum
    },
  }
}

/** The distance of the two cores: a word there and a word back, in two lines. */
export function rawPing(memory: SharedArrayBuffer): Part {
  const words = new Int32Array(memory)
  const bounce = alone(times => {
    for (let i = 1; i <= times; i++) {
      Atomics.store(words, PUBLISHED, i)
      while (Atomics.load(words, CONSUMED) !== i);
    }
  })
  return {
    play(round) {
      let chunks = 0
      const startNs = process.hrtime.bigint()
      for (; round.announce(chunks); chunks++) bounce(round.chunk)
      const ns = Number(process.hrtime.bigint() - startNs)
      return { events: chunks * round.chunk, figures: { 'raw.roundTripNs': ns / (chunks * round.chunk) } }
    },
  }
}

/** The other end of {@link rawPing}. */
export function rawPong(memory: SharedArrayBuffer): Part {
  const words = new Int32Array(memory)
  const bounce = alone(times => {
    for (let i = 1; i <= times; i++) {
      while (Atomics.load(words, PUBLISHED) !== i);
      Atomics.store(words, CONSUMED, i)
    }
  })
  return {
    play(round) {
      let seen = 0
      for (let limit = round.limit(0); seen < limit; seen += round.chunk, limit = round.limit(seen)) bounce(round.chunk)
      return { events: seen }
    },
  }
}
