import { readingCases, writingCases } from './cases.ts'
import type { CodecComplianceCase, CodecComplianceOptions } from './options.ts'
import { Trial } from './trial.ts'

/** The two functions of a test framework that the suite uses. */
export interface CodecTestFramework {
  describe(name: string, define: () => void): unknown
  it(name: string, run: () => void): unknown
}

/** Every case, to be run in any order. */
export function codecCases<T>(options: CodecComplianceOptions<T>): CodecComplianceCase[] {
  return [...writingCases, ...readingCases].map(({ name, check }) => ({ name, run: () => check(new Trial(options)) }))
}

/** Defines a group of tests: one for each case of {@link codecCases}. */
export function codecSuite<T>({ describe, it }: CodecTestFramework, name: string, options: CodecComplianceOptions<T>): void {
  describe(name, () => {
    for (const { name: sentence, run } of codecCases(options)) it(sentence, run)
  })
}
