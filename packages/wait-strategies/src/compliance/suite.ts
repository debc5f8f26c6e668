import {
  type AsyncComplianceOptions,
  asyncSubjectOf,
  type ComplianceCase,
  type ComplianceOptions,
  type Subject,
  subjectOf,
} from './options.ts'
import { realCases } from './real-cases.ts'
import { simulatedCases } from './simulated-cases.ts'

/** The two functions of a test framework that the suite uses. */
export interface TestFramework {
  describe(name: string, define: () => void): unknown
  it(name: string, run: () => Promise<void>): unknown
}

/**
 * Every case for a strategy that blocks its thread, to be run one after the other.
 *
 * Most simulate the other threads, and so try every moment at which something can happen; one has a real second thread. Cases that this platform
 * cannot run are left out: those with threads and about memory need Node. The second thread runs the file `compliance-mover.js` of this package.
 */
export function waitStrategyCases(options: ComplianceOptions): ComplianceCase[] {
  return casesOf(subjectOf(options))
}

/** {@link waitStrategyCases} for a strategy of event loops. */
export function asyncWaitStrategyCases(options: AsyncComplianceOptions): ComplianceCase[] {
  return casesOf(asyncSubjectOf(options))
}

/** Defines a group of tests: one for each case of {@link waitStrategyCases}. */
export function waitStrategySuite(framework: TestFramework, name: string, options: ComplianceOptions): void {
  define(framework, name, waitStrategyCases(options))
}

/** Defines a group of tests: one for each case of {@link asyncWaitStrategyCases}. */
export function asyncWaitStrategySuite(framework: TestFramework, name: string, options: AsyncComplianceOptions): void {
  define(framework, name, asyncWaitStrategyCases(options))
}

function casesOf(subject: Subject): ComplianceCase[] {
  return [...simulatedCases(subject), ...realCases(subject)]
}

function define({ describe, it }: TestFramework, name: string, cases: readonly ComplianceCase[]): void {
  describe(name, () => {
    for (const { name: sentence, run } of cases) it(sentence, run)
  })
}
