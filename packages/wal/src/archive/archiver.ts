import type { Clock, Step } from '@disruptorx/contracts'
import { TimeoutError } from '@disruptorx/contracts'
import type { Keys } from '../format/keys.ts'
import type { SegmentHeader } from '../format/segment-header.ts'
import { type AsyncFiles, fileBytes } from '../segments/async-files.ts'
import { segmentPath } from '../segments/directory.ts'
import type { ArchiveGate } from './archive-gate.ts'
import { checkArchived, copySegment, type FullSegment, readCardOrNone } from './copy-segment.ts'
import { localHeaders } from './local-segments.ts'
import { cardObject, segmentObject } from './objects.ts'
import type { ResolvedArchiveOptions } from './options.ts'
import { adoptArchive } from './own-archive.ts'

/** How archiving goes. */
export interface ArchiveReport {
  /** Whether there is nothing to do, an attempt is under way, the next one is waited for after a failure, or the journal is closed. */
  readonly state: 'idle' | 'working' | 'waiting' | 'ended'
  /** The newest segment that is archived, or given up; 0 before any. */
  readonly archived: number
  /** Segments archived since the start, and their bytes. */
  readonly segments: number
  readonly bytes: number
  /** Full segments that are not archived yet. */
  readonly held: number
  /** Failures in a row. */
  readonly failures: number
  readonly lastFailure: Error | undefined
  /** Segments that were given up, because more than `maxHeldBytes` waited: the archive lacks them. */
  readonly givenUp: number
  /** Segments removed from the archive, because it had more than `keepSegments`. */
  readonly removed: number
}

/** What an archiver works with. */
export interface ArchiverParts {
  readonly dir: string
  readonly files: AsyncFiles
  readonly keys: Keys
  readonly clock: Clock
  readonly gate: ArchiveGate
  readonly options: ResolvedArchiveOptions
  /** Called when something has come to an end: a step is due. */
  readonly onProgress: () => void
}

/**
 * Copies the full segments of an open journal to an archive, oldest first, and lets the journal free those that are there. One attempt is under way at a time;
 * a failure delays the next one, and never the journal.
 */
export class Archiver implements Step {
  readonly #parts: ArchiverParts
  #attempt: AbortController | undefined
  #deadlineNs = 0
  #dueNs = 0
  #ended = false
  /** What the archive holds, ascending; `undefined` until it was looked at. */
  #known: number[] | undefined
  #journalId = ''
  #held: readonly number[] = []
  #segments = 0
  #bytes = 0
  #failures = 0
  #lastFailure: Error | undefined
  #givenUp = 0
  #removed = 0
  /** What the journal had told at the last look. */
  #told = -1
  /** Attempts that were begun. */
  attempts = 0
  /** The newest attempt after which nothing waited to be archived, counted from 1. */
  quietAfter = 0

  constructor(parts: ArchiverParts) {
    this.#parts = parts
  }

  get report(): ArchiveReport {
    const state = this.#ended ? 'ended' : this.#attempt !== undefined ? 'working' : this.#failures > 0 ? 'waiting' : 'idle'
    return {
      state,
      archived: this.#parts.gate.archived,
      segments: this.#segments,
      bytes: this.#bytes,
      held: this.#held.length,
      failures: this.#failures,
      lastFailure: this.#lastFailure,
      givenUp: this.#givenUp,
      removed: this.#removed,
    }
  }

  /** Has the next step look for something to archive, whether the journal told of anything or not. */
  ask(): void {
    this.#told = -1
  }

  /** Begins what is due. */
  step(): number {
    const { gate, clock } = this.#parts
    const now = clock.monotonicNs()
    if (gate.hasEnded && !this.#ended) this.#end()
    if (this.#ended || !gate.isOpen) return Number.POSITIVE_INFINITY
    if (this.#attempt !== undefined) {
      if (now < this.#deadlineNs) return (this.#deadlineNs - now) / 1e6
      this.#failed(this.#attempt, new TimeoutError('archiving a segment', this.#parts.options.timeoutMs))
    }
    if (now < this.#dueNs) return (this.#dueNs - now) / 1e6
    const { told } = gate
    if (told === this.#told && this.#held.length === 0 && this.#failures === 0) return Number.POSITIVE_INFINITY
    this.#told = told
    this.#begin(now)
    return this.#parts.options.timeoutMs
  }

  #begin(now: number): void {
    const attempt = new AbortController()
    this.#attempt = attempt
    this.attempts++
    this.#deadlineNs = now + this.#parts.options.timeoutMs * 1e6
    this.#run(attempt.signal).then(
      () => this.#succeeded(attempt),
      (error: unknown) => this.#failed(attempt, error instanceof Error ? error : new Error(String(error))),
    )
  }

  #end(): void {
    this.#ended = true
    this.#attempt?.abort()
    this.#attempt = undefined
  }

  #succeeded(attempt: AbortController): void {
    if (attempt !== this.#attempt) return
    this.#attempt = undefined
    this.#failures = 0
    if (this.#held.length === 0) this.quietAfter = this.attempts
    this.#parts.onProgress()
  }

  /** An attempt that was given up by its time limit may fail later: nobody asks any more. */
  #failed(attempt: AbortController, error: Error): void {
    if (attempt !== this.#attempt) return
    const { options, clock, onProgress } = this.#parts
    this.#attempt = undefined
    // What the archive holds may have changed half way.
    this.#known = undefined
    attempt.abort(error)
    this.#lastFailure = error
    this.#failures++
    this.#dueNs = clock.monotonicNs() + Math.min(options.maxRetryMs, options.retryMs * 2 ** (this.#failures - 1)) * 1e6
    options.onFailure(error)
    onProgress()
  }

  /** Does what there is to do, up to one segment. */
  async #run(signal: AbortSignal): Promise<void> {
    const headers = await this.#list()
    signal.throwIfAborted()
    // However the archive fails.
    await this.#boundHeld()
    signal.throwIfAborted()
    await this.#look(headers, signal)
    const next = this.#held[0]
    if (next !== undefined) await this.#archive(this.#full(headers, next), signal)
    await this.#boundKept(signal)
  }

  /** The headers of the segments that are there and may have to be archived. */
  async #list(): Promise<SegmentHeader[]> {
    const { dir, files, gate } = this.#parts
    // Those up to the archived one may go at any moment.
    const headers = await localHeaders(files, dir, gate.archived)
    // The last one takes batches still.
    this.#held = headers.slice(0, -1).map(({ id }) => id)
    this.#journalId = headers.at(-1)?.journalId.toString() ?? this.#journalId
    return headers
  }

  async #look(headers: readonly SegmentHeader[], signal: AbortSignal): Promise<void> {
    if (this.#known !== undefined || headers.length === 0) return
    this.#known = await adoptArchive(this.#parts.options.to, this.#journalId, signal)
    signal.throwIfAborted()
  }

  #full(headers: readonly SegmentHeader[], id: number): FullSegment {
    const next = headers[headers.findIndex(header => header.id === id) + 1] as SegmentHeader
    return { id, path: segmentPath(this.#parts.dir, id), lastLsn: next.firstLsn - 1 }
  }

  async #archive(segment: FullSegment, signal: AbortSignal): Promise<void> {
    const { options, files, keys } = this.#parts
    const copy = { files, keys, archive: options.to, journalId: this.#journalId }
    const known = this.#known ?? []
    const isKnown = known.includes(segment.id)
    const card = isKnown ? await readCardOrNone(options.to, segment.id, signal) : undefined
    if (card !== undefined) await checkArchived(copy, segment, card, signal)
    else {
      // A card that cannot be read may be good all the same: were it left there, what takes the place of a good copy would pass for that.
      if (isKnown) await options.to.remove(cardObject(segment.id), signal)
      signal.throwIfAborted()
      const { bytes } = await copySegment(copy, segment, signal)
      signal.throwIfAborted()
      if (!isKnown) known.push(segment.id)
      known.sort((a, b) => a - b)
      this.#segments++
      this.#bytes += bytes
    }
    signal.throwIfAborted()
    this.#release(segment.id)
  }

  #release(id: number): void {
    this.#parts.gate.release(id)
    this.#held = this.#held.filter(held => held > id)
  }

  /** Gives up the oldest segments that wait, when too much waits. */
  async #boundHeld(): Promise<void> {
    const { dir, files, options } = this.#parts
    if (options.maxHeldBytes === Number.MAX_SAFE_INTEGER) return
    const sizes: number[] = []
    for (const id of this.#held) sizes.push(await fileBytes(files, segmentPath(dir, id)))
    let bytes = sizes.reduce((sum, size) => sum + size, 0)
    for (const size of sizes) {
      if (bytes <= options.maxHeldBytes) return
      bytes -= size
      this.#givenUp++
      this.#release(this.#held[0] as number)
    }
  }

  /** Removes the oldest segments of the archive, when there are too many: first what says that one is there. */
  async #boundKept(signal: AbortSignal): Promise<void> {
    const { to, keepSegments } = this.#parts.options
    const known = this.#known ?? []
    while (known.length > keepSegments) {
      const oldest = known[0] as number
      await to.remove(cardObject(oldest), signal)
      await to.remove(segmentObject(oldest), signal)
      signal.throwIfAborted()
      known.shift()
      this.#removed++
    }
  }
}
