import type { UNKNOWN, Unknown } from './model.ts'

/** One operation of a history: who asked for what and when, what came back and when. */
export interface Operation<Input, Output> {
  /** Who asked for it. A client may have several operations under way. */
  readonly client: number | string
  readonly input: Input
  /** What came back; {@link UNKNOWN} if nobody saw it: then it may have happened at any time after the call, or never. */
  readonly output: Output | Unknown
  /** When it was asked for, on the one clock of the history; in any unit. */
  readonly calledAt: number
  /** When its output came back: not before it was asked for. `Infinity` together with {@link UNKNOWN}. */
  readonly returnedAt: number
}
