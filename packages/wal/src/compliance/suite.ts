import { cuttingCases } from './cutting-cases.ts'
import { endingCases } from './ending-cases.ts'
import { manyLogsCases } from './many-logs-cases.ts'
import type { LogComplianceCase, LogComplianceOptions, LogPlace } from './options.ts'
import { readingCases } from './reading-cases.ts'
import { Trial } from './trial.ts'
import { writingCases } from './writing-cases.ts'

/** The two functions of a test framework that the suite uses. */
export interface LogTestFramework {
  describe(name: string, define: () => void): unknown
  it(name: string, run: () => Promise<void>): unknown
}

/** What a case does, and whether it needs a store that can crash. */
export interface CaseBody {
  readonly name: string
  readonly crashes?: boolean
  check(trial: Trial): Promise<void>
}

/** Every case, to be run one after the other. Where places cannot crash, the cases about that reject nothing. */
export function logJournalCases(options: LogComplianceOptions): LogComplianceCase[] {
  const ofOneLog = [...writingCases, ...readingCases, ...cuttingCases, ...endingCases]
  const bodies = options.onlyLog === undefined ? [...ofOneLog, ...manyLogsCases] : ofOneLog
  return bodies.map(({ name, crashes, check }) => ({
    name,
    async run() {
      const place: LogPlace = await options.make()
      const trial = new Trial(place, options)
      try {
        if (crashes !== true || place.crash !== undefined) await check(trial)
      } catch (error) {
        // The case's own error is the one to tell.
        await trial.end().catch(() => {})
        throw error
      }
      await trial.end()
    },
  }))
}

/** Defines a group of tests: one for each case of {@link logJournalCases}. */
export function logJournalSuite({ describe, it }: LogTestFramework, name: string, options: LogComplianceOptions): void {
  describe(name, () => {
    for (const { name: sentence, run } of logJournalCases(options)) it(sentence, run)
  })
}
