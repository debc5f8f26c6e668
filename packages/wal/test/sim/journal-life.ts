import type { Files, Step } from '@disruptorx/contracts'
import { isDisruptorError } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { Actor, SimulatedProcess } from '@disruptorx/testkit'
import type { JournalStep } from '../../src/index.ts'
import { openJournalStep } from '../../src/journal/open-journal-step.ts'
import type { LifeOfArchive } from './archive.ts'
import { Blindness } from './blindness.ts'
import { DIR } from './damage-book.ts'
import { isOfDisk } from './disk-errors.ts'
import { Follower } from './follower.ts'
import type { JournalWorld } from './journal-world.ts'
import type { FoundLog } from './ledger.ts'
import type { LifeOptions } from './profile.ts'
import { readEverything } from './reading.ts'
import { repairFrom } from './repairing.ts'
import { simulatedSpares } from './spares.ts'
import { TailCheck } from './tail-check.ts'
import { User } from './user.ts'

const encoder = new TextEncoder()

/** One life of the process that has the journal: it opens it, checks it against the books, and uses it until it ends. */
export class JournalLife {
  readonly options: LifeOptions
  readonly #world: JournalWorld
  readonly #process: SimulatedProcess
  readonly #files: Files
  readonly #preparer: Step | undefined
  readonly #archive: LifeOfArchive | undefined
  readonly #tail: TailCheck
  /** Since the opening began. */
  readonly #blindness: Blindness
  readonly #keptLsn: number
  #journal: JournalStep | undefined
  #user: User | undefined
  #isEnding = false

  constructor(world: JournalWorld, process: SimulatedProcess) {
    const { profile, layout } = world
    this.#world = world
    this.#process = process
    this.#files = layout.watch(process.files)
    const options = profile.life(process.random.derive('options'))
    const prepared = profile.prepares ? simulatedSpares(this.#files, process.clock, DIR, options.segmentBytes) : undefined
    this.#preparer = prepared?.preparer
    const repair = repairFrom(world, process.random.derive('repair'))
    this.#archive = world.archive?.attach(process, this.#files, options.encryption)
    this.options = {
      ...options,
      ...(world.mustVerify && { verify: 'all' }),
      ...(prepared && { spares: prepared.spares }),
      ...(repair && { repair }),
      ...(this.#archive && { archive: this.#archive.keeper }),
      clock: process.clock,
      random: process.random.derive('journal'),
    }
    this.#keptLsn = world.keptLsn
    this.#tail = new TailCheck(world)
    // A disk that fails for a moment hides from a reader what the opening had seen.
    this.#blindness = new Blindness(world.sim, 'disk.readErrors')
    layout.startOpening()
    process.task(
      'open',
      this.#open(),
      () => undefined,
      error => {
        if (this.#journal === undefined) this.#checkRefusal(error)
        world.refused(error)
        process.exit()
      },
    )
  }

  /** The journal, while it is open and works. */
  get journal(): JournalStep | undefined {
    return this.isOpen ? this.#journal : undefined
  }

  get isOpen(): boolean {
    return this.#process.state !== 'gone' && this.#user !== undefined && !this.#isEnding && this.#journal?.failure === undefined
  }

  /** Lets the journal see what was done to it from outside. */
  wake(): void {
    this.#process.wake()
  }

  /** The user does nothing more. */
  quiet(): void {
    if (this.#user !== undefined) this.#user.isQuiet = true
  }

  /** Carries out a task of the journal beside everything else. */
  perform(name: string, task: FileTask<void>, done: () => void): void {
    this.#process.task(name, this.#observed(task), done, error => {
      if (!isOfDisk(error)) throw error
    })
  }

  *#open(): FileTask<void> {
    const world = this.#world
    const journal = yield* openJournalStep(this.#files, this.options)
    this.#journal = journal
    const found = yield* this.#read(journal)
    if (found === undefined) return
    const { recovery } = journal
    const count = world.ledger.match(found, this.#keptLsn, recovery.durableLsn)
    this.#tail.check(recovery)
    world.layout.endOpening(journal.syncedLsn, recovery.durableLsn)
    world.ledger.settle(count, recovery.durableLsn, world.layout.lostLsn - 1)
    world.opened(recovery)
    this.#observe()
    this.#begin(journal)
  }

  /** A refusal leaves segments as they are, but for batches that were repaired. @throws when it did not */
  #checkRefusal(error: unknown): void {
    if (!isDisruptorError(error) || isOfDisk(error)) return
    const changes = this.#world.layout.changes.filter(change => this.options.repair === undefined || !change.startsWith('write'))
    if (changes.length > 0) throw new Error(`refused with ${error.code}, after it did ${changes.join(', ')}`)
    this.#world.sim.facts.count('refusals without a trace')
  }

  /** Undefined when an entry could not be read, which ends this life. */
  *#read(journal: JournalStep): FileTask<readonly FoundLog[] | undefined> {
    try {
      const found = yield* readEverything(journal)
      this.#world.mustVerify = false
      return found
    } catch (error) {
      this.#world.refused(error)
      if (this.options.verify === 'all' && !this.#blindness.hasStruck)
        throw new Error(`the opening has verified all, and overlooked this: ${(error as Error).message}`)
      this.#world.mustVerify = true
      this.#process.exit()
      return undefined
    }
  }

  #begin(journal: JournalStep): void {
    const { profile, ledger, texts, sim } = this.#world
    const process = this.#process
    const random = (name: string) => process.random.derive(name)
    const committing = process.run('journal', { step: () => this.#step(journal) })
    this.#user = new User(journal, ledger, profile.habits, texts, random('user'), {
      did: (what, log, lsn) => {
        committing.wake()
        sim.facts.count(what)
        sim.trace?.record('user', what, { log, lsn })
      },
    })
    this.#run('user', this.#user)
    const follower = new Follower(journal, ledger, random('follower'), {
      read: () => sim.facts.count('followed'),
      failed: error => this.#metDamage(error),
    })
    this.#run('follower', follower)
    if (this.#preparer !== undefined) process.run('preparer', this.#preparer)
    const archive = this.#archive
    if (archive !== undefined) this.#run('archive', { step: () => stepArchive(archive, committing) })
    if (profile.scrubs) this.#run('scrubber', this.#scrubber(journal))
    const chance = random('end')
    if (chance.chance(0.4)) process.scheduler.schedule(chance.between(5, 300), () => this.#close(journal))
  }

  /** Runs a step for as long as the journal is used. */
  #run(name: string, step: Step): void {
    this.#process.run(name, { step: () => (this.isOpen ? step.step() : Number.POSITIVE_INFINITY) })
  }

  #step(journal: JournalStep): number {
    if (this.#isEnding) return Number.POSITIVE_INFINITY
    const delayMs = journal.step()
    this.#observe()
    if (journal.failure === undefined) return delayMs
    this.#stopped(journal)
    return Number.POSITIVE_INFINITY
  }

  /** Takes note of what the journal says by now. */
  #observe(): void {
    const journal = this.#journal
    if (journal === undefined || this.#user === undefined) return
    const { ledger, layout, sim } = this.#world
    const { syncedLsn, durableLsn, lastLsn } = journal
    if (syncedLsn > durableLsn || durableLsn > lastLsn) throw new Error(`synced ${syncedLsn}, durable ${durableLsn}, last ${lastLsn}`)
    const news = (durableLsn as number) - ledger.takenLsn
    if (news > 0) {
      sim.facts.count('acknowledged', news)
      sim.trace?.record('journal', 'acknowledges', { lsn: durableLsn, synced: syncedLsn })
    }
    ledger.promise(this.options.durability === 'fsync' ? durableLsn : syncedLsn, durableLsn)
    layout.settle(syncedLsn)
  }

  *#observed<T>(task: FileTask<T>): FileTask<T> {
    for (;;) {
      const { done, value } = task.next()
      this.#observe()
      if (done) return value
      yield
    }
  }

  /** A failed write or sync has stopped the journal for good: it says so to everybody. */
  #stopped(journal: JournalStep): void {
    this.#isEnding = true
    const { failure, durableLsn } = journal
    if (!isOfDisk(failure)) throw failure
    const [id = 1] = journal.logIds
    try {
      journal.log(id).append(encoder.encode('never'), journal.log(id).lastTerm)
      throw new Error('a journal that has stopped takes an entry')
    } catch (error) {
      if (!isDisruptorError(error, 'DX_JOURNAL_STOPPED')) throw error
    }
    if (journal.step() !== Number.POSITIVE_INFINITY || journal.durableLsn !== durableLsn)
      throw new Error('a journal that has stopped goes on')
    this.#world.sim.facts.count('stopped')
    const exit = () => this.#process.exit()
    if (this.#process.random.chance(0.5)) exit()
    else this.#process.task('close', journal.close(), exit, exit)
  }

  /** Ends in good order. */
  #close(journal: JournalStep): void {
    if (!this.isOpen || this.#world.isEnding) return
    this.#isEnding = true
    const { lastLsn } = journal
    const closed = () => {
      this.#observe()
      if (journal.syncedLsn < lastLsn) throw new Error(`closed at LSN ${journal.syncedLsn}, and ${lastLsn} was taken`)
      this.#world.isClosed = true
      this.#world.sim.facts.count('closed')
      this.#process.exit()
    }
    this.#process.task('close', this.#observed(journal.close()), closed, error => {
      if (!isOfDisk(error)) throw error
      this.#process.exit()
    })
  }

  #scrubber(journal: JournalStep): Step {
    const scrubber = journal.scrubber({ bytesPerSecond: 4 * 1024 ** 2, onDamage: damage => this.#metDamage(damage) })
    let repaired = 0
    return {
      step: () => {
        try {
          const delayMs = scrubber.step()
          const { report } = scrubber
          this.#world.sim.facts.count('repaired by the scrubber', report.repaired - repaired)
          repaired = report.repaired
          return delayMs
        } catch (error) {
          scrubber.close()
          this.#metDamage(error)
          return 1
        }
      },
    }
  }

  /** Somebody who reads has met damage while the journal goes on. @throws when there is none */
  #metDamage(error: unknown): void {
    if (isOfDisk(error)) return
    if (!this.#world.damages.justifies(error)) throw error
    this.#world.sim.facts.count('damage met')
  }
}

function stepArchive(archive: LifeOfArchive, committing: Actor): number {
  const delayMs = archive.step()
  committing.wake()
  return delayMs
}
