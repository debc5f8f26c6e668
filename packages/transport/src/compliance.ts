/**
 * Checks any transport against the contract `Transport`: yours by the same cases as ours. Needs no test framework, and works with each that has `describe`
 * and `it`.
 *
 * @example
 * import { transportSuite } from '@disruptorx/transport/compliance'
 * import { describe, it } from 'node:test'
 * import { MyPlace } from './my-place.js'
 *
 * transportSuite({ describe, it }, 'my transport', { make: () => new MyPlace() })
 * @packageDocumentation
 */
export { TransportComplianceError } from './compliance/compliance-error.ts'
export type { TransportComplianceCase, TransportComplianceOptions, TransportPlace } from './compliance/options.ts'
export { type TransportTestFramework, transportCases, transportSuite } from './compliance/suite.ts'
