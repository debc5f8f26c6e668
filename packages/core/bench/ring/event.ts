import { type Infer, struct } from '@disruptorx/core'

/** The event of every case: 21 bytes of fields in a slot of 64. */
export const event = struct({ id: 'u53', price: 'u32', size: 'u32', symbol: 'u32', side: 'u8' })
export type Event = Infer<typeof event>

export const SLOT_BYTES = 64
export const CAPACITY = 4096

/**
 * What the fields of the first `events` events of a chunk add up to. Event `i` has `i` as its id, `i & 0xffff` as its price, 100 as its size, 7 as its
 * symbol and `i & 1` as its side; each hot loop says so itself, as its own function is what a user would write.
 */
export function checksum(events: number): number {
  let sum = 0
  for (let i = 0; i < events; i++) sum += i + (i & 0xffff) + 107 + (i & 1)
  return sum
}
