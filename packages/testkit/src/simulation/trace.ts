import { crc32, wholeNumber } from '@disruptorx/contracts/internal'

/** The values of a trace record, in the order in which they are printed. */
export type TraceFields = Readonly<Record<string, string | number | boolean | undefined>>

/** One thing that happened in a simulation. */
export interface TraceRecord {
  /** Number of the event during which it happened, counted from 1; 0 before the first. */
  readonly event: number
  /** Moment, in nanoseconds since the simulation began. */
  readonly atNs: number
  /** Who did it or whom it befell: a node, a disk, a link. */
  readonly source: string
  /** What happened, in a word or two. */
  readonly what: string
  readonly fields: TraceFields | undefined
  /** Whether it is something that went wrong, by chance or by order, and not what code under test does. */
  readonly isFault: boolean
}

/** What a trace keeps. */
export interface TraceOptions {
  /** Newest records kept; the digest covers all of them. From 1 to 10,000,000. @default 100_000 */
  readonly maxRecords?: number
}

/**
 * What happened in a simulation, record by record: the same to the last byte for two runs of one seed.
 *
 * Whoever records asks first whether there is a trace, so that a run without one pays for nothing: `sim.trace?.record('n1', 'crash')`.
 */
export class Trace {
  readonly #maxRecords: number
  #records: TraceRecord[] = []
  #total = 0
  #digest = 0
  #now: () => { readonly event: number; readonly atNs: number }

  constructor(now: () => { readonly event: number; readonly atNs: number }, options: TraceOptions = {}) {
    this.#maxRecords = wholeNumber('maxRecords', options.maxRecords ?? 100_000, 1, 10_000_000)
    this.#now = now
  }

  /** Takes note of something that happens now. */
  record(source: string, what: string, fields?: TraceFields): void {
    this.#add(source, what, fields, false)
  }

  /** Takes note of something that goes wrong now. */
  fault(source: string, what: string, fields?: TraceFields): void {
    this.#add(source, what, fields, true)
  }

  /** The newest records, oldest first. */
  records(last = this.#maxRecords): readonly TraceRecord[] {
    return this.#records.slice(-Math.min(last, this.#maxRecords))
  }

  /** How many records there were, those no longer kept included. */
  get total(): number {
    return this.#total
  }

  /** A checksum of every record there was: two runs with one digest and one total did the same. */
  get digest(): string {
    return this.#digest.toString(16).padStart(8, '0')
  }

  /** The newest records as lines for people, oldest first. */
  lines(last?: number): string[] {
    return this.records(last).map(formatRecord)
  }

  #add(source: string, what: string, fields: TraceFields | undefined, isFault: boolean): void {
    const { event, atNs } = this.#now()
    const record = { event, atNs, source, what, fields, isFault }
    this.#total++
    const bytes = encoder.encode(formatRecord(record))
    this.#digest = crc32(bytes, 0, bytes.length, this.#digest)
    this.#records.push(record)
    // Dropping half at a time costs little for each record.
    if (this.#records.length >= 2 * this.#maxRecords) this.#records = this.#records.slice(-this.#maxRecords)
  }
}

const encoder = new TextEncoder()

/** How the line of a fault begins. */
export const FAULT_MARK = '!'

/** A record as a line: a mark for faults, event, milliseconds, source, what happened, values. */
export function formatRecord({ event, atNs, source, what, fields, isFault }: TraceRecord): string {
  const head = `${isFault ? FAULT_MARK : ' '}${`#${event}`.padStart(8)} ${(atNs / 1e6).toFixed(6).padStart(16)} ms  ${source.padEnd(14)} ${what}`
  if (fields === undefined) return head
  const values = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  return values.length === 0 ? head : `${head}  ${values.join(' ')}`
}
