/**
 * The Raft consensus core: a pure state machine, without clock, random source or I/O. Time comes as ticks, messages by `step`, and what is to be saved, sent and
 * applied is told by `ready`.
 *
 * @example
 * import { MemoryLog, RawNode } from '@disruptorx/raft'
 *
 * const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }
 * const log = new MemoryLog({ index: 1, term: 1, confState, data: new Uint8Array(0) })
 * const node = new RawNode({ id: 1, random: { u32: () => 7 } }, log)
 * node.campaign()
 * while (node.hasReady()) {
 *   const ready = node.ready()
 *   log.append(ready.entries)
 *   if (ready.hardState) log.setHardState(ready.hardState)
 *   node.advance()
 * }
 * console.log(node.status().role) // leader
 * @packageDocumentation
 */
export { DisruptorError, type Index, isDisruptorError, OptionError, type Random, type Term } from '@disruptorx/contracts'
export { changeConfiguration, changeSimply, enterJoint, leaveJoint } from './config/changer.ts'
export {
  type ConfChange,
  type ConfChangeSingle,
  type ConfChangeTransition,
  type ConfChangeType,
  LEAVE_JOINT,
} from './config/conf-change.ts'
export { decodeConfChange, encodeConfChange } from './config/conf-change-bytes.ts'
export {
  type Configuration,
  type ConfState,
  confStateOf,
  describeConfiguration,
  EMPTY_CONF_STATE,
  restoreConfiguration,
} from './config/configuration.ts'
export type { TrailingMargin } from './core/compaction.ts'
export type { CampaignOutcome } from './core/election.ts'
export type { ConfChangeOutcome, DropReason, ProposeOutcome, RefusalReason } from './core/proposals.ts'
export type { ReadState, Role } from './core/raft.ts'
export type { LeaseRead, ReadOutcome } from './core/reads.ts'
export type { MemberStatus, Status } from './core/status.ts'
export type { StepOutcome } from './core/step.ts'
export type { TransferOutcome } from './core/transfer.ts'
export {
  ConfChangeBytesError,
  ConfChangeError,
  type ConfChangeFault,
  RaftHaltedError,
  RaftInvariantError,
  RaftMessageError,
  RaftUsageError,
} from './errors.ts'
export { HeartbeatCoalescer, type HeartbeatFrame } from './heartbeats/heartbeat-coalescer.ts'
export {
  ENTRY_OVERHEAD_BYTES,
  type Entry,
  type EntryId,
  type EntryType,
  entriesSize,
  entrySize,
  type Proposal,
} from './log/entry.ts'
export type { HardState, InitialState, LogState, Snapshot } from './log/log-state.ts'
export { MemoryLog } from './log/memory-log.ts'
export {
  incarnationOf,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type MemberId,
  MOST_MEMBER_ID,
  memberId,
  NONE,
  nodeOf,
} from './member-id.ts'
export type {
  Message,
  MsgApp,
  MsgAppResp,
  MsgHeartbeat,
  MsgHeartbeatResp,
  MsgPreVote,
  MsgPreVoteResp,
  MsgProp,
  MsgReadIndex,
  MsgReadIndexResp,
  MsgSnap,
  MsgStorageAppend,
  MsgStorageAppendResp,
  MsgStorageApply,
  MsgStorageApplyResp,
  MsgTimeoutNow,
  MsgTransferLeader,
  MsgVote,
  MsgVoteResp,
  PeerMessage,
} from './messages/message.ts'
export type { ProgressState } from './progress/progress.ts'
export { JointConfig } from './quorum/joint.ts'
export { type AckedIndexer, MajorityConfig, type VoteResult } from './quorum/majority.ts'
export type { LeaseOptions, RaftConfig } from './raft-config.ts'
export { RawNode } from './raw-node.ts'
export type { Ready, SoftState } from './ready.ts'
