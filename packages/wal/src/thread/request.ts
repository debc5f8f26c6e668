import type { LogChange } from '../log/log-backend.ts'

/**
 * A request in the ring:
 * ```
 *  0      4        8              16             24
 *  +------+--------+--------------+--------------+------+
 *  | kind | log id | index as f64 | term as f64  | data |
 *  +------+--------+--------------+--------------+------+
 * ```
 * Of a reading, index and term are the first and the last index to read, and the data is its number, most entries and most bytes, as f64 each.
 */
export const REQUEST_HEADER_BYTES = 24
const LOG_ID = 4
const INDEX = 8
const TERM = 16

/** What can be asked of a journal's thread. The place in this list is the number in a request. */
const requestKinds = ['append', 'truncate-after', 'truncate-before', 'reset', 'snapshot', 'value', 'drop', 'read'] as const

/** What is asked: an entry to be appended, another change, or a reading. */
export type RequestKind = LogChange | 'append' | 'read'

/** The number of a request to append. */
export const APPEND = 0

// Hot: once per append.
/** Writes a request's header where it was claimed. Returns where its data goes. */
export function writeHeader(view: DataView, at: number, kind: number, logId: number, index: number, term: number): number {
  view.setUint32(at, kind, true)
  view.setUint32(at + LOG_ID, logId, true)
  view.setFloat64(at + INDEX, index, true)
  view.setFloat64(at + TERM, term, true)
  return at + REQUEST_HEADER_BYTES
}

/** The number of a kind. */
export function kindNumber(kind: RequestKind): number {
  return requestKinds.indexOf(kind)
}

/** The requests in a ring's memory, as the journal's thread sees them. */
export class Requests {
  readonly #view: DataView

  constructor(memory: SharedArrayBuffer) {
    this.#view = new DataView(memory)
  }

  /** Whether the request there is to append. */
  appends(at: number): boolean {
    return this.#view.getUint32(at, true) === APPEND
  }

  kind(at: number): RequestKind {
    return requestKinds[this.#view.getUint32(at, true)] as RequestKind
  }

  logId(at: number): number {
    return this.#view.getUint32(at + LOG_ID, true)
  }

  index(at: number): number {
    return this.#view.getFloat64(at + INDEX, true)
  }

  term(at: number): number {
    return this.#view.getFloat64(at + TERM, true)
  }

  /** A request to read. */
  reading(at: number): ReadRequest {
    const [request, maxEntries, maxBytes] = [0, 8, 16].map(offset => this.#view.getFloat64(at + REQUEST_HEADER_BYTES + offset, true)) as [
      number,
      number,
      number,
    ]
    return { request, logId: this.logId(at), from: this.index(at), to: this.term(at), maxEntries, maxBytes }
  }
}

/** Durable entries of a log that are asked for. */
export interface ReadRequest {
  /** What its answer is known by. */
  readonly request: number
  readonly logId: number
  readonly from: number
  readonly to: number
  readonly maxEntries: number
  /** Reading stops once there are so many. */
  readonly maxBytes: number
}

/** The data of a {@link ReadRequest}. */
export function encodeReading(request: number, maxEntries: number, maxBytes: number): Uint8Array {
  return new Uint8Array(new Float64Array([request, maxEntries, maxBytes]).buffer)
}
