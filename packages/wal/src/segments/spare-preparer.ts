import type { Clock, Files, Step } from '@disruptorx/contracts'
import { type FileTask, perform } from '@disruptorx/contracts/internal'
import { segmentPath, sparePath, unfinishedPath, usableSpares } from './directory.ts'
import { isGone, unnameSegment } from './retire-segment.ts'
import type { SpareQueue } from './spare-queue.ts'
import { writeFully } from './window.ts'

/** Zeros written, and synced, at a time: what a sync of the journal may have to wait for. */
const CHUNK_BYTES = 1024 ** 2
/** After a fault, such as a full disk, nothing is tried for so long. */
const RETRY_MS = 1000
const zeros = new Uint8Array(CHUNK_BYTES)

/** Prepares files for a journal's next segments, and takes away those that no log needs. The body of a thread of its own. */
export class SparePreparer implements Step {
  readonly #files: Files
  readonly #queue: SpareQueue
  readonly #clock: Clock
  /** The file being made. */
  #handle: number | undefined
  #written = 0
  #nextSpare = 1
  /** The segment whose name is gone while the directory is yet to be synced, and the spare that it became, if it did. */
  #unnamed: { readonly segment: number; readonly spare: number | undefined } | undefined
  /** Faults of the disk so far: each time the journal makes do without. */
  faults = 0

  constructor(files: Files, queue: SpareQueue, clock: Clock) {
    this.#files = files
    this.#queue = queue
    this.#clock = clock
  }

  /** Does one bounded thing. Over files that complete inside `submit`. */
  step(): number {
    const queue = this.#queue
    try {
      if (queue.begin()) this.#run(this.#adopt())
      if (queue.ending) return this.#end()
      if (!queue.running) return Number.POSITIVE_INFINITY
      const segment = this.#unnamed?.segment ?? queue.nextRetired
      if (segment !== 0) return this.#run(this.#retire(segment))
      if (queue.ready < queue.handle.count) return this.#run(this.#prepare())
      return Number.POSITIVE_INFINITY
    } catch {
      // The journal does without: it makes its own segments, and meets the fault itself if it lasts.
      this.faults++
      this.#discard()
      return RETRY_MS
    }
  }

  #run(task: FileTask<number>): number {
    for (;;) {
      const { done, value } = task.next()
      if (done) return value
    }
  }

  *#adopt(): FileTask<number> {
    const { dir, segmentBytes, count } = this.#queue.handle
    const { names } = yield* perform(this.#files, { operation: 'list', path: dir })
    const numbers = names
      .map(name => /^(\d{6,15})\.spare$/.exec(name)?.[1])
      .flatMap(digits => (digits === undefined ? [] : [Number(digits)]))
    this.#nextSpare = Math.max(0, ...numbers) + 1
    const usable = yield* usableSpares(this.#files, dir, segmentBytes, numbers)
    for (const spare of usable.slice(0, count)) this.#queue.offer(spare)
    for (const spare of usable.slice(count)) yield* perform(this.#files, { operation: 'remove', path: sparePath(dir, spare) })
    return 0
  }

  /** Takes a segment away. Where that fails half way, the next attempt goes on from there. */
  *#retire(segment: number): FileTask<number> {
    this.#unnamed ??= { segment, spare: yield* this.#unname(segment) }
    yield* perform(this.#files, { operation: 'sync-directory', path: this.#queue.handle.dir })
    const { spare } = this.#unnamed
    this.#unnamed = undefined
    this.#queue.retired(segment)
    if (spare !== undefined) this.#queue.offer(spare)
    return 0
  }

  /** Returns the spare that the segment became; `undefined` when it was removed, or was gone. */
  *#unname(segment: number): FileTask<number | undefined> {
    const { dir, segmentBytes, count } = this.#queue.handle
    const bytes = yield* this.#sizeOf(segmentPath(dir, segment))
    if (bytes === undefined) return undefined
    const spare = bytes === segmentBytes && this.#queue.ready < count ? this.#nextSpare++ : undefined
    return (yield* unnameSegment(this.#files, dir, segment, spare)) ? spare : undefined
  }

  *#sizeOf(path: string): FileTask<number | undefined> {
    let handle: number
    try {
      handle = (yield* perform(this.#files, { operation: 'open', path, mode: 'read' })).result
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
    const { result } = yield* perform(this.#files, { operation: 'size', handle })
    yield* perform(this.#files, { operation: 'close', handle })
    return result
  }

  /** Writes one more piece of the next spare. Rests for as long as that took, so that the journal gets half of the disk at least. */
  *#prepare(): FileTask<number> {
    const { dir, segmentBytes } = this.#queue.handle
    const path = this.#unfinished
    const startedNs = this.#clock.monotonicNs()
    this.#handle ??= (yield* perform(this.#files, { operation: 'open', path, mode: 'create' })).result
    const handle = this.#handle
    const length = Math.min(CHUNK_BYTES, segmentBytes - this.#written)
    yield* writeFully(this.#files, handle, zeros, 0, length, this.#written)
    yield* perform(this.#files, { operation: 'datasync', handle })
    this.#written += length
    if (this.#written < segmentBytes) return (this.#clock.monotonicNs() - startedNs) / 1e6
    this.#handle = undefined
    this.#written = 0
    yield* perform(this.#files, { operation: 'close', handle })
    const spare = this.#nextSpare++
    yield* perform(this.#files, { operation: 'rename', path, target: sparePath(dir, spare) })
    this.#queue.offer(spare)
    return 0
  }

  get #unfinished(): string {
    return unfinishedPath(this.#queue.handle.dir, 'spare')
  }

  #end(): number {
    this.#discard()
    this.#queue.stopped()
    return Number.POSITIVE_INFINITY
  }

  /** Drops what is half made: also because a full disk needs the room. */
  #discard(): void {
    if (this.#handle === undefined) return
    const handle = this.#handle
    this.#handle = undefined
    this.#written = 0
    try {
      this.#run(this.#removeUnfinished(handle))
    } catch {
      // The next opening of the journal removes it.
    }
  }

  *#removeUnfinished(handle: number): FileTask<number> {
    yield* perform(this.#files, { operation: 'close', handle })
    yield* perform(this.#files, { operation: 'remove', path: this.#unfinished })
    return 0
  }
}
