import { errorToData } from '@disruptorx/contracts/internal'
import { IndexPastEndError } from '../errors.ts'
import type { JournalStep } from '../journal/journal-step.ts'
import type { JournalReader } from '../journal/reader.ts'
import { EntryPacker } from './entry-packer.ts'
import type { ReadRequest } from './request.ts'
import { type Tell, tellEntries } from './thread-messages.ts'

/** Readers that are kept, each with a file that is open, for whoever reads on. */
const MOST_READERS = 8

/** A reader of a log that has given out everything before an index. */
interface OpenReader {
  readonly logId: number
  readonly reader: JournalReader
  readonly kept: boolean
  next: number
}

/**
 * Answers readings on the journal's thread, one in a step, so that no commit waits for more than that.
 *
 * A reading says all that it needs. Readers are kept only to be quick for whoever reads on where it was.
 */
export class EntryReads {
  readonly #journal: JournalStep
  readonly #tell: Tell
  readonly #requests: ReadRequest[] = []
  /** The one used last is the last. */
  readonly #readers: OpenReader[] = []
  readonly #packer = new EntryPacker()
  /** The reader for the first of the requests, once that was begun. */
  #reader: OpenReader | undefined

  constructor(journal: JournalStep, tell: Tell) {
    this.#journal = journal
    this.#tell = tell
  }

  add(request: ReadRequest): void {
    this.#requests.push(request)
  }

  /** Answers one reading, or goes on with it where the disk answers later. Returns whether there was one. */
  step(): boolean {
    const [request] = this.#requests
    if (request === undefined) return false
    try {
      if (this.#collect(request)) this.#answer(request)
      else return true
    } catch (error) {
      this.#reader?.reader.close()
      this.#tell({ kind: 'unread', request: request.request, error: errorToData(error) })
    }
    this.#reader = undefined
    this.#packer.clear()
    this.#requests.shift()
    return true
  }

  /** Lets go of all files. */
  close(): void {
    this.#reader?.reader.close()
    for (const { reader } of this.#readers) reader.close()
  }

  /** Gathers what was asked for. False when the disk answers later. @throws what reading throws */
  #collect({ logId, from, to, maxEntries, maxBytes }: ReadRequest): boolean {
    this.#reader ??= this.#take(logId, from) ?? this.#open(logId, from)
    const packer = this.#packer
    while (this.#reader.next <= to && packer.count < maxEntries && packer.bytes < maxBytes) {
      const outcome = this.#poll(this.#reader, from)
      if (outcome === 'pending') return false
      if (outcome === 'end') break
      packer.add(this.#reader.reader)
      this.#reader.next++
    }
    return true
  }

  /** One that was kept may have shown what a cut has replaced since. That is no fault of the reading in hand, so another one looks for the same. */
  #poll(open: OpenReader, from: number): ReturnType<JournalReader['poll']> {
    try {
      return open.reader.poll()
    } catch (error) {
      if (!open.kept || open.next !== from) throw error
      open.reader.close()
      this.#reader = this.#open(open.logId, from)
      return this.#reader.reader.poll()
    }
  }

  #answer({ request, from, logId }: ReadRequest): void {
    const { lastIndex } = this.#journal.log(logId)
    if (this.#packer.count === 0) throw new IndexPastEndError(logId, from, lastIndex)
    tellEntries(this.#tell, request, this.#packer.pack(from))
    this.#readers.push({ ...(this.#reader as OpenReader), kept: true })
    if (this.#readers.length > MOST_READERS) this.#readers.shift()?.reader.close()
  }

  #take(logId: number, from: number): OpenReader | undefined {
    const at = this.#readers.findIndex(reader => reader.logId === logId && reader.next === from)
    return at < 0 ? undefined : this.#readers.splice(at, 1)[0]
  }

  #open(logId: number, from: number): OpenReader {
    return { logId, reader: this.#journal.reader(logId, from), kept: false, next: from }
  }
}
