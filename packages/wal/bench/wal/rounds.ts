import { systemClock } from '@disruptorx/contracts/internal'
import { type Spread, spreadOf } from '../../../core/bench/ring/statistics.ts'
import type { Sizes } from './sizes.ts'

/** Does something once, and returns what it measured. */
export type Round = () => number | Promise<number>

/** Nanoseconds that something takes. */
export function nsOf(act: () => void): number {
  const startNs = systemClock.monotonicNs()
  act()
  return systemClock.monotonicNs() - startNs
}

/** What rounds of two things measured that were played in turns. */
export interface Pairs {
  readonly ours: Spread
  readonly theirs: Spread
  /** Ours by theirs, of each two rounds that followed each other. */
  readonly ratio: Spread
  /** How many of the rounds that count other programs disturbed. */
  readonly disturbed: number
}

/** A round in which the plain loop was slower than this share of its best was disturbed by other programs. */
const CALM_SHARE = 0.75
/** So many turns are played for each that counts, at most. */
const MOST_TURNS = 1.5

/**
 * Plays rounds of two things in turns: whatever other programs do to the disk and the cores, they do to both. Disturbed turns are played again, at most half as many as count;
 * those in which `theirs` was fastest count, which is to our disadvantage if anything.
 */
export async function inPairs(theirs: Round, ours: Round, { rounds, warmUp }: Pick<Sizes, 'rounds' | 'warmUp'>): Promise<Pairs> {
  for (let i = 0; i < warmUp; i++) void [await theirs(), await ours()]
  const turns: { readonly their: number; readonly our: number }[] = []
  const calm = () => {
    const best = Math.max(...turns.map(({ their }) => their))
    return turns.filter(({ their }) => their >= best * CALM_SHARE).length
  }
  while (turns.length < rounds || (calm() < rounds && turns.length < rounds * MOST_TURNS))
    turns.push({ their: await theirs(), our: await ours() })
  const disturbed = Math.max(0, rounds - calm())
  turns.sort((a, b) => b.their - a.their).splice(rounds)
  return {
    ours: spreadOf(turns.map(({ our }) => our)),
    theirs: spreadOf(turns.map(({ their }) => their)),
    ratio: spreadOf(turns.map(({ our, their }) => our / their)),
    disturbed,
  }
}

/** Plays rounds of one thing. */
export async function alone(round: Round, rounds: number, warmUp = 0): Promise<Spread> {
  for (let i = 0; i < warmUp; i++) await round()
  const values: number[] = []
  for (let i = 0; i < rounds; i++) values.push(await round())
  return spreadOf(values)
}

/** @throws when a journal did not find room in the segment that it began with: a round then made another one, and measured that */
export function checkOneSegment({ segmentsMadeInline }: { readonly segmentsMadeInline: number }): void {
  if (segmentsMadeInline > 0) throw new Error('what was appended has outgrown its segment: this measures the making of segments')
}

/** Says that rounds were disturbed, if they were. */
export function disturbance({ disturbed }: Pick<Pairs, 'disturbed'>): string {
  return disturbed === 0 ? '' : `; DISTURBED by other programs: ${disturbed} rounds`
}
