import {
  type ConfState,
  decodeConfChange,
  type Entry,
  type HardState,
  MemoryLog,
  type MsgStorageAppend,
  type MsgStorageApply,
  type RaftConfig,
  RawNode,
  type Snapshot,
} from '@disruptorx/raft'

/** A member with its log and a state machine that appends what it is given; there is a snapshot of it after every entry. */
export class Member {
  readonly id: number
  readonly config: RaftConfig
  readonly log: MemoryLog
  readonly node: RawNode
  readonly appendWork: MsgStorageAppend[] = []
  readonly applyWork: MsgStorageApply[] = []
  /** What was handed out to be saved last. */
  saved: HardState | undefined
  #state: Snapshot

  constructor(config: RaftConfig, start: Snapshot, isNew: boolean) {
    const log = isNew ? new MemoryLog() : new MemoryLog(start)
    this.id = config.id
    this.config = config
    this.log = log
    this.#state = start
    this.node = new RawNode(config, {
      initialState: () => log.initialState(),
      get firstIndex() {
        return log.firstIndex
      },
      get lastIndex() {
        return log.lastIndex
      },
      term: index => log.term(index),
      entries: (from, to, maxBytes) => log.entries(from, to, maxBytes),
      snapshot: () => this.snapshot(),
    })
  }

  /** The state after what was applied last. */
  snapshot(): Snapshot {
    return this.#state
  }

  save(hardState: HardState | undefined, entries: readonly Entry[], snapshot: Snapshot | undefined): void {
    if (hardState !== undefined) this.log.setHardState(hardState)
    if (snapshot !== undefined) {
      this.log.applySnapshot(snapshot)
      this.#state = snapshot
    }
    this.log.append(entries)
  }

  apply(entries: readonly Entry[]): void {
    for (const { type, index, term, data } of entries) {
      let { confState }: { confState: ConfState } = this.#state
      let added = data
      if (type === 'conf-change') {
        const change = decodeConfChange(data)
        confState = this.node.applyConfChange(change, index)
        added = change.context
      }
      const joined = new Uint8Array([...this.#state.data, ...added])
      this.#state = { index, term, confState, data: joined }
    }
  }

  compact(index: number): void {
    this.log.createSnapshot(index, this.#state.confState, this.#state.data)
    this.log.compact(index)
  }
}
