/** The highest term, index and round. One less than the largest safe number, so that the next one can still be told apart. */
export const MOST_NUMBER = Number.MAX_SAFE_INTEGER - 1

/**
 * The most that a message's term may be above that of a member that has a log. More elections than this cannot have been missed; and a single wrong message must
 * not use up the terms of a whole group. Far from any power of two: a bit that flips must not take a group to the edge, where some members would refuse the others.
 */
export const MOST_TERMS_AHEAD = 3 * 2 ** 39

/** Whether something is a number that a term, an index or a round can have: whole, from 0 to {@link MOST_NUMBER}. */
export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST_NUMBER
}
