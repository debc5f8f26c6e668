import type { SimulatedProcess } from '@disruptorx/testkit'
import {
  type ConfState,
  type LeaseRead,
  MemoryLog,
  type Message,
  type PeerMessage,
  type RaftConfig,
  RawNode,
  type Ready,
  type Snapshot,
} from '../../src/index.ts'
import type { Safety } from './safety.ts'
import type { Later, StableStore } from './stable-store.ts'
import { StateMachine } from './state-machine.ts'

const SNAPSHOT_TIMEOUT_MS = 400

/** What a replica is made of. */
export interface ReplicaOptions {
  readonly process: SimulatedProcess
  readonly store: StableStore
  readonly safety: Safety
  readonly config: RaftConfig
  readonly tickMs: number
  /** Applied entries after which the log is compacted. */
  readonly compactEvery: number
  nameOf(member: number): string
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
  readonly #later: Later
  #machine: StateMachine
  #isSaving = false
  #applying: (() => void)[] = []
  #compactedAt: number

  constructor(options: ReplicaOptions) {
    const { process, store, config } = options
    store.open(process.random)
    this.#options = options
    this.#later = (delayMs, task) => void process.scheduler.schedule(delayMs, task)
    this.id = config.id
    this.life = process.life
    this.log = copyOf(store.durable)
    const start = store.durable.snapshot()
    this.#machine = new StateMachine(
      start ?? { index: 0, term: 0, confState: store.durable.initialState().confState, data: new Uint8Array(0) },
    )
    this.#compactedAt = this.#machine.index
    this.node = new RawNode(config, store.durable)
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

  #tick(): void {
    this.#later(this.#options.tickMs, () => this.#tick())
    this.node.tick(this.nowMs())
    this.#pump()
  }

  #receive(message: PeerMessage): void {
    const { term, vote } = this.node.status()
    this.node.step(message)
    if (message.type === 'MsgPreVote') this.#options.safety.heardPreVote(this, term, vote)
    this.#pump()
  }

  #pump(): void {
    this.#options.safety.observe(this)
    while (!this.#isSaving && this.node.hasReady()) {
      const ready = this.node.ready()
      this.#take(ready)
      this.#send(ready.messages)
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
    for (const read of ready.readStates) this.#options.safety.answersRead(this, read)
  }

  /** In turns: save, then send the rest, then apply, then go on. */
  #saveFirst(ready: Ready): void {
    const { snapshot, entries, hardState, mustSync } = ready
    const saved = () => {
      this.#isSaving = false
      this.#send(ready.messagesAfterAppend)
      if (snapshot !== undefined) this.#load(snapshot)
      for (const entry of ready.committedEntries) this.#apply(entry)
      this.node.advance()
      this.#compact()
      this.#pump()
    }
    if (mustSync) {
      this.#isSaving = true
      this.#write({ snapshot, entries, hardState }, saved)
      return
    }
    if (hardState !== undefined) this.#options.store.write({ hardState }, this.#later, () => 0)
    this.#send(ready.messagesAfterAppend)
    for (const entry of ready.committedEntries) this.#apply(entry)
    this.node.advance()
    this.#compact()
  }

  /** Beside everything else: two threads, each in its own order. */
  #handOut({ storageAppend, storageApply }: Ready): void {
    if (storageAppend !== undefined) {
      const { snapshot, entries, hardState, responses } = storageAppend
      const done = () => {
        if (snapshot !== undefined) this.#load(snapshot)
        this.#respond(responses)
      }
      if (responses.length > 0) this.#write({ snapshot, entries, hardState }, done)
      else this.#options.store.write({ snapshot, entries, hardState }, this.#later, () => 0)
    }
    if (storageApply === undefined) return
    this.#applying.push(() => {
      for (const entry of storageApply.entries) this.#apply(entry)
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

  #write(write: Parameters<StableStore['write']>[0], done: () => void): void {
    const { random } = this.#options.process
    this.#options.store.write(write, this.#later, () => random.below(8), done)
  }

  #send(messages: readonly PeerMessage[]): void {
    for (const message of messages) {
      this.#options.safety.sends(this, message)
      this.#options.process.datagrams.send(this.#options.nameOf(message.to), message)
      // Nobody tells whether a snapshot arrived: after a while it is taken for lost.
      if (message.type === 'MsgSnap') this.#later(SNAPSHOT_TIMEOUT_MS, () => this.ask(node => node.reportSnapshot(message.to, false)))
    }
  }

  #load(snapshot: Snapshot): void {
    this.#machine = new StateMachine(snapshot)
    this.#options.safety.applied(this, snapshot.index, snapshot.term)
  }

  #apply(entry: Ready['committedEntries'][number]): void {
    // A snapshot took the state machine's place meanwhile.
    if (entry.index <= this.#machine.index) return
    this.#machine.apply(entry, this.node)
    this.#options.safety.applied(this, entry.index, entry.term)
  }

  #compact(): void {
    const { index } = this.#machine
    if (index - this.#compactedAt < this.#options.compactEvery) return
    this.#compactedAt = index
    const upTo = this.node.compactionIndex(index, { least: 5, most: 30 })
    this.#write({ compaction: { snapshot: this.#machine.snapshot(), upTo } }, () => {})
  }
}

function copyOf(log: MemoryLog): MemoryLog {
  const copy = new MemoryLog(log.snapshot())
  const from = log.firstIndex
  if (log.lastIndex >= from && from > copy.lastIndex) copy.append(log.entries(from, log.lastIndex + 1, Number.POSITIVE_INFINITY))
  else if (log.lastIndex > copy.lastIndex) copy.append(log.entries(copy.lastIndex + 1, log.lastIndex + 1, Number.POSITIVE_INFINITY))
  return copy
}
