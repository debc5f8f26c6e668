import type { Index, Term } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { changeConfiguration } from '../config/changer.ts'
import type { ConfChange } from '../config/conf-change.ts'
import { type Configuration, type ConfState, confStateOf } from '../config/configuration.ts'
import { RaftUsageError } from '../errors.ts'
import { NONE } from '../member-id.ts'
import { MOST_NUMBER } from '../numbers.ts'
import { proposeLeave } from './proposals.ts'
import type { Raft } from './raft.ts'
import { confirmReads } from './reads.ts'
import { commitAcknowledged, sendAppend } from './replication.ts'

/** The log is looked through in parts of so many bytes. */
const BYTES_AT_ONCE = 1024 * 1024

/**
 * Puts a change of the configuration into force that was committed and is being applied, unless that has it: from a snapshot that came meanwhile.
 *
 * @throws {ConfChangeError} it cannot be made
 */
export function applyConfChange(raft: Raft, change: ConfChange, index: Index): ConfState {
  if (index <= raft.confIndex) return confStateOf(raft.tracker.configuration)
  const configuration = changeConfiguration(raft.tracker.configuration, change)
  raft.tracker.switchTo(configuration, raft.log.lastIndex)
  raft.confIndex = index
  afterSwitch(raft, configuration)
  return confStateOf(configuration)
}

/** Where a change comes from: with too high an index, later changes would be taken for ones in force already. @throws {OptionError | RaftUsageError} */
export function checkConfIndex({ log: { committed } }: Raft, index: Index): void {
  if (wholeNumber('index', index, 1, MOST_NUMBER) > committed)
    throw new RaftUsageError(
      `entry ${index} is not committed, entries up to ${committed} are; give the index of the entry that has the change`,
    )
}

/** Entries up to `index`, of so many bytes, are applied. */
export function appliedTo(raft: Raft, index: Index, bytes: number): void {
  raft.log.appliedTo(Math.max(index, raft.log.applied), bytes)
  leaveJointIfDue(raft)
}

/** A leader leaves a joint configuration that is in force, if that was asked for, once all that may be another change is applied. */
export function leaveJointIfDue(raft: Raft): void {
  if (raft.role !== 'leader' || !raft.tracker.configuration.autoLeave || raft.log.applied < raft.pendingConfIndex) return
  // While leadership is being handed over nothing is appended: it comes after that, from this leader or the next.
  proposeLeave(raft)
}

/** How far the log behind what is applied was looked through for changes of the configuration: up to the entry of this index and term. */
export interface LookedThrough {
  readonly index: Index
  readonly term: Term
  readonly changes: readonly Index[]
}

/** Whether a change of the configuration is committed and not applied, or that cannot be told because entries are being fetched. */
export function hasUnappliedConfChanges(raft: Raft): boolean {
  const changes = learnFromChanges(raft)
  const { applied, committed } = raft.log
  return changes === undefined || changes.some(index => index > applied && index <= committed)
}

/**
 * Learns from the changes of the configuration in the log what must be committed: all of them but the last, as each was proposed where those before it were in
 * force. The commit index may be old, for it need not be durable; and who is two changes behind could lead beside the group's leader.
 *
 * @returns the changes that are not applied; `undefined` while entries are being fetched, where the next call goes on where this one ended, or a snapshot is saved
 */
export function learnFromChanges(raft: Raft): readonly Index[] | undefined {
  const { log, lookedThrough: before } = raft
  // What is before its end may be gone from the saved log by now.
  if (log.unstable.snapshot !== undefined) return undefined
  // A log that still has that entry still has those before it.
  const goesOn = before.index > log.applied && log.matchTerm(before.index, before.term)
  let { index, changes } = goesOn ? before : { index: log.applied, changes: [] }
  while (index < log.lastIndex) {
    const entries = log.slice(index + 1, log.lastIndex + 1, BYTES_AT_ONCE)
    if (entries === undefined) return undefined
    const found = entries.filter(({ type }) => type === 'conf-change').map(entry => entry.index)
    index += entries.length
    if (found.length > 0) changes = [...changes.filter(change => change > log.applied), ...found]
    raft.lookedThrough = { index, term: log.term(index) ?? 0, changes }
  }
  // Without validation nothing says that a change waited for those before it.
  if (!raft.config.disableConfChangeValidation) log.commitTo(changes.at(-2) ?? 0)
  return changes
}

function afterSwitch(raft: Raft, { voters }: Configuration): void {
  if (raft.role !== 'leader') return
  const own = raft.tracker.get(raft.id)
  if (own === undefined || own.isLearner) {
    loseVote(raft)
    return
  }
  // Fewer may be enough now, for entries and for reads; and who is new need not wait for the next heartbeat.
  if (!commitAcknowledged(raft)) for (const progress of raft.tracker.members) if (progress.id !== raft.id) sendAppend(raft, progress, false)
  confirmReads(raft)
  if (!voters.has(raft.transferee)) raft.transferee = NONE
}

/**
 * This leader is no voter any more. If it stepped down before others know that the change is committed, they would go on in the configuration before, in which
 * they may need its vote: and it does not give that to who has less of a log than it has itself.
 */
function loseVote(raft: Raft): void {
  const { stepDownOnRemoval } = raft.config
  if (stepDownOnRemoval === 'at-once') raft.becomeFollower(raft.term, NONE)
  if (stepDownOnRemoval !== 'when-known') return
  raft.removedAt = raft.log.applying
  // Heartbeats tell what is committed, and their answers how much of it is known.
  raft.roundWanted = true
  commitAcknowledged(raft)
}
