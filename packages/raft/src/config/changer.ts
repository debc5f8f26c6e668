import { ConfChangeError, type ConfChangeFault } from '../errors.ts'
import { type MemberId, NONE } from '../member-id.ts'
import { JointConfig } from '../quorum/joint.ts'
import { type ConfChange, type ConfChangeSingle, entersJoint, leavesByItself, leavesJoint } from './conf-change.ts'
import { ascending, type Configuration, checked, describeConfiguration } from './configuration.ts'

/** The configuration that a change makes of another one. Pure: nothing that it is given is altered. @throws {ConfChangeError} */
export function changeConfiguration(configuration: Configuration, change: ConfChange): Configuration {
  if (leavesJoint(change)) return leaveJoint(configuration)
  return entersJoint(change)
    ? enterJoint(configuration, change.changes, leavesByItself(change))
    : changeSimply(configuration, change.changes)
}

/** Goes from `C` to the joint `C,new` (Raft thesis, section 4.3). @throws {ConfChangeError} it is joint already, has no voter or would have none */
export function enterJoint(configuration: Configuration, changes: readonly ConfChangeSingle[], autoLeave: boolean): Configuration {
  const { incoming } = configuration.voters
  if (configuration.voters.isJoint) throw fault('already-joint', configuration)
  if (incoming.ids.length === 0) throw fault('no-voters', configuration)
  const draft = new Draft({ ...configuration, voters: new JointConfig(incoming.ids, incoming.ids) })
  draft.apply(changes)
  return draft.finish(configuration, autoLeave)
}

/** Goes from the joint `C,new` to `new`: the outgoing voters go, and members that waited for it become learners. @throws {ConfChangeError} it is not joint */
export function leaveJoint(configuration: Configuration): Configuration {
  if (!configuration.voters.isJoint) throw fault('not-joint', configuration)
  return checked({
    voters: new JointConfig(configuration.voters.incoming.ids),
    learners: ascending([...configuration.learners, ...configuration.learnersNext]),
    learnersNext: [],
    autoLeave: false,
  })
}

/**
 * Changes at most one voter, and any learners, in a single step: any majority before and any majority after still have a member in common (Raft thesis,
 * section 4.1).
 *
 * @throws {ConfChangeError} it is joint, would have no voter, or more than one voter would change
 */
export function changeSimply(configuration: Configuration, changes: readonly ConfChangeSingle[]): Configuration {
  if (configuration.voters.isJoint) throw fault('joint-only', configuration)
  const draft = new Draft(configuration)
  draft.apply(changes)
  const changed = draft.finish(configuration, false)
  const before = configuration.voters.incoming
  const after = changed.voters.incoming
  const differing = before.ids.filter(id => !after.has(id)).length + after.ids.filter(id => !before.has(id)).length
  if (differing > 1) throw fault('more-than-one-voter', configuration)
  return changed
}

function fault(what: ConfChangeFault, configuration: Configuration): ConfChangeError {
  return new ConfChangeError(what, describeConfiguration(configuration))
}

/** A configuration while steps are applied to it. Steps change the incoming voters; the outgoing ones stay as they are. */
class Draft {
  readonly #voters: Set<MemberId>
  readonly #outgoing: ReadonlySet<MemberId>
  readonly #learners: Set<MemberId>
  readonly #learnersNext: Set<MemberId>

  constructor({ voters, learners, learnersNext }: Configuration) {
    this.#voters = new Set(voters.incoming.ids)
    this.#outgoing = new Set(voters.outgoing.ids)
    this.#learners = new Set(learners)
    this.#learnersNext = new Set(learnersNext)
  }

  apply(changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      if (nodeId === NONE || type === 'update-node') continue
      const isLearner = this.#learners.has(nodeId)
      if (type === 'add-learner-node' && isLearner) continue
      this.#voters.delete(nodeId)
      this.#learners.delete(nodeId)
      this.#learnersNext.delete(nodeId)
      if (type === 'add-node') this.#voters.add(nodeId)
      else if (type === 'add-learner-node') this.#learnerSet(nodeId).add(nodeId)
    }
  }

  /** Where a new learner goes: it has to wait while it votes in the outgoing half. */
  #learnerSet(id: MemberId): Set<MemberId> {
    return this.#outgoing.has(id) ? this.#learnersNext : this.#learners
  }

  finish(before: Configuration, autoLeave: boolean): Configuration {
    if (this.#voters.size === 0) throw fault('removes-all-voters', before)
    return checked({
      voters: new JointConfig(this.#voters, this.#outgoing),
      learners: ascending(this.#learners),
      learnersNext: ascending(this.#learnersNext),
      autoLeave,
    })
  }
}
