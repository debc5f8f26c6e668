import { expect } from 'vitest'
import type { BroadcastReceiver } from '../src/bytes/broadcast-receiver.ts'

/** Record `number`: its length and every byte follow from that. */
export function recordOf(number: number, most: number): Uint8Array {
  return Uint8Array.from({ length: (number * 7) % (most + 1) }, (_, i) => number + i)
}

/** Receives everything there is, checks it, and returns how many records that were. */
export function receiveAll(receiver: BroadcastReceiver, most: number): number {
  let count = 0
  while (receiver.receive()) {
    expect(receiver.copy()).toEqual(recordOf(receiver.number, most))
    count++
  }
  return count
}
