import type { ConfChange } from '../../src/index.ts'

/** What whoever drives a member may do, and need not. */
export interface Habits {
  /** Lets the group sleep when there is nothing to do, and wakes it. */
  readonly sleeps: boolean
  /** Keeps the saved log elsewhere: entries have to be fetched. */
  readonly fetches: boolean
  /** Asks for joint configurations that are not left of themselves, and leaves them. */
  readonly leavesByHand: boolean
  /** Knows whether a snapshot has arrived. */
  readonly reportsSnapshots: boolean
  /** Does not keep what is committed: after a start that is as little as the newest snapshot says. */
  readonly forgetsCommits: boolean
  /** Keeps what its state machine has applied beside the log, and goes on from there. */
  readonly keepsState: boolean
}

/** Only what must be. */
export const NO_HABITS: Habits = {
  sleeps: false,
  fetches: false,
  leavesByHand: false,
  reportsSnapshots: false,
  forgetsCommits: false,
  keepsState: false,
}

/** A user waits so long for the next thing. */
export const USE_EVERY_MS = { least: 5, most: 150 }

/** A group is sent to sleep, or woken, so often where it sleeps at all. */
export const SLEEP_EVERY_MS = { least: 20, most: 400 }

/** How users ask for changes of the configuration. */
export function transitionsOf({ leavesByHand }: Habits = NO_HABITS): readonly ConfChange['transition'][] {
  return leavesByHand ? ['auto', 'joint-implicit', 'joint-explicit'] : ['auto', 'joint-implicit']
}
