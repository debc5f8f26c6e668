import type { FileRequest, Files } from '@disruptorx/contracts'
import { Nonces } from './nonces.ts'
import { batchOf, type WrittenBatch } from './written-batch.ts'

/** A piece of a file. */
export interface Piece {
  readonly path: string
  readonly position: number
  readonly length: number
}

/** Who is told of what happens to files. */
export interface LayoutWatcher {
  /** A write is about to be carried out. Returns what is to be told of it when that is done. */
  writing(piece: Piece): () => void
  /** A file is about to get another name, or none. */
  renamed(path: string): void
  /** The journal did what it must not. */
  violated(error: Error): void
}

/** What stands where in the journal's files: seen from outside, by watching the port `Files`. */
export class Layout {
  readonly #watcher: LayoutWatcher
  readonly #places = new Map<string, WrittenBatch>()
  /** Batches since the newest one that is proven to be durable, oldest first. */
  #tail: WrittenBatch[] = []
  /** What an opening that has not come to its end has written. */
  #opening: WrittenBatch[] | undefined
  /** What openings that have not come to their end have changed of segments, oldest first. */
  #changes: string[] = []
  /** How many of them this opening has found. */
  #changesBefore = 0
  /** Every batch whose last LSN is not above this one is proven by a header that is on the platter. */
  #provenLsn = 0
  /** What was said to be on stable storage, by the journal that is open now. */
  #settledLsn = 0
  readonly #nonces = new Nonces()
  /** By segment: the offset of its first batch. */
  readonly #headerBytes = new Map<number, number>()
  #newestSegment = 0

  constructor(watcher: LayoutWatcher) {
    this.#watcher = watcher
  }

  /** The port of one process, watched. */
  watch(files: Files): Files {
    const paths = new Map<number, string>()
    /** What is on its way, and what to do when it is done. */
    const underway = new Map<FileRequest, () => void>()
    const settle = () => {
      for (const [request, done] of underway) {
        if (request.state === 'pending') continue
        underway.delete(request)
        if (request.state === 'done') done()
      }
    }
    return {
      submit: request => {
        const { operation, handle, path, target } = request
        if (operation === 'write') {
          underway.set(request, this.#write(request, paths.get(handle) ?? ''))
        } else if (operation === 'open') underway.set(request, () => paths.set(request.result, path))
        else if (operation === 'rename') this.#rename(paths, path, target)
        else if (operation === 'remove') this.#remove(path)
        files.submit(request)
        settle()
      },
      poll: () => {
        files.poll()
        settle()
      },
    }
  }

  /** A process begins to open the journal. */
  startOpening(): void {
    this.#opening = []
    this.#changesBefore = this.#changes.length
  }

  /** What this opening has changed of segments. */
  get changes(): readonly string[] {
    return this.#changes.slice(this.#changesBefore)
  }

  /** Everything that was damaged is as it was before. What no opening has cut since then is there again. */
  restored(): void {
    if (this.#changes.length === 0) for (const batch of this.#tail) batch.isLost = false
  }

  get isOpening(): boolean {
    return this.#opening !== undefined
  }

  /** The opening came to its end, and has found everything up to `lastLsn`: what it wrote is what counts. */
  endOpening(syncedLsn: number, lastLsn: number): void {
    const written = this.#opening ?? []
    // What it found and did not write again it may have read from the cache, and so what proves that to be durable: the next crash may show what the disk swallowed.
    const isFound = ({ firstLsn, lastLsn: last }: WrittenBatch) =>
      last <= lastLsn && !written.some(batch => batch.firstLsn <= firstLsn && last <= batch.lastLsn)
    this.#tail = [...this.#tail.filter(isFound), ...written]
    this.#opening = undefined
    this.#changes = []
    this.#provenLsn = 0
    this.settle(syncedLsn)
  }

  /** Everything up to an LSN is said to be on stable storage. */
  settle(syncedLsn: number): void {
    this.#settledLsn = syncedLsn
    for (const batch of this.#tail) {
      if (batch.lastLsn > syncedLsn) break
      if (!batch.isLost) this.#provenLsn = Math.max(this.#provenLsn, batch.durableLsn)
    }
    const kept = this.#tail.findIndex(batch => batch.lastLsn > this.#provenLsn)
    if (kept > 0) this.#tail.splice(0, kept)
  }

  /** The first batch that no header on the platter proves to be durable: it and what follows must survive, or nobody could tell its loss from a torn write. */
  get unproven(): WrittenBatch | undefined {
    return this.#tail[0]
  }

  /** The lowest LSN that a fault may have taken without a trace. */
  get lostLsn(): number {
    return this.#tail.find(({ isLost }) => isLost)?.firstLsn ?? Number.POSITIVE_INFINITY
  }

  /** Takes note that the disk has swallowed a piece of what was written: the batches there are lost, but for those that were synced before. */
  lose(segment: number, position: number, length: number, syncedLsn: number): readonly WrittenBatch[] {
    const lost = [...this.#tail, ...(this.#opening ?? [])].filter(
      batch =>
        batch.segment === segment &&
        batch.lastLsn > syncedLsn &&
        batch.offset < position + length &&
        position < batch.offset + batch.content.length,
    )
    for (const batch of lost) batch.isLost = true
    return lost
  }

  /** The newest batch that was written at a place. */
  batchAt(segment: number, offset: number): WrittenBatch | undefined {
    return this.#places.get(`${segment}/${offset}`)
  }

  /** The segment that was written to last. */
  get newestSegment(): number {
    return this.#newestSegment
  }

  /** Where the batches of a segment begin, as far as that is known. */
  headerBytes(segment: number): number {
    return this.#headerBytes.get(segment) ?? Number.POSITIVE_INFINITY
  }

  /** Whether this piece of a segment lies behind its header and never had a batch: it is a footer's, which costs time when it is missing, and no data. */
  isFooter(segment: number, position: number, length: number): boolean {
    if (position < this.headerBytes(segment)) return false
    for (const { segment: of, offset, content } of this.#places.values())
      if (of === segment && offset < position + length && position < offset + content.length) return false
    return true
  }

  /** Where the batch of a segment ends that has an LSN as its last: the newest such batch, since one that was lost may have had it before. */
  endOf(segment: number, lastLsn: number): number {
    const last = [...this.#places.values()].findLast(batch => batch.segment === segment && batch.lastLsn === lastLsn)
    return last === undefined ? 0 : last.offset + last.content.length
  }

  /** Where the batch, or the header, begins that a batch at an offset follows; the offset itself when that is not known. */
  startBefore(segment: number, offset: number): number {
    if (offset <= this.headerBytes(segment)) return 0
    for (const batch of this.#places.values())
      if (batch.segment === segment && batch.offset + batch.content.length === offset) return batch.offset
    return offset
  }

  /** Batches that are proven to be durable, in the order of their writes. */
  get provenBatches(): readonly WrittenBatch[] {
    const { unproven } = this
    return [...this.#places.values()].filter(({ lastLsn }) => lastLsn < (unproven?.firstLsn ?? 0))
  }

  /** What nothing proves to be durable, oldest first. */
  get tail(): readonly WrittenBatch[] {
    return this.#tail
  }

  /** Takes note of what an opening does to segments: other files mean nothing. */
  #noteChange(operation: string, path: string): void {
    if (this.isOpening && path.endsWith('.seg')) this.#changes.push(`${operation} ${path}`)
  }

  #remove(path: string): void {
    this.#noteChange('remove', path)
    this.#watcher.renamed(path)
  }

  #rename(paths: Map<number, string>, path: string, target: string): void {
    this.#noteChange('rename', path)
    this.#noteChange('make', target)
    this.#watcher.renamed(path)
    for (const [handle, held] of paths) if (held === path) paths.set(handle, target)
  }

  #write(request: FileRequest, path: string): () => void {
    const { position, length } = request
    this.#noteChange('write', path)
    const written = this.#watcher.writing({ path, position, length })
    this.#nonces.noteKey(request)
    const batch = batchOf(request)
    if (batch !== undefined) this.#noteBatch(batch)
    return written
  }

  #noteBatch(batch: WrittenBatch): void {
    const { segment, offset } = batch
    // In the order of their writes.
    const place = `${segment}/${offset}`
    this.#places.delete(place)
    this.#places.set(place, batch)
    this.#newestSegment = Math.max(this.#newestSegment, segment)
    this.#headerBytes.set(segment, Math.min(offset, this.headerBytes(segment)))
    const written = this.#opening ?? this.#tail
    written.push(batch)
    try {
      this.#checkProof(batch)
      this.#nonces.note(batch)
    } catch (error) {
      this.#watcher.violated(error as Error)
    }
  }

  /**
   * What a batch does not prove, rot may take without a trace: so it has to prove all that is known to be durable. An opening knows that only of what it
   * has found, and a repair writes an old batch again as it was.
   */
  #checkProof({ firstLsn, durableLsn }: WrittenBatch): void {
    if (this.isOpening || firstLsn <= this.#settledLsn || durableLsn >= this.#settledLsn) return
    throw new Error(`the batch of LSN ${firstLsn} proves LSN ${durableLsn}, and ${this.#settledLsn} is on stable storage`)
  }
}
