import type { Logger } from '@disruptorx/contracts'
import type { WaitStrategyHandle } from '@disruptorx/wait-strategies'
import type { FailedAt } from './fault.ts'
import type { HandlerLike } from './handle.ts'
import type { HandlerRef } from './topology.ts'

/** How a disruptor runs, whatever its ring. */
export interface DisruptorOptions {
  /** How handlers on workers wait that say nothing else. @default adaptive, which knows how many threads there are */
  readonly waitStrategy?: WaitStrategyHandle
  /** How long a handler may take to end before its worker is ended by force, in milliseconds: 0 to 3,600,000. @default 5,000 */
  readonly graceMs?: number
  /** Whether handlers may poison events, so that those that come after do not see them. Takes 8 bytes a slot. @default false */
  readonly poison?: boolean
  /** Where errors go of handlers with the policy `ignore`, on this thread, and failures of which `onFailure` is not told. @default the console */
  readonly logger?: Logger
  /**
   * Told once in each run when a handler failed: what it threw, with which `shutdown` and `closed` reject, and where. A start that fails tells only its caller.
   * @default the logger is told
   */
  readonly onFailure?: (error: Error, at: FailedAt) => void
}

/** How {@link DisruptorOver.group} makes a group. */
export interface GroupOptions<E> {
  readonly handlers: readonly HandlerLike<E>[]
  /** Handlers, or names of handlers and groups, declared before or after: the group sees each event only when all of them have dealt with it. @default none */
  readonly dependsOn?: readonly HandlerRef<E>[]
  /** Whether the handlers share the events, each dealt with by one of them, instead of each seeing all. @default false */
  readonly competing?: boolean
}

/** How {@link DisruptorOver.add} adds handlers. */
export interface AddOptions<E> extends GroupOptions<E> {
  /** The name of their group. @default none */
  readonly name?: string
}

/** How {@link DisruptorOver.start} starts. */
export interface StartOptions {
  /** Ends the start: what has started ends again, and a handler that is still being loaded is given up. */
  readonly signal?: AbortSignal
  /** How long the start may take, in milliseconds: 0 to 2^31 - 1, or Infinity. Then it ends as by `signal`. @default Infinity */
  readonly timeoutMs?: number
}
