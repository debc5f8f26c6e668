import { struct } from '@disruptorx/layout'

/**
 * An entry of the log: one proposal, a batch of events. Little-endian; every part begins at a multiple of 8.
 *
 * ```
 *  byte 0        2        4         8            16
 *  +--------+--------+---------+------------+---------------------------+---------------------------+---
 *  | format | unused | count   | time (f64) | event 0                   | event 1                   | ...
 *  +--------+--------+---------+------------+---------------------------+---------------------------+---
 *
 *  event:  0            8            16       18       20        24
 *          +------------+------------+--------+--------+---------+------------------+
 *          | client     | number     | type   | flags  | length  | payload, to 8    |
 *          +------------+------------+--------+--------+---------+------------------+
 * ```
 * `time` is the log's time in milliseconds since 1970. Event type 0 belongs to the system, all others to the application.
 */
export const entryHeader = struct({ format: 'u16', unused: 'u16', count: 'u32', time: 'f64' })

/** What precedes each event's payload. See {@link entryHeader}. */
export const eventHeader = struct({ client: 'u53', number: 'u53', type: 'u16', flags: 'u16', length: 'u32' })

/** The format that this version writes, and the newest that it reads. */
export const ENTRY_FORMAT = 1

/** Flag of an event: its publisher waits for the reply. */
export const WANTS_REPLY = 1

/** Type of the system's event that makes a version of the application active. */
export const TYPE_ACTIVATE = 0

/** Payload of {@link TYPE_ACTIVATE}: which application, and what its events look like. */
export const activation = struct({ version: 'u32', hash: 'u32' })

/** Most bytes of an entry. */
export const MAX_ENTRY_BYTES = 64 * 1024

/** Most bytes of one event's payload, so that any event fits an entry. */
export const MAX_PAYLOAD_BYTES = 4096

/** Rounds a length up to where the next event may begin. */
export function padded(length: number): number {
  return (length + 7) & ~7
}
