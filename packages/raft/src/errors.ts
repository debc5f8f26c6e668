import { DisruptorError, type ErrorDetails } from '@disruptorx/contracts'

/** Something that raft rests on does not hold: entries that were saved are gone, or there is a bug. The member must not go on. */
export class RaftInvariantError extends DisruptorError {
  constructor(what: string, details: ErrorDetails) {
    super(
      'DX_RAFT_INVARIANT',
      `${what}; this member must stop: if its log was damaged or lost, bring the node back as its next incarnation`,
      details,
    )
  }
}

/** The member stopped at an earlier error, and what it holds in memory can no longer be trusted. `cause` is that error. */
export class RaftHaltedError extends DisruptorError {
  constructor(member: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      'DX_RAFT_HALTED',
      `member ${member} stopped at an earlier error (${reason}); make a new one from what its log holds`,
      { member },
      { cause },
    )
  }
}

/** A message that no correct member sends. Nothing was changed. */
export class RaftMessageError extends DisruptorError {
  constructor(type: unknown, from: unknown, what: string) {
    const name = type === undefined ? 'a message without a type' : typeof type === 'string' ? short(type) : shown(type)
    const sender = typeof from === 'number' ? from : shown(from)
    super('DX_RAFT_MESSAGE', `${name} from member ${sender} ${what}; it was not taken: close the connection that it came by`, {
      type: name,
      from: sender,
      what,
    })
  }
}

const MOST_SHOWN = 100

/** The beginning of a text that may be of any length. */
export function short(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}...`
}

/** What stands in a wrong message, for people, whatever a decoder made: numbers and texts as they are, of anything else its type. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${short(value)}'`
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`
}

/** The calls on a member or a log came in an order that they must not come in. Nothing was changed. */
export class RaftUsageError extends DisruptorError {
  constructor(what: string, details: ErrorDetails = {}) {
    super('DX_RAFT_USAGE', what, details)
  }
}

/** Why a configuration change cannot be made. */
export type ConfChangeFault =
  | 'already-joint'
  | 'not-joint'
  | 'no-voters'
  | 'removes-all-voters'
  | 'joint-only'
  | 'more-than-one-voter'
  | 'too-many-members'
  | 'inconsistent'

const faults: Readonly<Record<ConfChangeFault, string>> = {
  'already-joint': 'the configuration is joint already; leave it first',
  'not-joint': 'the configuration is not joint, so there is nothing to leave',
  'no-voters': 'a configuration without voters cannot become joint; add a voter first',
  'removes-all-voters': 'no voter would be left',
  'joint-only': 'a single-step change cannot be made in a joint configuration; leave it first',
  'more-than-one-voter': 'more than one voter would change; change them jointly',
  'too-many-members': 'there would be more members than a group may have',
  inconsistent: 'a member has two roles that exclude each other',
}

/** A configuration change that cannot be made, or a configuration that cannot be. Nothing was changed. */
export class ConfChangeError extends DisruptorError {
  readonly fault: ConfChangeFault

  constructor(fault: ConfChangeFault, configuration: string) {
    super('DX_RAFT_CONF_CHANGE', `${faults[fault]} (configuration ${configuration})`, { fault, configuration })
    this.fault = fault
  }
}

/** Bytes of the log are no configuration change. One that is proposed wrongly is an `OptionError`. */
export class ConfChangeBytesError extends DisruptorError {
  constructor(what: string) {
    super('DX_RAFT_CONF_CHANGE_BYTES', `a configuration change of the log cannot be read: ${what}; a newer version may have written it`, {
      what,
    })
  }
}
