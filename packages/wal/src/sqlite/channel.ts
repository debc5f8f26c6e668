import { ByteRing, type ByteRingHandle, ParkingLot, SharedFlag, type SharedFlagHandle, SharedSequence } from '@disruptorx/core'
import type { LogChange } from '../memory/log-backend.ts'

/**
 * A request in the ring:
 * ```
 *  0      4        8              16             24            32
 *  +------+--------+--------------+--------------+-------------+------+------+
 *  | kind | log id | index as f64 | term as f64  | name length | name | data |
 *  +------+--------+--------------+--------------+-------------+------+------+
 * ```
 */
export const REQUEST_HEADER_BYTES = 32
const LOG_ID = 4
const INDEX = 8
const TERM = 16
const NAME_LENGTH = 24

/** What can be asked of the journal's thread. The place in this list is the number in a request. */
const requestKinds = ['append', 'truncate-after', 'truncate-before', 'reset', 'snapshot', 'value', 'drop', 'read'] as const

export type RequestKind = LogChange | 'append' | 'read'

/** Writes a request's header where it was claimed. Returns where its data goes. */
export function writeHeader(
  view: DataView,
  at: number,
  kind: RequestKind,
  logId: number,
  index: number,
  term: number,
  name: number,
): number {
  view.setUint32(at, requestKinds.indexOf(kind), true)
  view.setUint32(at + LOG_ID, logId, true)
  view.setFloat64(at + INDEX, index, true)
  view.setFloat64(at + TERM, term, true)
  view.setUint32(at + NAME_LENGTH, name, true)
  return at + REQUEST_HEADER_BYTES
}

/** One request as the journal's thread sees it. Used again for each. */
export class Request {
  kind: RequestKind = 'append'
  logId = 0
  index = 0
  term = 0
  nameLength = 0

  read(view: DataView, at: number): void {
    this.kind = requestKinds[view.getUint32(at, true)] as RequestKind
    this.logId = view.getUint32(at + LOG_ID, true)
    this.index = view.getFloat64(at + INDEX, true)
    this.term = view.getFloat64(at + TERM, true)
    this.nameLength = view.getUint32(at + NAME_LENGTH, true)
  }
}

/** What a journal and its thread share, as it crosses to that thread. */
export interface SqliteChannelHandle {
  readonly ring: ByteRingHandle
  readonly stop: SharedFlagHandle
  readonly progress: SharedArrayBuffer
}

/** What a journal and its thread share: requests one way, progress the other. */
export class SqliteChannel {
  readonly ring: ByteRing
  readonly parkingLot: ParkingLot
  /** Raised to end the journal's thread. */
  readonly stop: SharedFlag
  /** Everything up to this LSN is durable. */
  readonly durableLsn: SharedSequence
  readonly handle: SqliteChannelHandle

  private constructor(ring: ByteRing, stop: SharedFlag, progress: SharedArrayBuffer, initial?: number) {
    this.ring = ring
    this.parkingLot = ring.parkingLot
    this.stop = stop
    this.durableLsn = new SharedSequence(progress, 0, initial)
    this.handle = { ring: ring.handle, stop: stop.handle, progress }
  }

  static create(bufferBytes: number): SqliteChannel {
    const parkingLot = ParkingLot.create({ maxThreads: 4 })
    const ring = ByteRing.create({ capacityBytes: bufferBytes, parkingLot })
    return new SqliteChannel(ring, SharedFlag.create(parkingLot), new SharedArrayBuffer(SharedSequence.BYTES), 0)
  }

  static attach(handle: SqliteChannelHandle): SqliteChannel {
    return new SqliteChannel(ByteRing.attach(handle.ring), SharedFlag.attach(handle.stop), handle.progress)
  }
}
