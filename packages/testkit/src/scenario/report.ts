import { DisruptorError } from '@disruptorx/contracts'
import { FAULT_MARK } from '../simulation/trace.ts'
import type { ScenarioResult } from './scenario.ts'
import type { ShortestPrefix } from './shortest-prefix.ts'

/** The newest trace lines that a report shows, and before them the newest faults. */
const TRACE_LINES = 60
const FAULT_LINES = 20

/** A scenario failed with a seed. Code `DX_SCENARIO`; the message is the report: how to repeat it, its shortest failing prefix, and the end of the trace. */
export class ScenarioError extends DisruptorError {
  constructor(name: string, failed: ScenarioResult, shortest: ShortestPrefix) {
    super('DX_SCENARIO', describeFailure(name, failed, shortest).join('\n'), { name, seed: failed.seed, events: shortest.events })
  }
}

/** Which seed failed with what, and how to repeat it. */
export function describeSeed(name: string, seed: number, message: string): string[] {
  return [`${name} failed with seed ${seed}: ${message}`, `repeat it: npm run sim -- --scenario ${name} --seed ${seed} --trace`]
}

/** A failed run, for people: line by line. */
export function describeFailure(name: string, failed: ScenarioResult, shortest: ShortestPrefix, traceLines = TRACE_LINES): string[] {
  const { seed, failure, events } = failed
  const { result } = shortest
  const shown = result.trace.slice(-traceLines)
  const faults = result.trace.slice(0, result.trace.length - shown.length).filter(line => line.startsWith(FAULT_MARK))
  return [
    ...describeSeed(name, seed, failure?.message ?? 'nothing is wrong'),
    `shortest failing prefix: ${shortest.events} of ${events} events, found in ${shortest.runs} runs: ${result.failure?.message ?? 'right this time: the run depends on more than its seed'}`,
    ...(result.failure?.stack.split('\n').map(line => `  ${line}`) ?? []),
    ...(faults.length > 0 ? [`the last of ${faults.length} faults before that:`, ...faults.slice(-FAULT_LINES)] : []),
    `the last ${shown.length} of ${result.trace.length} lines of its trace:`,
    ...shown,
  ]
}
