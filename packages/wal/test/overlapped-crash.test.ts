import type { FileRequest, Files } from '@disruptorx/contracts'
import { type SeededRandom, SimulatedFiles, type SimulatedFilesOptions, withSeed } from '@disruptorx/testkit'
import { describe, expect, it } from 'vitest'
import { openJournalStep } from '../src/journal/open-journal-step.ts'
import { OverlappedFiles } from '../src/platform/overlapped-files.ts'
import { FastFiles } from './fast-files.ts'
import { appendText, codeOf, KIB } from './journals.ts'
import { Model, openOn, run, use } from './model.ts'
import { SimulatedSyncer } from './overlapped/simulated-syncer.ts'
import { RecordingFiles } from './recording-files.ts'

/** Overlapped files over a simulated machine. */
class OverlappedMachine implements Files {
  readonly #machine: SimulatedFiles
  readonly #files: OverlappedFiles
  readonly syncer: SimulatedSyncer

  constructor(machine: SimulatedFiles, random: SeededRandom) {
    this.#machine = machine
    this.syncer = new SimulatedSyncer(machine, random)
    this.#files = new OverlappedFiles(machine, this.syncer, random.pick([1, 16 * KIB]))
  }

  get stopped(): boolean {
    return this.#machine.stopped
  }

  submit(request: FileRequest): void {
    this.#files.submit(request)
  }

  poll(): void {
    this.#files.poll()
  }
}

interface Life {
  readonly failure: unknown
  readonly syncer: SimulatedSyncer
}

/** Uses a journal for one life, and says why it stopped, if it did. */
function life(machine: SimulatedFiles, model: Model, random: SeededRandom): Life {
  const files = new OverlappedMachine(machine, random)
  const journal = openOn(files, { random })
  const { syncer } = files
  if (journal === undefined) return { failure: undefined, syncer }
  try {
    model.check(journal)
  } catch (error) {
    if (!machine.stopped || (error as { code?: unknown }).code !== 'EIO') throw error
    return { failure: undefined, syncer }
  }
  use(files, journal, model, random, random.between(1, 150))
  const { failure, durableLsn } = journal
  model.promise(durableLsn)
  if (failure !== undefined) {
    expect(['DX_JOURNAL_STOPPED', 'DX_CLOSED']).toContain(codeOf(() => appendText(journal, 'late')))
    for (let i = 0; i < 10; i++) expect(journal.step()).toBe(Number.POSITIVE_INFINITY)
    expect(journal.durableLsn).toBe(durableLsn)
  }
  if (failure !== undefined && !machine.stopped) run(journal.close())
  expect(syncer.doubled).toBe(0)
  return { failure, syncer }
}

function reopened(machine: SimulatedFiles, model: Model): void {
  const journal = openOn(machine, { verify: 'all' })
  if (journal === undefined) throw new Error('nothing stops this machine')
  model.check(journal)
}

describe('a journal whose writes and syncs somebody else does, on a simulated disk', () => {
  it('keeps every acknowledged entry wherever the machine stops, and shows nothing else', async () => {
    let [writes, syncs] = [0, 0]
    await withSeed(
      'overlapped crashes',
      random => {
        const model = new Model()
        const limit = (): Partial<SimulatedFilesOptions> => ({ stopAfter: random.between(1, 400) })
        let machine = new SimulatedFiles({ seed: random.u32(), shortWrites: random.pick([0, 0.3]), ...limit() })
        for (let lives = 0; lives < 8; lives++) {
          const { syncer } = life(machine, model, random)
          writes += syncer.writes
          syncs += syncer.answered - syncer.writes
          machine = random.chance(0.7) ? machine.crash(limit()) : machine.restart(limit())
        }
        reopened(machine.restart(), model)
      },
      { count: 40 },
    )
    expect([writes > 1000, syncs > 100]).toEqual([true, true])
  })

  it('stops for good at the first write or sync that fails, and opens again with what it had acknowledged', async () => {
    let failures = 0
    await withSeed(
      'overlapped faults',
      random => {
        const model = new Model()
        let machine = new SimulatedFiles({ seed: random.u32() })
        for (let lives = 0; lives < 6; lives++) {
          const operation = random.pick(['write', 'datasync'] as const)
          const at = random.between(12, 60)
          machine = machine.restart({ fault: (request, nth) => (request.operation === operation && nth === at ? 'EIO' : undefined) })
          const { failure } = life(machine, model, random)
          if (failure !== undefined) {
            expect(failure).toMatchObject({ code: 'DX_JOURNAL_STOPPED', cause: { code: 'EIO' } })
            failures++
          }
          machine = random.chance(0.5) ? machine.crash() : machine.restart()
        }
        reopened(machine, model)
      },
      { count: 40 },
    )
    expect(failures).toBeGreaterThan(40)
  })

  it('changes the disk in the same order as one that waits itself: names, directories and all', () =>
    withSeed('overlapped order', random => {
      const lines = (wrap: (files: RecordingFiles) => Files) => {
        const recording = new RecordingFiles(new FastFiles())
        const options = { dir: 'a/d', segmentBytes: 16 * KIB, maxBatchBytes: 4 * KIB, maxRecordBytes: 2 * KIB }
        const journal = run(openJournalStep(wrap(recording), options))
        for (let i = 1; i <= 30; i++) {
          appendText(journal, 'x'.repeat(1500))
          if (i % 10 === 0) journal.log(0).truncateBefore(i - 5)
          while (journal.durableLsn < journal.lastLsn) journal.step()
          for (let idle = 0; idle < 20; idle++) journal.step()
        }
        run(journal.close())
        return recording.linesFrom(0)
      }
      const overlapped = lines(files => new OverlappedFiles(files, new SimulatedSyncer(files, random), 1))
      expect(overlapped).toEqual(lines(files => files))
      expect(overlapped.filter(line => line.startsWith('sync-directory')).length).toBeGreaterThan(10)
    }))

  it('calls nothing durable before the sync behind its write was answered', () =>
    withSeed('overlapped acknowledgements', random => {
      const files = new FastFiles()
      const syncer = new SimulatedSyncer(files, random)
      const journal = run(openJournalStep(new OverlappedFiles(files, syncer, 1), { dir: 'd' }))
      for (let round = 0; round < 500; round++) {
        const { durableLsn } = journal
        const { answered } = syncer
        if (random.chance(0.5)) appendText(journal, 'x'.repeat(random.below(3000)))
        journal.step()
        if (syncer.answered === answered) expect(journal.durableLsn).toBe(durableLsn)
      }
      expect(syncer.answered).toBeGreaterThan(50)
    }))
})
