import { changeSimply, enterJoint, leaveJoint } from '../../src/config/changer.ts'
import { describeConfiguration } from '../../src/config/configuration.ts'
import { ProgressTracker } from '../../src/config/tracker.ts'
import { ConfChangeError, type ConfChangeFault } from '../../src/errors.ts'
import { type Case, valuesOf } from './cases.ts'
import { parseChanges } from './changes.ts'

const faults: Readonly<Record<ConfChangeFault, string>> = {
  'already-joint': 'config is already joint',
  'not-joint': "can't leave a non-joint config",
  'no-voters': "can't make a zero-voter config joint",
  'removes-all-voters': 'removed all voters',
  'joint-only': "can't apply simple config change in joint config",
  'more-than-one-voter': 'more than one voter changed without entering joint config',
  'too-many-members': 'too many members',
  inconsistent: 'inconsistent',
}

/** Changes a configuration step by step. Each command is one entry of the log. */
export class ConfChanges {
  readonly #tracker = new ProgressTracker(10, Number.POSITIVE_INFINITY)
  #lastIndex = 0

  run({ command, args, input }: Case): string {
    const { configuration } = this.#tracker
    const changes = parseChanges(input)
    try {
      const autoLeave = valuesOf(args, 'autoleave')[0] === 'true'
      const changed =
        command === 'simple'
          ? changeSimply(configuration, changes)
          : command === 'enter-joint'
            ? enterJoint(configuration, changes, autoLeave)
            : leaveJoint(configuration)
      this.#tracker.switchTo(changed, this.#lastIndex)
    } catch (error) {
      if (!(error instanceof ConfChangeError)) throw error
      return faults[error.fault]
    } finally {
      this.#lastIndex++
    }
    const members = this.#tracker.members.map(
      ({ id, match, next, isLearner }) => `${id}: StateProbe match=${match} next=${next}${isLearner ? ' learner' : ''}`,
    )
    return [describeConfiguration(this.#tracker.configuration), ...members].join('\n')
  }
}
