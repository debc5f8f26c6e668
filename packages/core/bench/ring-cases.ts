import { struct } from '@disruptorx/core'

/** The event of every case: 32 bytes of fields in a slot of 64. */
export const event = struct({ id: 'u53', price: 'u32', size: 'u32', symbol: 'u32', side: 'u8' })
export const SLOT_BYTES = 64
export const CAPACITY = 4096

/** What is measured; `raw` cases are hand-written loops over the same slots, the same fields and the same atomic stores. */
export const cases = [
  'raw.burst1',
  'raw.burst10',
  'raw.burst32',
  'spsc.publishEach',
  'spsc.publisher',
  'spsc.batch32',
  'multi.publisher',
  'bytes64',
  'messagePort',
] as const

export type Case = (typeof cases)[number]

/** What both threads of a case are given. */
export interface CaseData {
  readonly name: Case
  readonly side: 'producer' | 'consumer'
  readonly events: number
  readonly rounds: number
  /** Words: 0 the round that may run, then how many threads are done with rounds. */
  readonly gate: SharedArrayBuffer
  /** The ring of the case, as its handle, or raw memory. */
  readonly ring: unknown
  readonly consumer: unknown
}
