/** In place of an output that nobody got to see: the operation timed out, or its client died. */
export const UNKNOWN = Symbol.for('disruptorx.unknown')

/** The type of {@link UNKNOWN}. */
export type Unknown = typeof UNKNOWN

/**
 * What an object would do if its operations came one after the other: the sequential specification to which a concurrent history is held.
 *
 * States are values: `step` returns another one, and never changes what it was given.
 */
export interface SequentialModel<State, Input, Output> {
  /** What it is a model of. */
  readonly name: string
  /** The state before the first operation. */
  readonly initial: State
  /**
   * The state after an operation, or `undefined` if in this state the operation cannot have had this output. Where the output is {@link UNKNOWN}, any
   * will do.
   */
  step(state: State, input: Input, output: Output | Unknown): State | undefined
  /** Two states have the same key exactly if no operation can tell them apart. */
  keyOf(state: State): string
  /**
   * Whether an operation with this output leaves every state as it is in which it can have it: a read, a compare-and-set that failed. To say so makes
   * checking much faster, and is never wrong to leave out.
   */
  isRead?(input: Input, output: Output | Unknown): boolean
  /**
   * Which part of the object an operation is about, if it consists of parts that do not know of each other, such as the keys of a map. Each part is then
   * checked by itself, and starts in the state {@link initial}, which is what makes long histories feasible.
   */
  partOf?(input: Input): string
  /** An operation, for people: `put(x, 3)`, `get(x) -> 4`. */
  describe(input: Input, output: Output | Unknown): string
}
