import type { SimulatedProcess } from '@disruptorx/testkit'
import {
  type ConfState,
  type LeaseRead,
  type MemoryLog,
  type Message,
  type PeerMessage,
  type RaftConfig,
  RawNode,
  type Ready,
  type Snapshot,
} from '../../src/index.ts'
import type { Boundary } from './boundaries.ts'
import type { Census } from './census.ts'
import type { Habits } from './habits.ts'
import type { Safety } from './safety.ts'
import { StateMachine } from './state-machine.ts'
import { FetchedLog } from './storage/fetched-log.ts'
import { copyOf, type Storage, type Write } from './storage/store.ts'

const SNAPSHOT_TIMEOUT_MS = 400

/** What a replica is made of. */
export interface ReplicaOptions {
  readonly process: SimulatedProcess
  readonly storage: Storage
  readonly safety: Safety
  readonly census: Census
  readonly config: RaftConfig
  readonly tickMs: number
  /** Applied entries after which the log is compacted. */
  readonly compactEvery: number
  readonly habits: Habits
  /** State machines that members have kept beside their logs. */
  readonly kept: Map<number, Snapshot>
  /** Whether a member has a state as new as this index. */
  hasLoaded(member: number, index: number): boolean
  nameOf(member: number): string
  /** The process has come to a boundary. True when it ended there. */
  endsAt(boundary: Boundary): boolean
  /** Whether it is to end within the save that begins now. */
  endsWithinSave(): boolean
}

/** One life of a member: gives it time and messages, and does what it wants done, with storage work in turns or beside everything else. */
export class Replica {
  readonly id: number
  readonly life: number
  readonly node: RawNode
  /** The log as this life has it, saved or not. */
  readonly log: MemoryLog
  /** What applying takes longer, in milliseconds, where it has a thread of its own. */
  applySlowerMs = 0
  readonly #options: ReplicaOptions
  readonly #later: (delayMs: number, task: () => void) => void
  #machine: StateMachine
  #isSaving = false
  #applying: (() => void)[] = []
  #compactedAt: number
  /** The term in which this member was told to take over. */
  #toldInTerm = 0

  constructor(options: ReplicaOptions) {
    const { process, config } = options
    const { durable } = options.storage
    this.#options = options
    this.#later = (delayMs, task) => void process.scheduler.schedule(delayMs, task)
    this.id = config.id
    this.life = process.life
    this.log = copyOf(durable)
    const start = this.#keptState() ?? durable.snapshot()
    this.#machine = new StateMachine(start ?? { index: 0, term: 0, confState: durable.initialState().confState, data: new Uint8Array(0) })
    this.#compactedAt = this.#machine.index
    const { hardState } = durable.initialState()
    if (options.habits.forgetsCommits && hardState !== undefined) durable.setHardState({ ...hardState, commit: 0 })
    this.node = new RawNode(config, options.habits.fetches ? this.#fetched(durable) : durable)
    options.safety.begins(this)
    process.datagrams.onDatagram((_peer, message) => this.#receive(message as PeerMessage))
    this.#later(process.random.below(options.tickMs), () => this.#tick())
  }

  /** The configuration that the state machine has reached. */
  get confState(): ConfState {
    return this.#machine.confState
  }

  get digest(): { readonly index: number; readonly digest: string } {
    return { index: this.#machine.index, digest: this.#machine.digest }
  }

  /** What clients see. */
  get machine(): Pick<StateMachine, 'index' | 'valueOf' | 'newestOf'> {
    return this.#machine
  }

  /** Whether this life goes on, and waits for no disk. */
  get isIdle(): boolean {
    return !this.isOver && !this.#isSaving
  }

  /** Whether its process is gone. */
  get isOver(): boolean {
    return this.#options.process.state === 'gone'
  }

  /** Whether its log has a change of the configuration that is not applied. */
  get hasChangeAhead(): boolean {
    const { index } = this.#machine
    const { log } = this
    if (log.lastIndex <= index || log.firstIndex > index + 1) return log.lastIndex > index
    return log.entries(index + 1, log.lastIndex + 1, Number.POSITIVE_INFINITY).some(({ type }) => type === 'conf-change')
  }

  /** What this life's monotonic clock says, in milliseconds. */
  nowMs(): number {
    return this.#options.process.clock.monotonicNs() / 1e6
  }

  /** Asks the member for something, and does what follows from it. */
  ask<T>(what: (node: RawNode) => T): T {
    const result = what(this.node)
    this.#pump()
    return result
  }

  /** A read by lease, if there is one: asked again after a while whether the lease covered it. */
  readByLease(afterMs: number): void {
    const read: LeaseRead | undefined = this.node.leaseRead(this.nowMs())
    if (read === undefined) return
    const confirm = this.#options.safety.leaseRead(this, read)
    this.#later(afterMs, () => {
      if (this.node.leaseCovers(read, this.nowMs())) confirm()
    })
  }

  /** What its state machine had kept, if that is ahead of the newest snapshot; the log notes how much it is. */
  #keptState(): Snapshot | undefined {
    const { durable } = this.#options.storage
    const kept = this.#options.kept.get(this.id)
    if (kept === undefined || kept.index <= (durable.snapshot()?.index ?? 0)) return undefined
    durable.setApplied(kept.index, kept.confState)
    return kept
  }

  /** Not beyond what is durable of the log: a crash would leave it ahead of that. */
  #keepState(): void {
    const { habits, kept, process, storage } = this.#options
    const { index, term } = this.#machine
    if (habits.keepsState && storage.durable.term(index) === term && process.random.chance(0.3)) kept.set(this.id, this.#machine.snapshot())
  }

  #tick(): void {
    this.#later(this.#options.tickMs, () => this.#tick())
    this.node.tick(this.nowMs())
    this.#pump()
  }

  #receive(message: PeerMessage): void {
    // It may be for an earlier incarnation of this node, which is somebody else.
    if (message.to !== this.id) return
    const { term, vote } = this.node.status()
    this.node.step(message)
    if (message.type === 'MsgTimeoutNow') this.#toldInTerm = message.term
    if (message.type === 'MsgPreVote') this.#options.safety.heardPreVote(this, term, vote)
    this.#pump()
  }

  #pump(): void {
    this.#options.safety.observe(this)
    while (!this.#isSaving && !this.isOver && this.node.hasReady()) {
      const ready = this.node.ready()
      this.#take(ready)
      this.#send(ready.messages)
      if (isWork(ready) && this.#options.endsAt('before-save')) return
      if (this.#options.config.asyncStorageWrites) this.#handOut(ready)
      else this.#saveFirst(ready)
      this.#options.safety.observe(this)
    }
  }

  /** What is handed out belongs to this life's log from now on. */
  #take(ready: Ready): void {
    this.#options.safety.handsOut(this, ready)
    if (ready.snapshot !== undefined) this.log.applySnapshot(ready.snapshot)
    this.log.append(ready.entries)
    if (ready.softState?.role === 'leader' && this.node.status().term === this.#toldInTerm + 1) this.#options.census.transferred()
    for (const read of ready.readStates) this.#options.safety.answersRead(this, read)
  }

  /** In turns: save, then send the rest, then apply, then go on. */
  #saveFirst(ready: Ready): void {
    const { snapshot, entries, hardState, mustSync } = ready
    if (mustSync) {
      this.#isSaving = true
      this.#write({ snapshot, entries, hardState }, () => {
        this.#isSaving = false
        if (!this.#options.endsAt('saved-not-sent') && this.#finish(ready)) this.#pump()
      })
      return
    }
    if (hardState !== undefined) this.#options.storage.write({ hardState })
    this.#finish(ready)
  }

  /** What comes after the saving. False when the process has ended. */
  #finish({ snapshot, messagesAfterAppend, committedEntries }: Ready): boolean {
    const { endsAt } = this.#options
    this.#send(messagesAfterAppend)
    if (committedEntries.length > 0 && endsAt('sent-not-applied')) return false
    if (snapshot !== undefined) this.#load(snapshot)
    for (const entry of committedEntries) this.#apply(entry)
    if (committedEntries.length > 0 && endsAt('applied-not-advanced')) return false
    this.node.advance()
    this.#compact()
    return true
  }

  /** Beside everything else: two threads, each in its own order. */
  #handOut({ storageAppend, storageApply }: Ready): void {
    const { endsAt, storage } = this.#options
    if (storageAppend !== undefined) {
      const { snapshot, entries, hardState, responses } = storageAppend
      const done = () => {
        if (endsAt('saved-not-sent')) return
        if (snapshot !== undefined) this.#load(snapshot)
        this.#respond(responses)
      }
      if (responses.length > 0) this.#write({ snapshot, entries, hardState }, done)
      else storage.write({ snapshot, entries, hardState })
    }
    if (storageApply === undefined) return
    this.#applying.push(() => {
      if (endsAt('sent-not-applied')) return
      for (const entry of storageApply.entries) this.#apply(entry)
      if (endsAt('applied-not-advanced')) return
      this.#respond(storageApply.responses)
      this.#compact()
    })
    if (this.#applying.length === 1) this.#applyNext()
  }

  #applyNext(): void {
    this.#later(this.#options.process.random.below(20) + this.applySlowerMs, () => {
      this.#applying.shift()?.()
      if (this.#applying.length > 0) this.#applyNext()
    })
  }

  #respond(responses: readonly Message[]): void {
    for (const response of responses) {
      if (response.to === this.id) this.node.stepLocal(response)
      else this.#send([response as PeerMessage])
    }
    this.#pump()
  }

  #write(write: Write, done: () => void): void {
    const { storage, process, endsAt, endsWithinSave } = this.#options
    storage.write(write, done)
    // It ends while the disk is at it, if the disk is not faster.
    if (endsWithinSave()) this.#later(process.random.float() * 4, () => void endsAt('within-save'))
  }

  #send(messages: readonly PeerMessage[]): void {
    for (const message of messages) {
      this.#options.safety.sends(this, message)
      if (message.type === 'MsgSnap') this.#options.census.sendsSnapshot(message)
      this.#options.process.datagrams.send(this.#options.nameOf(message.to), message)
      if (message.type === 'MsgSnap') this.#later(SNAPSHOT_TIMEOUT_MS, () => this.#report(message.to, message.snapshot.index))
    }
  }

  /** Where nobody tells whether a snapshot arrived, it is taken for lost. */
  #report(member: number, index: number): void {
    const { habits, hasLoaded } = this.#options
    this.ask(node => node.reportSnapshot(member, habits.reportsSnapshots && hasLoaded(member, index)))
  }

  #fetched(log: MemoryLog): FetchedLog {
    return new FetchedLog(log, this.#options.process, () => this.ask(node => node.entriesFetched()))
  }

  #load(snapshot: Snapshot): void {
    this.#machine = new StateMachine(snapshot)
    this.#options.census.installed()
    this.#options.safety.applied(this, snapshot.index, snapshot.term)
  }

  #apply(entry: Ready['committedEntries'][number]): void {
    // A snapshot took the state machine's place meanwhile.
    if (entry.index <= this.#machine.index) return
    const before = this.confState
    this.#machine.apply(entry, this.node)
    if (this.confState !== before) this.#options.census.changed(entry.index, before, this.confState)
    this.#options.safety.applied(this, entry.index, entry.term)
    this.#keepState()
  }

  #compact(): void {
    const { index } = this.#machine
    if (index - this.#compactedAt < this.#options.compactEvery) return
    this.#compactedAt = index
    this.#options.census.compacts(this)
    const upTo = this.node.compactionIndex(index, { least: 5, most: 30 })
    this.#write({ compaction: { snapshot: this.#machine.snapshot(), upTo } }, () => {})
  }
}

/** Whether anything is to be saved or applied. */
function isWork({ entries, hardState, snapshot, committedEntries }: Ready): boolean {
  return entries.length > 0 || hardState !== undefined || snapshot !== undefined || committedEntries.length > 0
}
