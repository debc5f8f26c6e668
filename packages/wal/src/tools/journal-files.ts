import { type DisruptorError, isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import { type KeySet, type Keys, noKeys } from '../format/keys.ts'
import type { SegmentHeader, SegmentPlace } from '../format/segment-header.ts'
import type { LogSummary } from '../logs/log-summary.ts'
import { AsyncNodeFiles } from '../platform/async-node-files.ts'
import { cipherKeys } from '../platform/cipher.ts'
import { type ListedFile, listFiles } from '../platform/tools-files.ts'
import { type AsyncFiles, performAsync } from '../segments/async-files.ts'
import { listSegments, readHeader, readState, segmentPath, withFile } from '../segments/directory.ts'
import { NoJournalError } from './errors.ts'

/** How often a directory is listed anew when segments vanish while it is looked at. */
const ATTEMPTS = 20

/** How a journal is looked at. */
export interface LookOptions {
  /** The keys that its batches are encrypted with, as its option `encryption`. @default none: of encrypted batches only check sums are looked at */
  readonly encryption?: KeySet
}

/** What opens no segment: of encrypted batches, only what lies around the records can be read. */
const blind: Keys = { writeId: '', markFor: id => noKeys.markFor(id), forSegment: () => undefined }

/** A segment as its header says, or what is wrong with that. */
export interface FoundSegment {
  readonly id: number
  readonly header: SegmentHeader | undefined
  /** How the logs stood before it; `undefined` when that cannot be read. */
  readonly logs: readonly LogSummary[] | undefined
  /** Why header or state cannot be read. */
  readonly fault: DisruptorError | undefined
}

/**
 * A journal's directory, only looked at: files are opened for reading, never the lock, and nothing is written. So it can be used on a journal that
 * somebody else is writing.
 */
export class JournalFiles {
  readonly dir: string
  /** It can only read. */
  readonly files: AsyncFiles
  readonly #list: (dir: string) => Promise<ListedFile[]>
  readonly #known: ReadonlySet<string>
  readonly keys: Keys

  /** @throws {OptionError} */
  constructor(dir: string, { encryption }: LookOptions = {}, files: AsyncFiles = new AsyncNodeFiles(), list = listFiles) {
    this.dir = dir
    this.files = files
    this.#list = list
    this.#known = new Set(Object.keys(encryption?.keys ?? {}))
    this.keys = cipherKeys(encryption)
  }

  /** Whether the records of a segment can be read: they are not encrypted, or with a key that was given. */
  canOpen(segment: SegmentPlace): boolean {
    return segment.key === undefined || this.#known.has(segment.key.id)
  }

  /** The keys for a segment; for one that {@link canOpen} denies, such as open nothing. */
  keysFor(segment: SegmentPlace): Keys {
    return this.canOpen(segment) ? this.keys : blind
  }

  /** Every file of the directory. @throws {NoJournalError} */
  async list(): Promise<ListedFile[]> {
    try {
      return await this.#list(this.dir)
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code === 'ENOENT') throw new NoJournalError(this.dir, 'it does not exist')
      if (code === 'ENOTDIR') throw new NoJournalError(this.dir, 'it is no directory')
      throw error
    }
  }

  /** All segments, oldest first, each with its header. @throws {NoJournalError} {@link FormatTooNewError} {@link FormatTooOldError} */
  async segments(): Promise<FoundSegment[]> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.#lookAtSegments()
      // Segments go from the front while somebody writes; what is missing between two others was not yet gone when the later ones were listed.
      const whole = found.every((segment, i) => i === 0 || segment.id === (found[i - 1] as FoundSegment).id + 1)
      if (found.length > 0 && (whole || attempt === ATTEMPTS)) return refuseOtherVersions(found)
      if (attempt < ATTEMPTS && found.length > 0) continue
      const names = (await this.list()).map(file => file.name)
      throw new NoJournalError(
        this.dir,
        names.includes('logs.sqlite') ? 'it holds a SQLite journal, which any SQLite tool can read' : 'it has no segment',
      )
    }
  }

  /** Whether one of these segments was freed since it was listed: what was read of it may be anything. */
  async isFreed(...ids: readonly number[]): Promise<boolean> {
    const listed = new Set(await this.run(listSegments(this.files, this.dir)))
    return ids.some(id => !listed.has(id))
  }

  /** Carries out a task over {@link files}. @throws what the task throws */
  run<T>(task: FileTask<T>): Promise<T> {
    return performAsync(this.files, task)
  }

  async #lookAtSegments(): Promise<FoundSegment[]> {
    await this.list()
    const found: FoundSegment[] = []
    for (const id of await this.run(listSegments(this.files, this.dir))) {
      try {
        found.push(await this.run(withFile(this.files, segmentPath(this.dir, id), 'read', handle => this.#look(handle, id))))
      } catch (error) {
        // Freed since it was listed.
        if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      }
    }
    return found
  }

  *#look(handle: number, id: number): FileTask<FoundSegment> {
    let header: SegmentHeader | undefined
    try {
      header = yield* readHeader(this.files, handle, id)
      return { id, header, logs: yield* readState(this.files, handle, header), fault: undefined }
    } catch (fault) {
      if (!isDisruptorError(fault)) throw fault
      return { id, header, logs: undefined, fault }
    }
  }
}

/** One header that speaks of another version may be damaged; when all do, the journal is of that version. */
function refuseOtherVersions(found: FoundSegment[]): FoundSegment[] {
  const fault = found[0]?.fault
  if (fault !== undefined && found.every(segment => isOtherVersion(segment.fault))) throw fault
  return found
}

function isOtherVersion(fault: DisruptorError | undefined): boolean {
  return fault?.code === 'DX_FORMAT_TOO_NEW' || fault?.code === 'DX_FORMAT_TOO_OLD'
}
