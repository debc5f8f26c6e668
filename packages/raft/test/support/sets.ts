/** All subsets of a small set. */
export function subsetsOf(ids: readonly number[]): number[][] {
  return Array.from({ length: 2 ** ids.length }, (_, bits) => ids.filter((_id, i) => (bits >> i) % 2 === 1))
}

/** All subsets with more than half of the members. */
export function majoritiesOf(ids: readonly number[]): number[][] {
  return subsetsOf(ids).filter(subset => subset.length * 2 > ids.length)
}
