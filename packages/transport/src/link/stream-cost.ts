const LEAST_COST = 256

/** What a piece of a stream takes of its window: its bytes, but not less than what keeping it takes. So small pieces cannot fill the receiver's memory. */
export function costOf(bytes: number): number {
  return Math.max(bytes, LEAST_COST)
}
