/** In place of an output that nobody got to see: the operation timed out, or its client died. */
export const UNKNOWN = Symbol.for('disruptorx.unknown')

/** The type of {@link UNKNOWN}. */
export type Unknown = typeof UNKNOWN

/** What is wrong with the input of an operation: what the error says that refuses it. */
export interface InputFault {
  /** The field that is wrong; left out where it is the whole input. */
  readonly field?: string
  /** What it is. */
  readonly value: unknown
  /** What it must be: `one of read, write`. */
  readonly allowed: string
}

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
  /**
   * What is wrong with an input that the object does not know; `undefined` if nothing is. All inputs are held to it before anything is decided, and a history
   * with another one is refused with `DX_OPTION`: by itself a {@link step} easily takes a kind that is mistyped for its last one. Without this, inputs are
   * taken as they are.
   *
   * A model that is made from another one takes the same inputs, unless it says otherwise.
   */
  checkInput?(input: unknown): InputFault | undefined
  /** An operation, for people: `put(x, 3)`, `get(x) -> 4`. */
  describe(input: Input, output: Output | Unknown): string
}
