declare const space: unique symbol

/**
 * A number that belongs to one number space.
 *
 * A plain `number` is accepted where a branded one is asked for, so literals and arithmetic stay easy to write;
 * a number of one space is refused where another space is asked for, which is the mistake that loses data.
 */
export type Branded<Space extends string> = number & { readonly [space]?: Space }

/** A slot of one ring in one process. Counts from 0 and never goes back. A whole number up to 2^53 - 1. */
export type Sequence = Branded<'sequence'>

/** An entry of one replicated log, counted from 1. An uncommitted suffix can be replaced, so it means little without its {@link Term}. */
export type Index = Branded<'index'>

/** The reign of one leader, counted from 1. */
export type Term = Branded<'term'>

/** A write of one node's journal, counted from 1. Truncations and votes are writes too, so it never goes back. */
export type Lsn = Branded<'lsn'>

/** A logical log inside a node's journal: a whole number from 0 to 2^32 - 1. */
export type LogId = Branded<'log'>

/** The position of one event inside its entry, counted from 0. (index, ordinal) names an event. */
export type Ordinal = Branded<'ordinal'>

/** Who publishes: a session's client. A whole number from 1 to 2^53 - 1. */
export type ClientId = Branded<'client'>
