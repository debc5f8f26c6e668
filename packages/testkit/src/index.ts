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
export { FakeClock, type FakeClockOptions } from './fake-clock.ts'
export { ProcessOutputError, ProcessStartError, ProcessTimeoutError } from './platform/process-errors.ts'
export {
  type OutputStream,
  type ProcessOptions,
  type ProcessResult,
  type RunningProcess,
  runProcess,
  startProcess,
} from './platform/run-process.ts'
export { type TemporaryDirectory, temporaryDirectory } from './platform/temporary-directory.ts'
export { SeededRandom } from './seeded-random.ts'
export { SeedError, seeds, type WithSeedOptions, withSeed } from './seeds.ts'
export { type SimulatedFault, SimulatedFiles, type SimulatedFilesOptions } from './simulated-files.ts'
