/**
 * Checks any store of logs against the contract `LogJournal`: yours by the same cases as ours. Needs no test framework, and works with each that has
 * `describe` and `it`.
 *
 * @example
 * import { logJournalSuite } from '@disruptorx/wal/compliance'
 * import { describe, it } from 'node:test'
 * import { MyPlace } from './my-store.js'
 *
 * logJournalSuite({ describe, it }, 'my store', { make: () => new MyPlace() })
 * @packageDocumentation
 */
export { LogComplianceError } from './compliance/compliance-error.ts'
export type { LogComplianceCase, LogComplianceOptions, LogPlace } from './compliance/options.ts'
export { type LogTestFramework, logJournalCases, logJournalSuite } from './compliance/suite.ts'
