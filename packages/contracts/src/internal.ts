/**
 * The few helpers that several DisruptorX packages need. For siblings only: no promise of stability.
 *
 * @packageDocumentation
 */
export { crc32 } from './internal/crc32.ts'
export { FileCall, type FileTask, perform, runBlocking } from './internal/file-request.ts'
export { LatencyHistogram } from './internal/latency-histogram.ts'
export { nonEmptyText, oneOf, powerOfTwo, wholeNumber } from './internal/options.ts'
export { type ErrorData, errorFromData, errorToData } from './internal/thread-errors.ts'
export { type Zstd, zstd } from './internal/zstd.ts'
export { systemClock, systemRandom } from './platform/system.ts'
