/** What became of an operation on the book: a small whole number, which is also the reply to the event. */
export const Outcome = {
  /** It was done. */
  accepted: 0,
  /** The book holds no order of this id. */
  unknownOrder: 1,
  /** The book already holds an order of this id. */
  duplicateOrder: 2,
  /** The book holds as many orders as it may. */
  bookFull: 3,
  /** A value that no order can have: a price or size of 0, a side other than 1 and -1. */
  invalid: 4,
} as const

/** One of the numbers of {@link Outcome}. */
export type Outcome = (typeof Outcome)[keyof typeof Outcome]

const NAMES = ['accepted', 'unknown-order', 'duplicate-order', 'book-full', 'invalid'] as const

/** The name of an outcome, for people: `accepted`, `unknown-order`, `duplicate-order`, `book-full`, `invalid`. */
export function outcomeName(outcome: Outcome): (typeof NAMES)[Outcome] {
  return NAMES[outcome]
}
