import { runBlocking } from '@disruptorx/contracts/internal'
import { FakeClock, SeededRandom } from '@disruptorx/testkit'
import { ArchiveGate } from '../../src/archive/archive-gate.ts'
import { Archiver } from '../../src/archive/archiver.ts'
import { type ArchiveOptions, resolveArchiveOptions } from '../../src/archive/options.ts'
import type { JournalStep } from '../../src/journal/journal-step.ts'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import type { JournalStepOptions } from '../../src/options.ts'
import { cipherKeys } from '../../src/platform/cipher.ts'
import type { AsyncFiles } from '../../src/segments/async-files.ts'
import { FastFiles } from '../fast-files.ts'
import { KIB } from '../journals.ts'
import type { MemoryArchive } from './memory-archive.ts'

/** Files in memory that answer at once, also to who does not block. */
export class AnsweringFiles extends FastFiles implements AsyncFiles {
  async answered(): Promise<void> {}
}

export const DIR = 'd'
export const small = { dir: DIR, segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 2 * KIB } as const

/** A journal over files in memory, with an archiver whose time stands still. */
export class ArchivedJournal {
  readonly files: AnsweringFiles
  readonly journal: JournalStep
  readonly archiver: Archiver
  readonly clock = new FakeClock()
  readonly gate = new ArchiveGate()
  /** What the archiver told. */
  readonly failures: Error[] = []

  readonly #archive: MemoryArchive

  constructor(
    options: ArchiveOptions & { readonly to: MemoryArchive },
    journal: Partial<JournalStepOptions> = {},
    files = new AnsweringFiles(),
    seed = 1,
  ) {
    this.files = files
    this.#archive = options.to
    const all = { ...small, random: new SeededRandom(seed), ...journal, archive: this.gate }
    this.journal = runBlocking(openJournalStep(files, all))
    this.archiver = new Archiver({
      dir: all.dir,
      files,
      keys: cipherKeys(all.encryption),
      clock: this.clock,
      gate: this.gate,
      options: resolveArchiveOptions({ ...options, onFailure: error => this.failures.push(error) }, () => {}),
      onProgress: () => this.gate.wake(),
    })
  }

  /** Appends entries of about 1 KiB, two to a batch, four to a segment. */
  append(count: number, logId = 0, text = (index: number) => `${logId}/${index}/`.padEnd(1300, 'x')): void {
    const log = this.journal.log(logId)
    for (let i = 0; i < count; i++) {
      log.append(new TextEncoder().encode(text(log.lastIndex + 1)), Math.max(1, log.lastTerm))
      if (log.lastIndex % 2 === 0) this.step()
    }
    this.step()
  }

  step(): void {
    while (this.journal.step() === 0);
  }

  /** Lets the archiver do what it can without time going on. */
  async archive(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet++) {
      const before = this.#archive.log.length
      const { state } = this.archiver.report
      const delayMs = this.archiver.step()
      if (delayMs > 0 && state !== 'working' && this.archiver.report.state !== 'working') break
      await new Promise(resolve => setImmediate(resolve))
      // An archive that answers nothing more stands still.
      if (this.#archive.log.length > before) quiet = 0
    }
    this.step()
  }

  /** Numbers of the segments in the directory. */
  get segments(): number[] {
    return [...this.files.contents.keys()]
      .flatMap(path => (path.endsWith('.seg') ? [Number(path.slice(-10, -4))] : []))
      .sort((a, b) => a - b)
  }

  close(): void {
    runBlocking(this.journal.close())
    this.archiver.step()
  }
}
