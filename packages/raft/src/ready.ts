import type { Raft, ReadState, Role } from './core/raft.ts'
import { type Entry, entriesSize } from './log/entry.ts'
import type { HardState, Snapshot } from './log/log-state.ts'
import { LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, type MemberId } from './member-id.ts'
import type {
  Message,
  MsgStorageAppend,
  MsgStorageAppendResp,
  MsgStorageApply,
  MsgStorageApplyResp,
  PeerMessage,
} from './messages/message.ts'

/** What need not be saved: it is found out anew at each start. */
export interface SoftState {
  readonly leader: MemberId
  readonly role: Role
}

/**
 * What a member wants done, and in which order. Every `Ready` must be dealt with, in the order in which they were given out.
 *
 * | field | what to do | what must be durable before |
 * |---|---|---|
 * | `softState` | look at it | nothing |
 * | `messages` | send them | nothing: also while the disk is writing |
 * | `snapshot`, `entries`, `hardState` | save them, in this order, in one write | what earlier ones said to save |
 * | `messagesAfterAppend` | send them | all of this one's `snapshot`, `entries` and `hardState`, and all earlier ones' |
 * | `committedEntries` | apply them, after the snapshot | they are on a quorum; here `entries` must be saved, durable or not |
 * | `readStates` | serve each read once its index is applied | nothing |
 *
 * Then `advance()`. An entry that the state machine has already, because a snapshot came in between, is passed over.
 *
 * With `asyncStorageWrites` there is no `advance()`: the storage work comes as `storageAppend` and `storageApply`, which say the same as
 * `snapshot`, `entries`, `hardState` and `committedEntries`, and whose responses take the place of `messagesAfterAppend` and of `advance()`.
 */
export interface Ready {
  /** `undefined` when it has not changed. */
  readonly softState: SoftState | undefined
  /** `undefined` when it has not changed. */
  readonly hardState: HardState | undefined
  /** To be saved in place of the log. */
  readonly snapshot: Snapshot | undefined
  /** To be saved in place of all entries from the first one's index on. */
  readonly entries: readonly Entry[]
  /** Whether the write must be durable before `messagesAfterAppend` go out and `advance()` is called. If not, only the commit index has moved. */
  readonly mustSync: boolean
  readonly messages: readonly PeerMessage[]
  readonly messagesAfterAppend: readonly PeerMessage[]
  readonly committedEntries: readonly Entry[]
  readonly readStates: readonly ReadState[]
  /** Work for the append thread, with `asyncStorageWrites`. Its responses come after all earlier work for that thread is durable as well. */
  readonly storageAppend: MsgStorageAppend | undefined
  /** Work for the apply thread, with `asyncStorageWrites`. */
  readonly storageApply: MsgStorageApply | undefined
}

/** What was given out last, to tell what has changed since. */
export interface GivenOut {
  readonly softState: SoftState
  readonly hardState: HardState
}

/** What a member is now. */
export function softStateOf(raft: Raft): SoftState {
  return { leader: raft.leader, role: raft.role }
}

/** Whether there is anything to do. */
export function hasReady(raft: Raft, { softState, hardState }: GivenOut, allowUnstable: boolean): boolean {
  const { log } = raft
  return (
    raft.messages.length > 0 ||
    raft.messagesAfterAppend.length > 0 ||
    log.unstable.hasNextEntries ||
    log.hasNextCommitted(allowUnstable) ||
    log.committed !== hardState.commit ||
    raft.readStates.length > 0 ||
    raft.roundWanted ||
    raft.role !== softState.role ||
    raft.leader !== softState.leader ||
    raft.term !== hardState.term ||
    raft.vote !== hardState.vote ||
    log.unstable.nextSnapshot() !== undefined
  )
}

/** What there is to do now. Changes nothing; {@link acceptReady} does. */
export function makeReady(raft: Raft, before: GivenOut, isAsync: boolean): Ready {
  const { log, messagesAfterAppend } = raft
  const soft = softStateOf(raft)
  const hard = raft.hardState()
  const softState = soft.role !== before.softState.role || soft.leader !== before.softState.leader ? soft : undefined
  const ballotChanged = hard.term !== before.hardState.term || hard.vote !== before.hardState.vote
  const hardState = ballotChanged || hard.commit !== before.hardState.commit ? hard : undefined
  const snapshot = log.unstable.nextSnapshot()
  const entries = log.unstable.nextEntries()
  const committedEntries = log.nextCommitted(!isAsync)
  const needsAppend = hardState !== undefined || entries.length > 0 || snapshot !== undefined || messagesAfterAppend.length > 0
  return {
    softState,
    hardState,
    snapshot,
    entries,
    mustSync: ballotChanged || entries.length > 0 || snapshot !== undefined,
    messages: raft.messages,
    messagesAfterAppend: isAsync ? [] : messagesAfterAppend.filter(({ to }) => to !== raft.id),
    committedEntries,
    readStates: raft.readStates,
    storageAppend: isAsync && needsAppend ? storageAppend(raft, hardState, entries, snapshot) : undefined,
    storageApply: isAsync && committedEntries.length > 0 ? storageApply(raft, committedEntries) : undefined,
  }
}

/**
 * Notes that what there is to do was given out.
 *
 * @returns what the member has to hear once the work is done, in order: without storage threads `advance()` tells it
 */
export function acceptReady(raft: Raft, ready: Ready, isAsync: boolean): Message[] {
  const steps: Message[] = []
  if (!isAsync) {
    for (const message of raft.messagesAfterAppend) if (message.to === raft.id) steps.push(message)
    const response = storageAppendResponse(raft, ready.snapshot)
    if (response !== undefined) steps.push(response)
    if (ready.committedEntries.length > 0) steps.push(storageApplyResponse(raft, ready.committedEntries))
  }
  raft.messages = []
  raft.messagesAfterAppend = []
  raft.readStates = []
  raft.log.unstable.acceptInProgress()
  const last = ready.committedEntries.at(-1)
  if (last !== undefined) raft.log.acceptApplying(last.index, entriesSize(ready.committedEntries), !isAsync)
  return steps
}

function storageAppend(
  raft: Raft,
  hardState: HardState | undefined,
  entries: readonly Entry[],
  snapshot: Snapshot | undefined,
): MsgStorageAppend {
  const response = storageAppendResponse(raft, snapshot)
  // The leader hears that its entries count before it hears that they can be forgotten, and so finds their terms in memory.
  const responses = response === undefined ? raft.messagesAfterAppend : [...raft.messagesAfterAppend, response]
  return { type: 'MsgStorageAppend', to: LOCAL_APPEND_THREAD, from: raft.id, term: 0, hardState, entries, snapshot, responses }
}

/**
 * What the member hears when a write is durable; `undefined` when there is nothing to hear.
 *
 * It names the log's last entry, also when the write has no entries, and the term in which the write was asked for; in a later term it is not believed. A write
 * that was asked for earlier may otherwise speak for entries that have been replaced, and replaced again by the same ones: they are in the unstable log, the
 * news of the first write fits them, and the second write, still under way, has something else at their place. Each new term makes a write of its own, whose
 * news covers what was not believed before.
 */
function storageAppendResponse(raft: Raft, snapshot: Snapshot | undefined): MsgStorageAppendResp | undefined {
  const { log, id, term } = raft
  const { hasEntries } = log.unstable
  if (!hasEntries && snapshot === undefined) return undefined
  const index = hasEntries ? log.lastIndex : 0
  const logTerm = hasEntries ? log.lastTerm : 0
  return { type: 'MsgStorageAppendResp', to: id, from: LOCAL_APPEND_THREAD, term, index, logTerm, snapshot }
}

function storageApply(raft: Raft, entries: readonly Entry[]): MsgStorageApply {
  const responses = [storageApplyResponse(raft, entries)]
  return { type: 'MsgStorageApply', to: LOCAL_APPLY_THREAD, from: raft.id, term: 0, entries, responses }
}

/** Committed entries are the same in every term, so this is believed in every one. */
function storageApplyResponse({ id }: Raft, entries: readonly Entry[]): MsgStorageApplyResp {
  return { type: 'MsgStorageApplyResp', to: id, from: LOCAL_APPLY_THREAD, term: 0, entries }
}
