/**
 * On which cores a thread runs, and which cores are near each other. Node on Linux; elsewhere it says so.
 *
 * Pinning needs the optional package `koffi` (`npm install koffi`); everything else here does not.
 *
 * @example
 * import { affinity, nearCores, pin, tryPin } from '@disruptorx/core/affinity'
 *
 * const { cores } = nearCores(2)
 * tryPin(cores[0] ?? 0)
 * @packageDocumentation
 */
export { AffinityUnavailableError } from './affinity-errors.ts'
export { type NearCores, type NearCoresOptions, nearCores } from './affinity-near.ts'
export { affinity, type PinResult, pin, tryPin } from './affinity-pin.ts'
export { type CacheTopology, type CoreTopology, distanceBetween, type NodeTopology, type Topology, topology } from './affinity-topology.ts'
