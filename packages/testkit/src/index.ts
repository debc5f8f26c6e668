/**
 * What DisruptorX is tested with: whole worlds of nodes, disks and networks in virtual time, decided by one seed; chance that repeats, clocks that stand
 * still, directories that vanish, processes that die on cue.
 *
 * @example
 * import { SimulatedNode, Simulation } from '@disruptorx/testkit'
 *
 * const sim = new Simulation({ seed: 42 })
 * const node = new SimulatedNode(sim, { name: 'n1', start: process => void process.run('work', { step: () => 10 }) })
 * node.start()
 * await sim.run({ forMs: 1_000 })
 * @packageDocumentation
 */
export { type DiskFaultKind, type DiskFaultRates, type DiskFaults, diskFaultKinds } from './disk/disk-faults.ts'
export type { DiskLatency } from './disk/disk-latency.ts'
export { type DamageRange, FaultAtlas, type FaultAtlasOptions } from './disk/fault-atlas.ts'
export { type DiskDamage, SimulatedDisk, type SimulatedDiskOptions } from './disk/simulated-disk.ts'
export { type SimulatedFault, SimulatedFiles, type SimulatedFilesOptions } from './disk/simulated-files.ts'
export { FakeClock, type FakeClockOptions } from './fake-clock.ts'
export type { Weights } from './nemesis/fault-kind.ts'
export { type FaultKind, Nemesis, type NemesisOptions, type Recovery } from './nemesis/nemesis.ts'
export { type NetworkFaultOptions, networkFaults } from './nemesis/network-faults.ts'
export { type NodeFaultOptions, nodeFaults } from './nemesis/node-faults.ts'
export { type DiskFaultOptions, diskFaults } from './nemesis/storage-faults.ts'
export { swarm } from './nemesis/swarm.ts'
export { MessageError } from './network/clone-message.ts'
export type { LinkConditions } from './network/conditions.ts'
export { simulatedCarrier } from './network/simulated-carrier.ts'
export { LinkBrokenError, type SimulatedLink } from './network/simulated-link.ts'
export { type PayloadKind, SimulatedNetwork, type SimulatedNetworkOptions, type Station } from './network/simulated-network.ts'
export type { Packet, PacketKind, Wire } from './network/wire.ts'
export type { Actor, StepOptions } from './node/actors.ts'
export { SimulatedClock, type SimulatedClockOptions } from './node/simulated-clock.ts'
export { SimulatedNode, type SimulatedNodeOptions } from './node/simulated-node.ts'
export type { Datagrams, Messages, SimulatedProcess } from './node/simulated-process.ts'
export { PlantError, type PlantedBug, plantBug, plantedSources, type SourcePatch } from './platform/planted-bug.ts'
export { ProcessOutputError, ProcessStartError, ProcessTimeoutError } from './platform/process-errors.ts'
export { type ReadmeExample, readmeExamples } from './platform/readme-examples.ts'
export {
  type OutputStream,
  type ProcessOptions,
  type ProcessResult,
  type RunningProcess,
  runProcess,
  startProcess,
} from './platform/run-process.ts'
export type { FailedSeed } from './platform/scenario-messages.ts'
export {
  runScenarioFile,
  ScenarioBrokenError,
  type ScenarioFileFailure,
  type ScenarioFileOptions,
  type ScenarioFileResult,
} from './platform/scenario-processes.ts'
export { type TemporaryDirectory, temporaryDirectory } from './platform/temporary-directory.ts'
export { checkRepeatable, NotRepeatableError } from './scenario/repeatable.ts'
export { describeFailure, ScenarioError } from './scenario/report.ts'
export { type RunSeedsOptions, runSeeds, type SeedTotals } from './scenario/run-seeds.ts'
export type { Scenario, ScenarioFailure, ScenarioOptions, ScenarioResult } from './scenario/scenario.ts'
export { findShortestPrefix, type ShortestPrefix } from './scenario/shortest-prefix.ts'
export { simulate } from './scenario/simulate.ts'
export { SeededRandom } from './seeded-random.ts'
export { SeedError, seeds, type WithSeedOptions, withSeed } from './seeds.ts'
export { addCoverage, Coverage, type CoverageCounts } from './simulation/coverage.ts'
export { SimulationCutError, SimulationError, type SimulationFailureKind } from './simulation/errors.ts'
export type { EventOwner, SimulatedEvent } from './simulation/event-queue.ts'
export type { ResolvedLimits, SimulationLimits } from './simulation/limits.ts'
export type { Distribution, Range } from './simulation/range.ts'
export { type RunOptions, type RunOutcome, Simulation, type SimulationOptions } from './simulation/simulation.ts'
export { formatRecord, Trace, type TraceFields, type TraceOptions, type TraceRecord } from './simulation/trace.ts'
