import { joiningCases } from './joining-cases.ts'
import { leavingCases } from './leaving-cases.ts'
import { messageCases } from './message-cases.ts'
import type { TransportComplianceCase, TransportComplianceOptions } from './options.ts'
import { requestCases } from './request-cases.ts'
import { streamCases } from './stream-cases.ts'
import { Trial } from './trial.ts'

/** The two functions of a test framework that the suite uses. */
export interface TransportTestFramework {
  describe(name: string, define: () => void): unknown
  it(name: string, run: () => Promise<void>): unknown
}

/** What a case does, and whether node `a` has to listen for it. */
export interface CaseBody {
  readonly name: string
  readonly aListens?: boolean
  check(trial: Trial): Promise<void>
}

/** Every case. Where node `a` can only dial, the cases in which it listens reject nothing. */
export function transportCases(options: TransportComplianceOptions): TransportComplianceCase[] {
  const bodies: CaseBody[] = [...messageCases, ...requestCases, ...streamCases, ...joiningCases, ...leavingCases]
  return bodies.map(({ name, aListens, check }) => ({
    name,
    async run() {
      const place = await options.make()
      const trial = new Trial(place)
      const body = async () => {
        try {
          if (!(aListens === true && place.onlyDials === true)) await check(trial)
        } finally {
          await trial.end()
        }
      }
      try {
        await (place.run === undefined ? body() : place.run(body))
      } finally {
        await place.remove?.()
      }
    },
  }))
}

/** Defines a group of tests: one for each case of {@link transportCases}. */
export function transportSuite({ describe, it }: TransportTestFramework, name: string, options: TransportComplianceOptions): void {
  describe(name, () => {
    for (const { name: sentence, run } of transportCases(options)) it(sentence, run)
  })
}
