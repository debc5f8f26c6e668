/**
 * What DisruptorX is tested with: chance that repeats, clocks that stand still, directories that vanish, processes that die on cue.
 *
 * @example
 * import { SeededRandom } from '@disruptorx/testkit'
 *
 * const random = new SeededRandom(42)
 * const side = random.pick(['buy', 'sell'])
 * @packageDocumentation
 */
export { SeededRandom } from './seeded-random.ts'
