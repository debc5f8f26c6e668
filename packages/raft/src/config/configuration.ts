import { ConfChangeError } from '../errors.ts'
import { isMemberId, type MemberId } from '../member-id.ts'
import { JointConfig } from '../quorum/joint.ts'

/**
 * Who takes part in a group, and how.
 *
 * A learner gets the log and has no vote. No member is voter and learner at once, not even in the two halves of a joint configuration; so a voter that is to
 * become a learner waits in `learnersNext` until the configuration that it votes in has gone.
 */
export interface Configuration {
  readonly voters: JointConfig
  /** Ascending. */
  readonly learners: readonly MemberId[]
  /** Voters of the outgoing half that become learners when it goes. Ascending. */
  readonly learnersNext: readonly MemberId[]
  /** Whether the leader leaves this joint configuration by itself. */
  readonly autoLeave: boolean
}

/** A configuration as it is stored with a snapshot: plain lists, ascending. */
export interface ConfState {
  readonly voters: readonly MemberId[]
  readonly learners: readonly MemberId[]
  readonly votersOutgoing: readonly MemberId[]
  readonly learnersNext: readonly MemberId[]
  readonly autoLeave: boolean
}

/** Most members of a group, each counted once, also while it goes from one configuration to another. */
export const MOST_MEMBERS = 1_000

/** A group without members: where a log that was never written starts. */
export const EMPTY_CONF_STATE: ConfState = { voters: [], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false }

/** A configuration as it is stored: a copy. */
export function confStateOf(configuration: Configuration): ConfState {
  return {
    voters: [...configuration.voters.incoming.ids],
    learners: [...configuration.learners],
    votersOutgoing: [...configuration.voters.outgoing.ids],
    learnersNext: [...configuration.learnersNext],
    autoLeave: configuration.autoLeave,
  }
}

/** Whether something has the shape of a stored configuration: lists of members, none longer than {@link MOST_MEMBERS}. Whether it can be, {@link restoreConfiguration} finds out. */
export function isConfState(state: unknown): state is ConfState {
  if (typeof state !== 'object' || state === null) return false
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = state as Partial<ConfState>
  const lists = [voters, learners, votersOutgoing, learnersNext]
  return lists.every(isListOfMembers) && typeof autoLeave === 'boolean'
}

function isListOfMembers(ids: unknown): boolean {
  // A copy has no places that were left out, which every() would pass over.
  return Array.isArray(ids) && ids.length <= MOST_MEMBERS && [...ids].every(isMemberId)
}

/** The configuration that was stored. @throws {ConfChangeError} none that can be */
export function restoreConfiguration(state: ConfState): Configuration {
  return checked({
    voters: new JointConfig(state.voters, state.votersOutgoing),
    learners: ascending(state.learners),
    learnersNext: ascending(state.learnersNext),
    autoLeave: state.autoLeave,
  })
}

/** Ids in ascending order, each once. */
export function ascending(ids: Iterable<MemberId>): readonly MemberId[] {
  return [...new Set(ids)].sort((a, b) => a - b)
}

/** A configuration in short: `voters=(1 2)&&(1) learners=(3) autoleave`. */
export function describeConfiguration({ voters, learners, learnersNext, autoLeave }: Configuration): string {
  const list = (ids: readonly MemberId[]) => `(${ids.join(' ')})`
  const parts = [`voters=${list(voters.incoming.ids)}${voters.isJoint ? `&&${list(voters.outgoing.ids)}` : ''}`]
  if (learners.length > 0) parts.push(`learners=${list(learners)}`)
  if (learnersNext.length > 0) parts.push(`learners_next=${list(learnersNext)}`)
  if (autoLeave) parts.push('autoleave')
  return parts.join(' ')
}

/** Holds a configuration to what must be true of every one. @throws {ConfChangeError} */
export function checked(configuration: Configuration): Configuration {
  const { voters, learners, learnersNext, autoLeave } = configuration
  // Who is in learnersNext votes in the outgoing half. So what a joint configuration is left for has no more members than itself.
  const members = new Set([...voters.ids(), ...learners]).size
  if (members > MOST_MEMBERS) throw new ConfChangeError('too-many-members', `of ${members}; at most ${MOST_MEMBERS}`)
  const consistent =
    learners.every(id => !voters.has(id)) &&
    learnersNext.every(id => voters.outgoing.has(id) && !voters.incoming.has(id)) &&
    (voters.isJoint || (learnersNext.length === 0 && !autoLeave)) &&
    (!voters.isJoint || voters.incoming.ids.length > 0)
  if (!consistent) throw new ConfChangeError('inconsistent', describeConfiguration(configuration))
  return configuration
}
