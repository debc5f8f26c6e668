import type { SeededRandom } from '../seeded-random.ts'

/**
 * Turns each of these rates or weights off with a likelihood of one half, and draws the others between 0 and what is given: each seed meets another mixture.
 * Runs in which some faults are missing find bugs that runs with all of them hide, because one fault prevents what another needs (swarm testing; Groce and
 * others, 2012).
 *
 * @example
 * const disk = { faults: swarm({ lostWrites: 1, tornSectors: 1, forgetfulSyncs: 0.05 }, sim.randomFor('swarm')) }
 */
export function swarm<Rates extends Readonly<Record<string, number>>>(most: Rates, random: SeededRandom): Rates {
  return Object.fromEntries(
    Object.entries(most).map(([name, rate]) => [name, random.derive(name).chance(0.5) ? rate * random.derive(name, 'rate').float() : 0]),
  ) as Rates
}
