import { DisruptorError } from '@disruptorx/contracts'
import { seeds } from '../seeds.ts'
import type { RunSeedsOptions } from './run-seeds.ts'
import type { Scenario, ScenarioResult } from './scenario.ts'

/** Two runs of one seed did not do the same. Code `DX_NOT_REPEATABLE`; the message shows where they part. */
export class NotRepeatableError extends DisruptorError {
  constructor(name: string, seed: number, first: string, second: string) {
    const message = `${name} with seed ${seed} does not do the same twice: something in it depends on more than the seed\n  ${first}\n  ${second}`
    super('DX_NOT_REPEATABLE', message, { name, seed })
  }
}

/**
 * Runs each seed twice, and holds the two runs to be the same in every byte of their traces: what every scenario must pass before anything that it finds is
 * worth something.
 *
 * @throws {NotRepeatableError}
 */
export async function checkRepeatable(scenario: Scenario, options: RunSeedsOptions = {}): Promise<void> {
  for (const seed of seeds(options.count, options.first)) {
    const [first, second] = [await scenario.run({ seed, trace: true }), await scenario.run({ seed, trace: true })]
    const parts = first.trace.findIndex((line, i) => line !== second.trace[i])
    if (parts >= 0 || first.trace.length !== second.trace.length) {
      const at = parts >= 0 ? parts : first.trace.length
      throw new NotRepeatableError(scenario.name, seed, first.trace[at] ?? 'the end', second.trace[at] ?? 'the end')
    }
    const [a, b] = [essenceOf(first), essenceOf(second)]
    if (a !== b) throw new NotRepeatableError(scenario.name, seed, a, b)
  }
}

/** All of a result but its trace, and the stack of its failure, which depends on who called. */
function essenceOf({ trace: _trace, failure, ...rest }: ScenarioResult): string {
  return JSON.stringify({ ...rest, failure: failure?.message })
}
