import { OptionError } from '@disruptorx/contracts'
import type { SeededRandom } from '../seeded-random.ts'

/** Two bounds between which a number is drawn, both included; or one number, for always that. */
export type Range = number | { readonly least: number; readonly most: number }

/** Checks a range of finite numbers of at least 0. @throws {OptionError} */
export function checkRange(option: string, range: Range): { readonly least: number; readonly most: number } {
  const { least, most } = typeof range === 'number' ? { least: range, most: range } : range
  if (!(least >= 0 && most >= least && most <= Number.MAX_SAFE_INTEGER))
    throw new OptionError(option, `${least} to ${most}`, 'a number of at least 0, or { least, most } in this order')
  return { least, most }
}

/** A number of the range; with a fraction, each part of the range as likely as any other of its length. */
export function drawFrom(range: Range, random: SeededRandom): number {
  if (typeof range === 'number') return range
  return range.most === range.least ? range.least : range.least + (range.most - range.least) * random.float()
}

/**
 * How numbers are spread: evenly over a range; `{ least, mean }`, exponentially above a least one; or `{ usual, rare, likelihood }`, mostly one way and,
 * with a likelihood, another way.
 */
export type Distribution =
  | Range
  | { readonly least: number; readonly mean: number }
  | { readonly usual: Distribution; readonly rare: Distribution; readonly likelihood: number }

/** Checks a distribution of finite numbers of at least 0. @throws {OptionError} */
export function checkDistribution(option: string, distribution: Distribution): void {
  if (typeof distribution === 'number' || 'most' in distribution) checkRange(option, distribution)
  else if ('mean' in distribution) checkRange(`${option} as { least, mean }`, { least: distribution.least, most: distribution.mean })
  else {
    checkDistribution(`${option}.usual`, distribution.usual)
    checkDistribution(`${option}.rare`, distribution.rare)
    checkLikelihood(`${option}.likelihood`, distribution.likelihood)
  }
}

/** A number of the distribution. An exponential one ends at 20 times its mean. */
export function drawFromDistribution(distribution: Distribution, random: SeededRandom): number {
  if (typeof distribution === 'number' || 'most' in distribution) return drawFrom(distribution, random)
  if ('mean' in distribution) {
    const { least, mean } = distribution
    return least + (mean - least) * Math.min(20, -Math.log(1 - random.float()))
  }
  return drawFromDistribution(random.float() < distribution.likelihood ? distribution.rare : distribution.usual, random)
}

/** Checks a likelihood. @throws {OptionError} */
export function checkLikelihood(option: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw new OptionError(option, value, 'a number from 0 to 1')
  return value
}

/** Whether something of this likelihood happens. What is never or always so draws nothing. */
export function happens(likelihood: number, random: SeededRandom): boolean {
  return likelihood > 0 && (likelihood >= 1 || random.float() < likelihood)
}
