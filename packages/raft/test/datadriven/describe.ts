import {
  type ConfChangeType,
  type ConfState,
  decodeConfChange,
  type Entry,
  type HardState,
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type MemberStatus,
  type Message,
  type MsgStorageAppend,
  type MsgStorageApply,
  type ProgressState,
  type Proposal,
  type Ready,
  type Role,
  type Snapshot,
} from '@disruptorx/raft'

/** Everything that is printed: messages, and work for storage threads. */
export type AnyMessage = Message | MsgStorageAppend | MsgStorageApply

/** Stands in the context of a change that was proposed in the older form, of one step. */
export const FIRST_FORM = new Uint8Array([1])

const roles: Readonly<Record<Role, string>> = {
  follower: 'StateFollower',
  'pre-candidate': 'StatePreCandidate',
  candidate: 'StateCandidate',
  leader: 'StateLeader',
}

const states: Readonly<Record<ProgressState, string>> = { probe: 'StateProbe', replicate: 'StateReplicate', snapshot: 'StateSnapshot' }

const steps: Readonly<Record<ConfChangeType, string>> = {
  'add-node': 'v',
  'add-learner-node': 'l',
  'remove-node': 'r',
  'update-node': 'u',
}

export function describeRole(role: Role): string {
  return roles[role]
}

function describeTarget(id: number): string {
  if (id === LOCAL_APPEND_THREAD) return 'AppendThread'
  return id === LOCAL_APPLY_THREAD ? 'ApplyThread' : id.toString(16)
}

export function describeEntry(entry: Entry | Proposal): string {
  const { index, term } = 'index' in entry ? entry : { index: 0, term: 0 }
  if (entry.type === 'normal') return `${term}/${index} EntryNormal ${JSON.stringify(new TextDecoder().decode(entry.data))}`
  const { changes, context } = decodeConfChange(entry.data)
  const list = changes.map(({ type, nodeId }) => `${steps[type]}${nodeId}`).join(' ')
  return `${term}/${index} EntryConfChange${context[0] === FIRST_FORM[0] ? '' : 'V2'}${list === '' ? '' : ` ${list}`}`
}

function describeConfState({ voters, votersOutgoing, learners, learnersNext, autoLeave }: ConfState): string {
  const list = (ids: readonly number[]) => `[${ids.join(' ')}]`
  return `Voters:${list(voters)} VotersOutgoing:${list(votersOutgoing)} Learners:${list(learners)} LearnersNext:${list(learnersNext)} AutoLeave:${autoLeave}`
}

function describeSnapshot({ index, term, confState }: Snapshot): string {
  return `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`
}

function describeEntries(entries: readonly (Entry | Proposal)[], indent: string): string {
  if (entries.length === 0) return ''
  const [first, second] = entries
  if (first !== undefined && second === undefined) return ` Entries:[${describeEntry(first)}]`
  return ` Entries:[${entries.map(entry => `\n${indent}  ${describeEntry(entry)}`).join('')}\n${indent}]`
}

export function describeMessage(message: AnyMessage, indent = ''): string {
  const hardState = message.type === 'MsgStorageAppend' ? message.hardState : undefined
  const term = hardState?.term ?? message.term
  const { index = 0, logTerm = 0 } = message as { index?: number; logTerm?: number }
  let text = `${indent}${describeTarget(message.from)}->${describeTarget(message.to)} ${message.type} Term:${term} Log:${logTerm}/${index}`
  if ('reject' in message && message.reject) text += ` Rejected (Hint: ${'rejectHint' in message ? message.rejectHint : 0})`
  const commit = 'commit' in message ? message.commit : (hardState?.commit ?? 0)
  if (commit !== 0) text += ` Commit:${commit}`
  if (hardState !== undefined && hardState.vote !== 0) text += ` Vote:${hardState.vote}`
  if ('entries' in message) text += describeEntries(message.entries, indent)
  if ('snapshot' in message && message.snapshot !== undefined) text += `\n${indent}  Snapshot: ${describeSnapshot(message.snapshot)}`
  if ('responses' in message && message.responses.length > 0)
    text += ` Responses:[${message.responses.map(response => `\n${describeMessage(response, `${indent}  `)}`).join('')}\n${indent}]`
  return text
}

/** The messages of a `Ready` in the order in which they may go out. */
export function messagesOf(ready: Ready): AnyMessage[] {
  const work = [ready.storageAppend, ready.storageApply].filter(message => message !== undefined)
  return [...ready.messages, ...ready.messagesAfterAppend, ...work]
}

/** What etcd's raft calls MustSync: it leaves snapshots to whoever saves them. */
function mustSyncWithoutSnapshot({ mustSync, snapshot, entries, hardState }: Ready, saved: HardState | undefined): boolean {
  if (snapshot === undefined) return mustSync
  return entries.length > 0 || (hardState !== undefined && (hardState.term !== saved?.term || hardState.vote !== saved.vote))
}

export function describeReady(ready: Ready, saved: HardState | undefined): string {
  const lines: string[] = []
  if (ready.softState) lines.push(`Lead:${ready.softState.leader} State:${roles[ready.softState.role]}`)
  if (ready.hardState) {
    const { term, vote, commit } = ready.hardState
    lines.push(`HardState Term:${term}${vote === 0 ? '' : ` Vote:${vote}`} Commit:${commit}`)
  }
  if (ready.readStates.length > 0)
    lines.push(`ReadStates [${ready.readStates.map(({ context, index }) => `${context}:${index}`).join(' ')}]`)
  if (ready.entries.length > 0) lines.push('Entries:', ...ready.entries.map(describeEntry))
  if (ready.snapshot) lines.push(`Snapshot ${describeSnapshot(ready.snapshot)}`)
  if (ready.committedEntries.length > 0) lines.push('CommittedEntries:', ...ready.committedEntries.map(describeEntry))
  const messages = messagesOf(ready)
  if (messages.length > 0) lines.push('Messages:', ...messages.map(message => describeMessage(message)))
  return lines.length === 0 ? '<empty Ready>' : `Ready MustSync=${mustSyncWithoutSnapshot(ready, saved)}:\n${lines.join('\n')}\n`
}

export function describeMember(member: MemberStatus): string {
  const parts = [`${member.id}: ${states[member.state]} match=${member.match} next=${member.next}`]
  if (member.isLearner) parts.push('learner')
  if (member.isPaused) parts.push('paused')
  if (member.pendingSnapshot > 0) parts.push(`pendingSnap=${member.pendingSnapshot}`)
  if (!member.recentActive) parts.push('inactive')
  if (member.inflightMsgs > 0) parts.push(`inflight=${member.inflightMsgs}${member.isInflightFull ? '[full]' : ''}`)
  return parts.join(' ')
}
