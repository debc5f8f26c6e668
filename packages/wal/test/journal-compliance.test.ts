import { ClosedError, type LogJournal } from '@disruptorx/contracts'
import { SeededRandom, SimulatedFiles, temporaryDirectory } from '@disruptorx/testkit'
import { describe, it } from 'vitest'
import { type LogPlace, logJournalSuite } from '../src/compliance.ts'
import { type JournalStep, nodeFiles, openJournalStep } from '../src/index.ts'
import { KIB } from './journals.ts'
import { run } from './model.ts'

/** A journal that the event loop steps. */
class SteppedJournal implements LogJournal {
  readonly journal: JournalStep
  crashed = false

  constructor(journal: JournalStep) {
    this.journal = journal
    this.#loop()
  }

  get lastLsn(): number {
    return this.journal.lastLsn
  }

  get durableLsn(): number {
    return this.journal.durableLsn
  }

  get logIds(): readonly number[] {
    return this.journal.logIds
  }

  get failure() {
    return this.journal.failure ?? (this.crashed ? new ClosedError('the journal') : undefined)
  }

  log(id: number) {
    return this.journal.log(id)
  }

  dropLog(id: number): number {
    return this.journal.dropLog(id)
  }

  durable(lsn: number, signal?: AbortSignal): Promise<void> {
    return this.journal.durable(lsn, signal)
  }

  room(signal?: AbortSignal): Promise<void> {
    return this.journal.room(signal)
  }

  async close(): Promise<void> {
    run(this.journal.close())
    this.crashed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #loop(): void {
    if (this.crashed) return
    this.journal.step()
    setImmediate(() => this.#loop())
  }
}

function simulatedPlace(completion: 'submit' | 'poll'): LogPlace {
  let files = new SimulatedFiles({ seed: 1, completion })
  const random = new SeededRandom(1)
  return {
    open: () => new SteppedJournal(run(openJournalStep(files, { dir: 'd', segmentBytes: 1024 * KIB, random }))),
    crash(journal) {
      if (journal instanceof SteppedJournal) journal.crashed = true
      files = files.restart()
    },
  }
}

function diskPlace(): LogPlace {
  const dir = temporaryDirectory()
  return {
    open: () => new SteppedJournal(run(openJournalStep(nodeFiles(), { dir: dir.path, segmentBytes: 1024 * KIB }))),
    remove: () => dir.dispose(),
  }
}

for (const completion of ['submit', 'poll'] as const)
  logJournalSuite({ describe, it }, `a journal on a simulated disk that completes in ${completion}`, {
    make: () => simulatedPlace(completion),
  })
logJournalSuite({ describe, it }, 'a journal on a real disk', { make: diskPlace })
