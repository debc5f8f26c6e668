import type { FileTask } from '@disruptorx/contracts/internal'
import type { SimulatedProcess } from '@disruptorx/testkit'
import { openJournalStep } from '@disruptorx/wal'
import { MemoryLog, type Snapshot } from '../../../src/index.ts'
import { JournalStorage } from './journal-storage.ts'
import type { MemberDisk } from './member-disk.ts'
import { JOURNAL_DIR, recoverMember } from './member-log.ts'
import { dropOlder } from './snapshot-file.ts'
import type { Store, StoreEvents, Write } from './store.ts'

/** How journals are opened. */
export interface JournalShape {
  readonly segmentBytes: number
  readonly maxBatchBytes: number
}

/** A journal that opened does not show what it had said to be durable. No damage excuses that: it must be refused. */
export class RecoveryError extends Error {}

/** What a member keeps in the project's own journal, on a simulated disk. Knows from outside what must be there. */
export class JournalStore implements Store {
  /** What was said to be durable. */
  durable: MemoryLog
  /** The next opening reads every byte. */
  mustVerify = false
  readonly #start: Snapshot | undefined
  readonly #shape: JournalShape
  readonly #disk: MemberDisk
  /** Writes of the newest life that nobody was told of. */
  #pending: readonly Write[] = []
  #isNew = true

  constructor(start: Snapshot | undefined, shape: JournalShape, disk: MemberDisk) {
    this.#disk = disk
    this.durable = new MemoryLog(start)
    this.#start = start
    this.#shape = shape
  }

  open(process: SimulatedProcess, events: StoreEvents): void {
    const opened = (storage: JournalStorage) => {
      this.#pending = storage.pending
      this.#isNew = false
      this.#disk.isOpening = false
      storage.begin()
      events.opened(storage)
    }
    this.#disk.isOpening = true
    process.task('open', this.#open(process, events), opened, error => events.failed(error))
  }

  *#open(process: SimulatedProcess, events: StoreEvents): FileTask<JournalStorage> {
    const { clock, random } = process
    const files = this.#disk.watch(process.files)
    const verify = this.mustVerify ? 'all' : 'unsealed'
    const options = { dir: JOURNAL_DIR, ...this.#shape, verify, clock, random: random.derive('journal') } as const
    const journal = yield* openJournalStep(files, options)
    let found = yield* recoverMember(files, journal)
    const failed = (error: unknown) => events.failed(error)
    if (found === undefined && this.#start !== undefined && this.#isNew) {
      const founding = new JournalStorage(process, files, journal, new MemoryLog(), failed)
      yield* founding.found(this.#start)
      found = yield* recoverMember(files, journal)
    }
    found ??= new MemoryLog()
    if (!this.#isNew) checkRecovery(found, this.durable, this.#pending)
    yield* dropOlder(files, found.snapshot())
    this.durable = found
    return new JournalStorage(process, files, journal, found, failed)
  }
}

/** Everything that was said to be durable is there, but for what a later write may have replaced. @throws when it is not */
function checkRecovery(found: MemoryLog, told: MemoryLog, pending: readonly Write[]): void {
  const before = told.initialState().hardState
  const now = found.initialState().hardState
  if (before !== undefined && (now === undefined || now.term < before.term))
    throw new RecoveryError(`the journal forgot term ${before.term}, and says ${now?.term}`)
  if (before?.term === now?.term && before?.vote !== now?.vote && !pending.some(({ hardState }) => hardState?.vote === now?.vote))
    throw new RecoveryError(`the journal forgot the vote for ${before?.vote}`)
  if (found.firstIndex > told.firstIndex && (found.snapshot()?.index ?? 0) + 1 < found.firstIndex)
    throw new RecoveryError(`the journal begins at ${found.firstIndex} without a snapshot`)
  const isReplaced = (index: number) =>
    pending.some(({ snapshot, entries = [] }) => snapshot !== undefined || (entries[0]?.index ?? Number.POSITIVE_INFINITY) <= index)
  for (let index = Math.max(told.firstIndex, found.firstIndex); index <= told.lastIndex; index++)
    if (found.term(index) !== told.term(index) && !isReplaced(index))
      throw new RecoveryError(`the journal lost entry ${index} of term ${told.term(index)}, and has one of term ${found.term(index)}`)
}
