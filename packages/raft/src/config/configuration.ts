import { OptionError } from '@disruptorx/contracts'
import { ConfChangeError } from '../errors.ts'
import { A_MEMBER, isMemberId, type MemberId } from '../member-id.ts'
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
const MOST_MEMBERS = 1_000

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
  return wrongPart(state) === undefined
}

/** Holds a configuration that is to be stored to its shape. @throws {OptionError} names the first field that is wrong @throws {ConfChangeError} it cannot be */
export function checkConfState(option: string, state: ConfState): void {
  const wrong = wrongPart(state)
  if (wrong !== undefined) throw new OptionError(option + wrong.field, wrong.value, wrong.allowed)
  restoreConfiguration(state)
}

const LISTS = ['voters', 'learners', 'votersOutgoing', 'learnersNext'] as const

/** The first part of what should be a stored configuration that is not as it has to be. */
function wrongPart(state: unknown): { readonly field: string; readonly value: unknown; readonly allowed: string } | undefined {
  if (typeof state !== 'object' || state === null) return { field: '', value: state, allowed: 'an object with lists of members' }
  const fields: Partial<Record<keyof ConfState, unknown>> = state
  for (const name of LISTS) {
    const ids = fields[name]
    if (!Array.isArray(ids)) return { field: `.${name}`, value: ids, allowed: 'a list of members' }
    if (ids.length > MOST_MEMBERS) return { field: `.${name}.length`, value: ids.length, allowed: `at most ${MOST_MEMBERS}` }
    // Unlike every(), it sees places that were left out.
    const place = ids.findIndex(id => !isMemberId(id))
    if (place >= 0) return { field: `.${name}[${place}]`, value: ids[place], allowed: A_MEMBER }
  }
  const { autoLeave } = fields
  return typeof autoLeave === 'boolean' ? undefined : { field: '.autoLeave', value: autoLeave, allowed: 'true or false' }
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
