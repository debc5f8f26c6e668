import type { Clock, Files, Step } from '@disruptorx/contracts'
import type { FileTask } from '@disruptorx/contracts/internal'
import type { ByteConsumer } from '@disruptorx/core'
import { msgpackCodec } from '@disruptorx/serializer'
import type { AnyApp } from '../app/define-app.ts'
import { entryHeader } from '../entry/entry-format.ts'
import { reasonOf } from '../errors.ts'
import { type FoundSnapshots, SnapshotStore } from '../snapshot/snapshot-store.ts'
import type { Progress } from './progress.ts'
import { MAX_ANSWER_BYTES, Replies } from './replies.ts'
import { committedHeader, type PartitionRings, queryHeader } from './rings.ts'
import { StateMachine } from './state-machine.ts'

/** Entries applied, and questions answered, between two looks at everything else. */
const RECORDS_PER_STEP = 64

/** The question that every partition knows: which event of a client was applied last. */
export const QUERY_LAST_NUMBER = '$lastNumber'
/** The question whether this version of the application is the one in force. */
export const QUERY_ACTIVE = '$active'

/** What opening the state found. */
export interface RecoveredState {
  /** The entry up to which a snapshot gave the state; 0 when there was none. */
  readonly snapshotIndex: number
  /** Snapshots that were passed over because they are damaged, and why. */
  readonly damagedSnapshots: readonly string[]
}

/** What a {@link HandlerStep} works on. */
export interface HandlerPorts {
  readonly app: AnyApp
  readonly files: Files
  readonly snapshotDir: string
  readonly rings: PartitionRings
  readonly progress: Progress
  readonly clock: Clock
}

/**
 * The thread of the user's state machine: applies what is committed, answers questions, takes snapshots.
 *
 * A snapshot is copied out of the state in one go and written to disk over many steps, beside continuing work.
 */
export class HandlerStep implements Step {
  readonly recovered: RecoveredState
  readonly #ports: HandlerPorts
  readonly #committed: ByteConsumer
  readonly #questions: ByteConsumer
  readonly #replies: Replies
  readonly #machine: StateMachine
  readonly #store: SnapshotStore
  readonly #record: ReturnType<typeof committedHeader.view>
  readonly #entry: ReturnType<typeof entryHeader.view>
  readonly #question: ReturnType<typeof queryHeader.view>
  readonly #codec = msgpackCodec<[name: string, args: unknown]>({ maxBytes: MAX_ANSWER_BYTES })
  /** Ingress sequence of the last event applied; -1 while there was none of this run. */
  #appliedSequence = -1
  #saving: FileTask<void> | undefined

  private constructor(ports: HandlerPorts, store: SnapshotStore, found: FoundSnapshots) {
    this.recovered = { snapshotIndex: found.newest?.facts.index ?? 0, damagedSnapshots: found.damaged.map(({ message }) => message) }
    const { rings } = ports
    this.#ports = ports
    this.#store = store
    this.#committed = rings.committed.consumer()
    this.#questions = rings.query.consumer()
    this.#replies = new Replies(rings.egress)
    this.#machine = new StateMachine(ports.app, rings.committed.memory, this.#replies)
    this.#record = committedHeader.view(rings.committed.memory)
    this.#entry = entryHeader.view(rings.committed.memory)
    this.#question = queryHeader.view(rings.query.memory)
  }

  /**
   * Opens the state: from the newest whole snapshot, if there is one. The log is served from the entry after it.
   *
   * @throws {AppError} the application threw; also as {@link StateMachine.restore}, and the file system's error
   */
  static *open(ports: HandlerPorts): FileTask<HandlerStep> {
    const store = new SnapshotStore(ports.files, ports.snapshotDir)
    const found = yield* store.open()
    const step = new HandlerStep(ports, store, found)
    if (found.newest !== undefined) step.#machine.restore(found.newest)
    const { progress } = ports
    progress.appliedIndex.set(step.#machine.index)
    progress.appliedEvents.set(step.#machine.appliedEvents)
    progress.snapshotIndex.set(step.#machine.index)
    progress.releasableIndex.set(found.releasableIndex)
    progress.deliverFrom.set(step.#machine.index + 1)
    ports.rings.parkingLot.unparkAll()
    return step
  }

  /** Ends a snapshot that is being saved. */
  *close(): FileTask<void> {
    if (this.#saving !== undefined) yield* this.#saving
    this.#saving = undefined
  }

  /** @throws {AppHaltedError | AppError | AppMismatchError | FormatTooNewError} the partition halts; also the file system's error while saving a snapshot */
  step(): number {
    let worked = false
    if (this.#replies.flush()) {
      this.#report()
      if (this.#apply()) worked = true
    }
    if (this.#answer()) worked = true
    if (this.#save()) worked = true
    this.#replies.flush()
    return worked ? 0 : Infinity
  }

  // Hot: benchmark `pipeline`.
  #apply(): boolean {
    const committed = this.#committed
    const { progress, clock } = this.#ports
    let records = 0
    while (records < RECORDS_PER_STEP && committed.peek()) {
      const record = this.#record.moveTo(committed.offset)
      const entry = committed.offset + committedHeader.size
      this.#replies.muted = record.sequence < 0
      this.#machine.apply(entry, record.index, record.term)
      if (record.sequence > this.#appliedSequence) this.#appliedSequence = record.sequence
      if (record.publishedNs > 0) progress.appliedLatency.record(clock.monotonicNs() - record.publishedNs, this.#entry.moveTo(entry).count)
      committed.advance()
      records++
      if (!this.#replies.flush()) break
    }
    if (records === 0) return false
    committed.release()
    if (this.#replies.flush()) this.#report()
    return true
  }

  /** Moves the cells past what was applied. Its replies have left by now: who sees an event applied finds its reply, too. */
  #report(): void {
    const { progress, rings } = this.#ports
    if (progress.appliedIndex.get() === this.#machine.index) return
    progress.appliedEvents.set(this.#machine.appliedEvents)
    progress.appliedIndex.set(this.#machine.index)
    if (this.#appliedSequence >= 0) progress.appliedSequence.set(this.#appliedSequence)
    rings.parkingLot.unparkAll()
  }

  #answer(): boolean {
    const questions = this.#questions
    let answered = 0
    while (answered < RECORDS_PER_STEP && questions.peek()) {
      const { number } = this.#question.moveTo(questions.offset)
      const bytes = this.#ports.rings.query.bytes
      const [name, args] = this.#codec.decode(bytes, questions.offset + queryHeader.size, questions.length - queryHeader.size)
      this.#answerOne(number, name, args)
      questions.advance()
      answered++
    }
    questions.release()
    return answered > 0
  }

  #answerOne(number: number, name: string, args: unknown): void {
    const ask = this.#ownQuery(name) ?? this.#machine.query(name)
    if (ask === undefined) {
      this.#replies.queryError(number, 'the application has no such query')
      return
    }
    try {
      this.#replies.answer(number, ask(args))
    } catch (error) {
      this.#replies.queryError(number, reasonOf(error))
    }
  }

  #ownQuery(name: string): ((args: unknown) => unknown) | undefined {
    if (name === QUERY_LAST_NUMBER) return client => this.#machine.lastNumber(client as number)
    if (name === QUERY_ACTIVE) return () => this.#machine.active
    return undefined
  }

  /** Starts or continues the saving of a snapshot. Returns whether there is more to do at once. */
  #save(): boolean {
    const { progress, files } = this.#ports
    if (this.#saving === undefined) {
      const wanted = progress.snapshotWanted.get() + progress.snapshotAsked.get()
      if (wanted === progress.snapshotDone.get()) return false
      this.#saving = this.#saveSnapshot(wanted)
    }
    files.poll()
    if (this.#saving.next().done) this.#saving = undefined
    return true
  }

  *#saveSnapshot(ticket: number): FileTask<void> {
    const { progress, rings } = this.#ports
    const { facts, body, sessionBytes } = this.#machine.capture()
    if (facts.index > progress.snapshotIndex.get()) {
      const releasable = yield* this.#store.write(facts, body, sessionBytes)
      progress.snapshotIndex.set(facts.index)
      progress.releasableIndex.set(releasable)
    }
    progress.snapshotDone.set(ticket)
    rings.parkingLot.unparkAll()
  }
}
