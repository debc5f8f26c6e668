import { readdirSync } from 'node:fs'
import type { Closeable } from '@disruptorx/contracts'
import { ClosedError, OptionError } from '@disruptorx/contracts'
import { systemClock } from '@disruptorx/contracts/internal'
import { ArchiveGate, type SegmentKeeper } from '../archive/archive-gate.ts'
import { type ArchiveReport, Archiver } from '../archive/archiver.ts'
import { ForeignArchiveError } from '../archive/errors.ts'
import { localHeaders } from '../archive/local-segments.ts'
import { type ArchiveOptions, type ResolvedArchiveOptions, resolveArchiveOptions } from '../archive/options.ts'
import { journalOf } from '../archive/own-archive.ts'
import { directoryOption } from '../directory-option.ts'
import type { KeySet } from '../format/keys.ts'
import { Waiters } from '../journal/waiters.ts'
import { AsyncNodeFiles } from './async-node-files.ts'
import { cipherKeys } from './cipher.ts'

/** So long an opening waits for an archive to say whose it is. */
const CHECK_MS = 5000

/** How the segments of a journal that is stepped are archived. */
export interface ArchivingOptions extends ArchiveOptions {
  /** Directory of the journal, as the journal's own option says it. */
  readonly dir: string
  /** As the journal's own option. @default none */
  readonly encryption?: KeySet
  /** Called when the journal may free segments: its next step does. @default nobody */
  readonly onArchived?: () => void
}

/** Archives the full segments of one journal, on the event loop of the thread that started it. The journal may be on that thread, or on another. */
export class Archiving implements SegmentKeeper, Closeable {
  readonly #dir: string
  readonly #gate = new ArchiveGate()
  readonly #archiver: Archiver
  readonly #options: ResolvedArchiveOptions
  readonly #onArchived: () => void
  readonly #files = new AsyncNodeFiles()
  readonly #waiters = new Waiters()
  readonly #ended: Promise<void>
  #released = 0

  /** Archivings come from `startArchiving`. */
  constructor(options: ArchivingOptions) {
    this.#dir = directoryOption(options.dir)
    this.#options = resolveArchiveOptions(options, warn)
    this.#onArchived = options.onArchived ?? (() => {})
    this.#archiver = new Archiver({
      dir: this.#dir,
      files: this.#files,
      keys: cipherKeys(options.encryption),
      clock: systemClock,
      gate: this.#gate,
      options: this.#options,
      onProgress: () => this.#gate.wake(),
    })
    this.#ended = this.#run()
  }

  /** What another thread makes an `ArchiveGate` of, to hand it to a journal there. */
  get memory(): SharedArrayBuffer {
    return this.#gate.memory
  }

  /** How it goes. */
  get report(): ArchiveReport {
    return this.#archiver.report
  }

  get archived(): number {
    return this.#gate.archived
  }

  checkFor(dir: string): void {
    if (dir !== this.#dir) throw new OptionError('archive', this.#dir, `one for ${dir}`)
  }

  start(): void {
    this.#gate.start()
  }

  sealed(): void {
    this.#gate.sealed()
  }

  stop(): void {
    this.#gate.stop()
  }

  /**
   * Resolves when the archive is this journal's, or nobody's. An archive that does not answer may be either: that is found out later.
   *
   * @throws {ForeignArchiveError}
   */
  async check(): Promise<void> {
    const signal = AbortSignal.timeout(Math.min(this.#options.timeoutMs, CHECK_MS))
    const found = await holding(Promise.race([journalOf(this.#options.to, signal).catch(() => undefined), aborted(signal)]))
    if (found === undefined) return
    const expected = holdsSegments(this.#dir) ? (await localHeaders(this.#files, this.#dir)).at(-1)?.journalId.toString() : undefined
    if (found !== expected) throw new ForeignArchiveError(expected, found)
  }

  /** Resolves when every segment that is full by now is archived, however often that fails before. The journal has to be open. @throws {AbortedError} {@link ClosedError} */
  settled(signal?: AbortSignal): Promise<void> {
    const { attempts } = this.#archiver
    this.#archiver.ask()
    this.#gate.wake()
    return holding(this.#waiters.until(() => this.#archiver.quietAfter > attempts, 'waiting for the archive', signal))
  }

  /** Ends: what is not archived yet is archived when the journal is opened again. */
  close(): Promise<void> {
    this.#gate.stop()
    return holding(this.#ended)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(): Promise<void> {
    for (;;) {
      const { wakes } = this.#gate
      const delayMs = this.#archiver.step()
      if (this.archived > this.#released) {
        this.#released = this.archived
        this.#onArchived()
      }
      this.#waiters.look()
      if (this.report.state === 'ended') return this.#waiters.end(new ClosedError('the archiving'))
      const timer = delayMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#gate.wake(), Math.ceil(delayMs)).unref()
      await this.#gate.woken(wakes)
      clearTimeout(timer)
    }
  }
}

/**
 * Starts to archive a journal that is about to be opened, here or on another thread: hand the result over as its option `archive`. Nothing is done before the
 * journal is open, and no process is kept alive by it.
 *
 * @throws {OptionError}
 */
export function startArchiving(options: ArchivingOptions): Archiving {
  return new Archiving(options)
}

function warn(error: Error): void {
  const { code } = error as { readonly code?: string }
  process.emitWarning(
    `archiving a segment failed: ${error.message}`,
    code === undefined ? { type: 'JournalArchive' } : { type: 'JournalArchive', code },
  )
}

function holdsSegments(dir: string): boolean {
  try {
    return readdirSync(dir).some(name => name.endsWith('.seg'))
  } catch {
    return false
  }
}

/** Keeps the process alive until a promise is settled. */
async function holding<T>(promise: Promise<T>): Promise<T> {
  const hold = setInterval(() => {}, 2 ** 30)
  try {
    return await promise
  } finally {
    clearInterval(hold)
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}
