import { OptionError } from '@disruptorx/contracts'
import { wholeNumber } from '@disruptorx/contracts/internal'
import { checkDistribution, checkLikelihood, checkRange, type Distribution, type Range } from '../simulation/range.ts'

/** What one direction between two nodes is like. */
export interface LinkConditions {
  /** How long a packet takes, in milliseconds. @default { least: 0.05, most: 2 } */
  readonly delayMs: Distribution
  /** How likely a packet is lost, from 0 to 1. @default 0 */
  readonly loss: number
  /** How likely a packet comes twice. @default 0 */
  readonly duplication: number
  /** How likely a packet is held up so that later ones overtake it. Without, packets keep their order. @default 0 */
  readonly reordering: number
  /** How long a packet is held up that others shall overtake, in milliseconds; and after which time a copy comes. @default { least: 1, most: 50 } */
  readonly holdUpMs: Range
  /** Bytes that get through in a second; packets wait for each other. @default Infinity */
  readonly bytesPerSecond: number
  /** Packets that may be under way; of more, each new one is refused. From 1. @default 10_000 */
  readonly maxQueued: number
}

const CONDITIONS: LinkConditions = {
  delayMs: { least: 0.05, most: 2 },
  loss: 0,
  duplication: 0,
  reordering: 0,
  holdUpMs: { least: 1, most: 50 },
  bytesPerSecond: Number.POSITIVE_INFINITY,
  maxQueued: 10_000,
}

/** Checks conditions; what is not given is as in `base`. @throws {OptionError} */
export function resolveConditions(given: Partial<LinkConditions>, base: LinkConditions = CONDITIONS): LinkConditions {
  const conditions = { ...base, ...given }
  checkDistribution('delayMs', conditions.delayMs)
  checkRange('holdUpMs', conditions.holdUpMs)
  for (const kind of ['loss', 'duplication', 'reordering'] as const) checkLikelihood(kind, conditions[kind])
  if (!(conditions.bytesPerSecond > 0)) throw new OptionError('bytesPerSecond', conditions.bytesPerSecond, 'a number above 0')
  wholeNumber('maxQueued', conditions.maxQueued, 1, 10_000_000)
  return conditions
}
