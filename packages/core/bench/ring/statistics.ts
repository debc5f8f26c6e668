/** Middle, least and most of several measurements. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** What several measurements of one thing come to. Of an even number, the median is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
  return { median, least: sorted[0] as number, most: sorted.at(-1) as number }
}
