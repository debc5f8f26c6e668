import type { Clock, Files, Step } from '@disruptorx/contracts'
import { type FileTask, perform, wholeNumber } from '@disruptorx/contracts/internal'
import { JournalCorruptError, unreadableError } from '../errors.ts'
import { SECTOR_BYTES } from '../format/descriptor.ts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { BatchSource } from '../segments/batch-source.ts'
import { segmentPath } from '../segments/directory.ts'
import type { Repairer } from '../segments/repair.ts'
import { isGone } from '../segments/retire-segment.ts'
import type { ReadableSegments } from './reader.ts'

/** Most damages that a report names. */
const MOST_NAMED = 64
/** With nothing to check, how soon to look again, in milliseconds. */
const IDLE_MS = 1000
/** How often to look at a disk that answers later, in milliseconds. */
const POLL_MS = 1

/** How a journal is scrubbed. */
export interface ScrubberOptions {
  /** Most bytes checked in a second: 4 KiB to 1 GiB. @default 8 MiB */
  readonly bytesPerSecond?: number
  /** Called for each damage that is found and could not be repaired. @default the report tells */
  readonly onDamage?: (damage: JournalCorruptError) => void
}

/** What a scrubber has done so far. */
export interface ScrubReport {
  /** Times that every full segment was checked. */
  readonly passes: number
  readonly bytes: number
  readonly batches: number
  /** Batches that were damaged and are good again. */
  readonly repaired: number
  /** Damages that were not: the first 64 of them. */
  readonly damages: readonly JournalCorruptError[]
}

/** What a scrubber works on. */
export interface ScrubberParts {
  readonly files: Files
  readonly segments: ReadableSegments
  readonly keys: Keys
  readonly clock: Clock
  readonly repairer: Repairer | undefined
}

/** Reads full segments again and again, at a given rate, and checks every byte: damage is found while there is still another copy to repair it from. */
export class Scrubber implements Step {
  readonly #parts: ScrubberParts
  readonly #nsPerByte: number
  readonly #onDamage: ((damage: JournalCorruptError) => void) | undefined
  readonly #damages: JournalCorruptError[] = []
  #passes = 0
  #bytes = 0
  #batches = 0
  #repaired = 0
  /** The last segment that was checked in this pass. */
  #checked = 0
  /** How the segment in hand goes on; bytes checked at each turn. */
  #segment: Generator<number | undefined, void, undefined> | undefined
  /** No more is read before this moment. */
  #dueNs = 0

  /** @internal Scrubbers come from a journal. @throws {OptionError} */
  constructor(parts: ScrubberParts, options: ScrubberOptions) {
    this.#parts = parts
    this.#nsPerByte = 1e9 / wholeNumber('bytesPerSecond', options.bytesPerSecond ?? 8 * 1024 ** 2, 4 * 1024, 1024 ** 3)
    this.#onDamage = options.onDamage
  }

  /** What was done so far. */
  get report(): ScrubReport {
    return { passes: this.#passes, bytes: this.#bytes, batches: this.#batches, repaired: this.#repaired, damages: [...this.#damages] }
  }

  /** Checks one batch, if one is due. @throws the file system's error */
  step(): number {
    const now = this.#parts.clock.monotonicNs()
    if (now < this.#dueNs) return (this.#dueNs - now) / 1e6
    this.#segment ??= this.#next()
    if (this.#segment === undefined) return IDLE_MS
    const { done, value } = this.#segment.next()
    if (done) this.#segment = undefined
    if (value === undefined) return done ? 0 : POLL_MS
    this.#bytes += value
    this.#dueNs = now + value * this.#nsPerByte
    return (value * this.#nsPerByte) / 1e6
  }

  /** Ends: lets go of the file. */
  close(): void {
    this.#segment?.return()
    this.#segment = undefined
  }

  #next(): Generator<number | undefined, void, undefined> | undefined {
    const { headers } = this.#parts.segments
    const slot = headers.findIndex(header => header.id > this.#checked)
    const header = headers[slot]
    const after = headers[slot + 1]
    if (header === undefined || after === undefined) {
      if (this.#checked > 0) this.#passes++
      this.#checked = 0
      return undefined
    }
    this.#checked = header.id
    return this.#check(header, after.firstLsn)
  }

  *#check(header: SegmentHeader, endLsn: number): Generator<number | undefined, void, undefined> {
    const { files, segments, keys } = this.#parts
    let handle = -1
    try {
      handle = (yield* perform(files, { operation: 'open', path: segmentPath(segments.dir, header.id), mode: 'read' })).result
      yield* this.#follow(new BatchSource(files, handle, header, keys), endLsn)
    } catch (error) {
      if (!isGone(error)) throw error
    } finally {
      if (handle >= 0) yield* perform(files, { operation: 'close', handle })
    }
  }

  *#follow(source: BatchSource, endLsn: number): Generator<number | undefined, void, undefined> {
    const { header, segment } = source
    let offset = segment.dataOffset
    let nextLsn = segment.firstLsn
    let chain = segment.chain
    while (nextLsn < endLsn) {
      const reason = yield* this.#judge(source, offset, nextLsn, chain)
      const { fault } = source
      if (reason !== undefined && !(yield* this.#repair(source, { offset, firstLsn: nextLsn, chain, reason }))) {
        if (fault !== undefined && this.#isNeeded(segment)) throw unreadableError(segment.id, offset, 'a batch', fault)
        this.#found(new JournalCorruptError({ segment: segment.id, offset, reason }))
        return
      }
      if (reason !== undefined) continue
      offset += header.paddedBytes
      nextLsn = header.lastLsn + 1
      chain = header.crc
      this.#batches++
      yield header.paddedBytes
    }
  }

  *#judge(source: BatchSource, offset: number, nextLsn: number, chain: number): FileTask<string | undefined> {
    const { header, segment } = source
    if (offset + SECTOR_BYTES > segment.bytes) return 'the segment ends before its last batch'
    if ((yield* source.headerAt(offset)) !== 'batch') return 'the header of the batch is damaged'
    if (header.firstLsn !== nextLsn || header.chain !== chain || header.count === 0) return 'another batch than the one that belongs there'
    return (yield* source.bodyAt(offset)) ? undefined : 'the records of the batch are damaged'
  }

  *#repair(source: BatchSource, expected: Parameters<Repairer['repair']>[1]): FileTask<boolean> {
    const { repairer, segments } = this.#parts
    // A segment that was freed meanwhile may hold anything.
    if (!segments.headers.includes(source.segment)) return false
    const repaired = repairer !== undefined && (yield* repairer.repair(source, expected))
    if (repaired) this.#repaired++
    return repaired
  }

  /** Whether a segment was not freed meanwhile: then it may hold anything. */
  #isNeeded({ id }: { readonly id: number }): boolean {
    return this.#parts.segments.headers.some(header => header.id === id)
  }

  #found(damage: JournalCorruptError): void {
    if (!this.#isNeeded({ id: damage.details.segment as number })) return
    if (this.#damages.length < MOST_NAMED) this.#damages.push(damage)
    this.#onDamage?.(damage)
  }
}
