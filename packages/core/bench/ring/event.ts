import { type Infer, struct } from '@disruptorx/core'

/** The event of every case: 21 bytes of fields in a slot of 64. */
export const event = struct({ id: 'u53', price: 'u32', size: 'u32', symbol: 'u32', side: 'u8' })
export type Event = Infer<typeof event>

export const SLOT_BYTES = 64
export const CAPACITY = 4096

/** Writes the event number `i` of a chunk. */
export function write(view: { -readonly [Field in keyof Event]: number }, i: number): void {
  view.id = i
  view.price = i & 0xffff
  view.size = 100
  view.symbol = 7
  view.side = i & 1
}

/** What the fields of the first `events` events of a chunk add up to. */
export function checksum(events: number): number {
  let sum = 0
  for (let i = 0; i < events; i++) sum += i + (i & 0xffff) + 107 + (i & 1)
  return sum
}
