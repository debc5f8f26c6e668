import {
  type ConfState,
  decodeConfChange,
  type Entry,
  MemoryLog,
  type Message,
  type PeerMessage,
  type RaftConfig,
  RawNode,
  type ReadState,
  type Ready,
  type Snapshot,
} from '@disruptorx/raft'

const decoder = new TextDecoder()

/** Entries as `term/index text`, for comparing by eye. */
export function texts(entries: readonly Entry[]): string[] {
  return entries.map(({ term, index, type, data }) => `${term}/${index} ${type === 'normal' ? decoder.decode(data) : type}`)
}

/** Bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function isForPeer(message: Message): message is PeerMessage {
  return message.type !== 'MsgStorageAppendResp' && message.type !== 'MsgStorageApplyResp'
}

/** A member with a log in memory. What it saved survives {@link restart}; the rest does not. */
export class TestMember {
  readonly id: number
  readonly log: MemoryLog
  node: RawNode
  /** What the state machine holds: data of normal entries, in order. */
  applied: string[] = []
  readonly reads: ReadState[] = []
  readonly readies: Ready[] = []
  #config: RaftConfig
  #state: Snapshot

  constructor(config: RaftConfig, start: Snapshot) {
    this.id = config.id
    this.log = new MemoryLog(start)
    this.#config = config
    this.#state = start
    this.node = new RawNode(config, this.log)
  }

  get confState(): ConfState {
    return this.#state.confState
  }

  /** Does what `ready()` says, until it says nothing more; returns what is to be sent. */
  work(): PeerMessage[] {
    const sent: PeerMessage[] = []
    while (this.node.hasReady()) sent.push(...this.workOnce())
    return sent
  }

  workOnce(): PeerMessage[] {
    const ready = this.node.ready()
    this.readies.push(ready)
    if (ready.snapshot !== undefined) this.#load(ready.snapshot)
    this.log.append(ready.entries)
    if (ready.hardState !== undefined) this.log.setHardState(ready.hardState)
    for (const entry of ready.committedEntries) this.#apply(entry)
    this.reads.push(...ready.readStates)
    if (!this.#config.asyncStorageWrites) {
      this.node.advance()
      return [...ready.messages, ...ready.messagesAfterAppend]
    }
    const responses = [...(ready.storageAppend?.responses ?? []), ...(ready.storageApply?.responses ?? [])]
    for (const response of responses) if (response.to === this.id) this.node.stepLocal(response)
    return [...ready.messages, ...responses.filter(isForPeer).filter(({ to }) => to !== this.id)]
  }

  /** Starts anew from what was saved, with the state machine where it was. */
  restart(changes: Partial<RaftConfig> = {}): void {
    this.#config = { ...this.#config, ...changes }
    this.log.setApplied(this.#state.index, this.#state.confState)
    this.node = new RawNode(this.#config, this.log)
  }

  /** Makes a snapshot of what is applied, and frees the log up to `index`. */
  compact(index = this.#state.index): void {
    this.log.createSnapshot(this.#state.index, this.#state.confState, this.#state.data)
    this.log.compact(index)
  }

  #load(snapshot: Snapshot): void {
    this.log.applySnapshot(snapshot)
    this.#state = snapshot
    const text = decoder.decode(snapshot.data)
    this.applied = text === '' ? [] : text.split(',')
  }

  #apply({ index, term, type, data }: Entry): void {
    let { confState } = this.#state
    if (type === 'conf-change') confState = this.node.applyConfChange(decodeConfChange(data), index)
    else if (data.length > 0) this.applied.push(decoder.decode(data))
    this.#state = { index, term, confState, data: bytes(this.applied.join(',')) }
  }
}
