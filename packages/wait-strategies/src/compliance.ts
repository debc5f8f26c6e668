/**
 * Checks any wait strategy against its contract: yours by the same cases as ours. Needs no test framework, and works with each that has `describe` and `it`.
 *
 * @example
 * import { waitStrategySuite } from '@disruptorx/wait-strategies/compliance'
 * import { describe, it } from 'node:test'
 * import { MyStrategy } from './my-strategy.js'
 *
 * waitStrategySuite({ describe, it }, 'my strategy', { make: clock => new MyStrategy(clock) })
 * @packageDocumentation
 */
export { ComplianceError } from './compliance/compliance-error.ts'
export type { AsyncComplianceOptions, ComplianceCase, ComplianceOptions } from './compliance/options.ts'
export {
  asyncWaitStrategyCases,
  asyncWaitStrategySuite,
  type TestFramework,
  waitStrategyCases,
  waitStrategySuite,
} from './compliance/suite.ts'
