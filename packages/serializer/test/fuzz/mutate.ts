import { crc32 } from 'node:zlib'
import type { SeededRandom } from '@disruptorx/testkit'
import { randomPayload } from '../support/batches.ts'

const numbers = [
  0,
  1,
  7,
  8,
  23,
  24,
  63,
  64,
  65,
  255,
  4095,
  4096,
  4097,
  8191,
  8192,
  8193,
  65_535,
  2 ** 20,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
]

/** What malice puts into msgpack and JSON: counts and lengths without anything behind them, keys of prototypes, depth without end. */
const malice = [
  Uint8Array.of(0xdd, 0, 1, 0, 0),
  Uint8Array.of(0xdf, 0, 1, 0, 0),
  Uint8Array.of(0xc6, 0, 1, 0, 0),
  Buffer.from('\x81\xa9__proto__\x81\xa1x\x01', 'latin1'),
  Buffer.from('{"__proto__":{"x":1}}'),
  new Uint8Array(300).fill(0x91),
  new Uint8Array(300).fill(0x5b),
]

/** One change, of the kinds that damage and malice make. */
function change(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return randomPayload(random, random.between(1, 30))
  const at = random.below(bytes.length)
  const end = Math.min(bytes.length, at + random.between(1, 40))
  const without = () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
  switch (random.below(8)) {
    case 0:
      return without()
    case 1:
      return Buffer.concat([bytes.subarray(0, at), randomPayload(random, random.between(1, 40)), bytes.subarray(at)])
    case 2:
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end)])
    case 3:
      return bytes.slice(0, at)
    case 4: {
      const changed = Buffer.from(bytes)
      if (at + 4 <= bytes.length) changed.writeUInt32LE(random.pick(numbers), at)
      return changed
    }
    case 5:
      return Buffer.concat([bytes.subarray(0, at), random.pick(malice), bytes.subarray(random.chance(0.5) ? at + 1 : end)])
    default:
      return flip(random, bytes)
  }
}

/** Other bytes of the same length: one of them has another value. */
export function flip(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice()
  const at = random.below(bytes.length)
  changed[at] = (changed[at] as number) ^ (random.chance(0.5) ? 1 << random.below(8) : random.between(1, 255))
  return changed
}

/** A few changes one after another. */
export function mutate(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  let changed = bytes
  for (let i = random.between(1, 4); i > 0; i--) changed = change(random, changed)
  return changed
}

/** Makes the CRCs of batches right again, so that what was changed gets past them. */
export function repairCrcs(bytes: Uint8Array): Uint8Array {
  const repaired = Buffer.from(bytes)
  for (let at = 0; at + 24 <= repaired.length; ) {
    const crc = crc32(repaired.subarray(at, at + 16))
    repaired.writeUInt32LE(crc, at + 16)
    const end = at + 24 + repaired.readUInt32LE(at + 4)
    if (end > repaired.length) break
    repaired.writeUInt32LE(crc32(repaired.subarray(at + 24, end), crc), at + 20)
    at = end
  }
  return repaired
}
